"""What simple methods reach on a corpus: n-gram models and compressors, to compare a model's loss with.

Losses are in nats per character of the validation part, given the training part. They are computed once
for each text and split, and kept in the cache; a damaged file is made again. Of a long text only the last
characters of the training part are read, which `counted` says.

A compressor is charged for what the validation text adds to the training text: the size of both together
less the size of the training text alone, both compressed as UTF-8. xz (its default preset) sees all that
is counted. bzip2 compresses blocks of 900,000 bytes apart from each other, so it is given as much of the
training text as fits into one block with the validation text.
"""

import bz2
import contextlib
import dataclasses
import hashlib
import json
import lzma
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lstmterm import atomic, paths, plain_data
from lstmterm.amounts import NATS_PER_BIT
from lstmterm.corpora import kneser_ney
from lstmterm.corpora.corpus import Corpus
from lstmterm.corpora.splits import Split
from lstmterm.runs.comparison import FLOOR

NAMES = ("unigram", "bigram", "trigram", "4-gram", "5-gram", "6-gram")
MOST_COUNTED = 4_000_000  # characters of the training part
_MOST_PREDICTED = 1_000_000  # characters of the validation part
_LEAST_COMPRESSED = 1_000  # characters of the validation part; the size of fewer says little
_FORMAT = 1
_BZIP2_BLOCK = 899_000  # bytes that surely fit into one
_XZ_DICTIONARY = 1 << 23  # bytes, of the default preset


@dataclass(frozen=True)
class Baselines:
    """Losses by name, in nats per character; the characters counted, at the end of a training part of `of`."""

    losses: Mapping[str, float]
    counted: int
    of: int
    compressed: bool  # whether the compressors were tried

    @property
    def sampled(self) -> str:
        """What was counted, where that is only a part: "the last 4,000,000 of 90,000,000 characters"."""
        return f"the last {self.counted:,} of {self.of:,} characters" if self.counted < self.of else ""


def of_ngrams(corpus: Corpus, split: Split) -> Baselines:
    """The n-gram baselines, which take a moment, and those of the compressors if they are known already."""
    path = _path(corpus, split)
    return _with_floor(_kept(path) or _keep(path, _counted(corpus, split)), corpus)


def of_all(corpus: Corpus, split: Split) -> Baselines:
    """All baselines: about a second for a million characters, the first time."""
    path = _path(corpus, split)
    found = _kept(path) or _counted(corpus, split)
    if not found.compressed:
        more = dict(found.losses) | _compressed(corpus, split)
        found = _keep(path, dataclasses.replace(found, losses=more, compressed=True))
    return _with_floor(found, corpus)


def known(corpus: Corpus, split: Split) -> Baselines | None:
    """The baselines that are kept already, None without any."""
    found = _kept(_path(corpus, split))
    return None if found is None else _with_floor(found, corpus)


def _with_floor(found: Baselines, corpus: Corpus) -> Baselines:
    if corpus.floor is None:
        return found
    return dataclasses.replace(found, losses={**found.losses, FLOOR: corpus.floor})


def _spans(split: Split) -> tuple[tuple[int, int], tuple[int, int]]:
    """The parts of the text that are counted and predicted."""
    (first, last), (start, stop) = split.train, split.val
    return (max(first, last - MOST_COUNTED), last), (start, min(stop, start + _MOST_PREDICTED))


def _counted(corpus: Corpus, split: Split) -> Baselines:
    train, val = _spans(split)
    losses = kneser_ney.losses(corpus.ids[slice(*train)], corpus.ids[slice(*val)], len(corpus.vocabulary))
    named: dict[str, float] = dict(zip(NAMES, losses, strict=False))
    return Baselines(named, train[1] - train[0], split.train[1] - split.train[0], compressed=False)


def _compressed(corpus: Corpus, split: Split) -> dict[str, float]:
    train, val = _spans(split)
    if val[1] - val[0] < _LEAST_COMPRESSED:
        return {}
    text, wanted = (corpus.text(*span).encode("utf-8", "surrogatepass") for span in (train, val))
    block = max(_BZIP2_BLOCK - len(wanted), 0)
    added = {
        "xz": _added(_xz, text, wanted),
        "bzip2": _added(bz2.compress, text[len(text) - min(block, len(text)) :], wanted),
    }
    return {name: size * 8 * NATS_PER_BIT / (val[1] - val[0]) for name, size in added.items() if size > 0}


def _added(compress: Callable[[bytes], bytes], text: bytes, more: bytes) -> int:
    """How many bytes `more` adds to the compressed text."""
    return len(compress(text + more)) - len(compress(text))


def _xz(data: bytes) -> bytes:
    """As xz compresses, without the container, whose padding would blur the size.

    It needs no more memory than the data does.
    """
    dictionary = min(max(1 << len(data).bit_length(), 1 << 12), _XZ_DICTIONARY)
    chain = [{"id": lzma.FILTER_LZMA1, "preset": lzma.PRESET_DEFAULT, "dict_size": dictionary}]
    return lzma.compress(data, lzma.FORMAT_ALONE, filters=chain)


# Kept in the cache


def _path(corpus: Corpus, split: Split) -> Path:
    identity = json.dumps([_FORMAT, corpus.digest, split.train, split.val, MOST_COUNTED])
    return paths.encoded() / f"{hashlib.sha256(identity.encode()).hexdigest()[:40]}.baselines"


def _kept(path: Path) -> Baselines | None:
    try:
        found = plain_data.restored(Baselines, plain_data.read(path))
    except (OSError, plain_data.Damaged):
        return None
    return found if all(map(_is_loss, found.losses.values())) else None


def _is_loss(nats: float) -> bool:
    return math.isfinite(nats) and nats >= 0


def _keep(path: Path, found: Baselines) -> Baselines:
    """Store them if that is possible: without, they are computed again the next time."""
    with contextlib.suppress(OSError):
        atomic.write_text(path, json.dumps(dataclasses.asdict(found)))
    return found
