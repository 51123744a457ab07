"""Model files, their headers, their vocabularies."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.tagging.words import TaggerVocabulary
from tests.trust.fuzzing import a_sentence, as_object, target
from tests.trust.test_hostile_models import good_models, joined, parts_of, used


def _headers() -> Iterator[bytes]:
    for raw in good_models():
        header, metadata, _ = parts_of(raw)
        del header["__metadata__"]
        yield json.dumps(header).encode() + b"\n\n" + json.dumps(metadata).encode()


@target(
    _headers,
    "F32",
    "F16",
    "shape",
    "data_offsets",
    "lstmterm",
    "sizes",
    "vocabulary",
    "symbols",
    "scheme",
    "bio",
)
def headers_of_models(folder: Path, data: bytes) -> None:
    """Two objects of JSON, the tensors and the metadata, in a file of the size that the tensors claim."""
    first, _, second = data.partition(b"\n\n")
    tensors, metadata = as_object(first), as_object(second)
    ends = [t.get("data_offsets", [0]) for t in tensors.values() if isinstance(t, dict)]
    size = max((n for end in ends if isinstance(end, list) for n in end if type(n) is int), default=0)
    path = folder / "a.safetensors"
    path.write_bytes(joined({**tensors, "__metadata__": {}}, metadata, bytes(min(max(size, 0), 100_000))))
    with a_sentence():
        used(path)


@target(good_models, "__metadata__", "F32", "F16", "shape", "data_offsets", "lstmterm")
def model_files(folder: Path, data: bytes) -> None:
    path = folder / "a.safetensors"
    path.write_bytes(data)
    with a_sentence():
        used(path)


def _vocabularies() -> Iterator[bytes]:
    for raw in good_models():
        yield json.dumps(parts_of(raw)[1]["vocabulary"] | {"text": "the sea e\u0301 \ud83d"}).encode()
    yield b'{"level": "byte", "symbols": "", "text": "\\u00ff\\udc80"}'


@target(
    _vocabularies,
    "level",
    "symbols",
    "text",
    "forms",
    "rare",
    "suffixes",
    "suffix_lengths",
    "tags",
    "\\ud800",
)
def vocabularies(folder: Path, data: bytes) -> None:
    values = as_object(data)
    text = str(values.pop("text", ""))
    with suppress(ValueError):
        vocabulary = Vocabulary.from_dict(values)
        numbers = vocabulary.encode(text)
        assert numbers.max(initial=0) <= vocabulary.unknown
        if vocabulary.level == "char":
            known = "".join(c if c in vocabulary.symbols else "\ufffd" for c in text)
            assert vocabulary.decode(numbers) == known
        vocabulary.missing(text)
        assert Vocabulary.from_dict(vocabulary.to_dict()) == vocabulary
    try:
        tagger = TaggerVocabulary.from_dict(values)
    except ValueError:
        return
    tagger.features([*text.split(" "), *tagger.forms])
    tagger.knows(text)
