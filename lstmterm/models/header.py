"""The header of a model file, checked in full before anything of its data is read.

A file is not trusted: each claim of the header is compared with the file's size, with the limits here
and with the other claims. Every command gets the same verdict, because all of them read a header here.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeGuard, get_args

import numpy as np

from lstmterm import plain_data
from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.errors import InputError
from lstmterm.models.shapes import Shape, charlm_shapes, tagger_shapes
from lstmterm.tagging.spans import Scheme
from lstmterm.tagging.treebank import Level
from lstmterm.tagging.words import TaggerVocabulary

FORMAT = 1
KEY = "lstmterm"  # in the metadata of the header
LONGEST = 16_000_000  # bytes
DTYPES = {"F32": "<f4", "F16": "<f2"}  # of a tensor: numpy's name
_MOST_TENSORS = 1_000
_MOST_DIMENSIONS = 2
_LONGEST_NAME = 255  # characters
_SIZES = {"layers": (1, 64), "hidden": (1, 65_536), "embedding": (0, 65_536), "vocabulary": (0, 1_114_112)}
_TYPES = {
    **dict.fromkeys(("spec", "corpus", "split", "metrics", "versions", "baselines"), dict),
    **dict.fromkeys(("created", "run", "command"), str),
    "complete": bool,
}  # of what a header may leave out


@dataclass(frozen=True)
class StoredTensor:
    """Where a tensor lies in its file."""

    dtype: str  # numpy's name
    shape: Shape
    start: int  # byte in the file
    stop: int  # byte after its last one


@dataclass(frozen=True)
class Header:
    """The checked header of a model: its `lstmterm` object, and its tensors by name."""

    metadata: Mapping[str, Any]
    tensors: Mapping[str, StoredTensor]


class Refused(InputError):
    """A file that cannot be used as a model; `brief` says why in a few words, for a row of a list."""

    def __init__(self, path: Path, problem: str, advice: str) -> None:
        super().__init__(f"{path} {problem}; {advice}.")
        self.brief = problem.removeprefix("is ")


class _Damaged(ValueError):
    """What is wrong with a header, as the end of a sentence."""


def damaged(path: Path, what: str) -> Refused:
    """The error for a damaged file; `what` ends the sentence."""
    return Refused(path, f"is damaged: {what}", "download or train the model again")


def read(file: BinaryIO, size: int, path: Path) -> Header:
    """Read and check the header of a file of `size` bytes. Raises `Refused`, which names `path`."""
    length = int.from_bytes(file.read(8), "little")
    if size < 10 or file.read(1) != b"{" or length < 2 or (8 + length > size and length > LONGEST):
        raise Refused(path, "is not a model", "lstmterm models are safetensors files")
    if 8 + length > size:
        raise damaged(path, "it is truncated")
    try:
        if length > LONGEST:
            raise _Damaged(f"its header has {length:,} bytes, more than {LONGEST:,}")
        entries = _parsed(b"{" + file.read(length - 1))
        texts = entries.pop("__metadata__", None)
        if not isinstance(texts, dict) or not isinstance(texts.get(KEY), str):
            raise Refused(
                path, "is a safetensors file but not an lstmterm model", "`lstmterm train` makes models"
            )
        tensors = _checked_tensors(entries, 8 + length)
        metadata = _parsed(texts[KEY])
        _check_version(metadata, path)
        _check_metadata(metadata)
        shapes = {name: tensor.shape for name, tensor in tensors.items()}
        _check_shapes(shapes, (_charlm if metadata["kind"] == "charlm" else _tagger)(metadata, shapes))
        _check_places(tensors, 8 + length, size)
    except _Damaged as error:
        raise damaged(path, str(error)) from None
    return Header(metadata, tensors)


def written(metadata: Mapping[str, Any], tensors: Mapping[str, np.ndarray]) -> bytes:
    """The beginning of a file with this `lstmterm` object and these tensors, in this order.

    Raises `InputError` for a header that `read` would refuse for its length.
    """
    text = json.dumps({"format": FORMAT, **metadata}, allow_nan=False)
    entries: dict[str, Any] = {"__metadata__": {KEY: text}}
    stop = 0
    for name, tensor in tensors.items():
        start, stop = stop, stop + tensor.nbytes
        dtype = f"F{8 * tensor.itemsize}"
        entries[name] = {"dtype": dtype, "shape": list(tensor.shape), "data_offsets": [start, stop]}
    encoded = json.dumps(entries, separators=(",", ":")).encode()
    encoded += b" " * (-len(encoded) % 8)
    if len(encoded) > LONGEST:
        raise InputError(
            f"The vocabulary takes {len(encoded):,} bytes, but a model file has room for {LONGEST:,}; "
            "make it smaller (--vocab-limit; --min-count)."
        )
    return len(encoded).to_bytes(8, "little") + encoded


def _parsed(text: str | bytes) -> dict[str, Any]:
    try:
        return plain_data.parsed(text)
    except plain_data.Damaged as error:
        raise _Damaged(f"its header {error}") from None


def _checked_tensors(entries: dict[str, Any], data: int) -> dict[str, StoredTensor]:
    """The tensors, each as large as its shape says, by offsets from byte `data`."""
    if len(entries) > _MOST_TENSORS:
        raise _Damaged(f"its header names {len(entries):,} tensors, more than {_MOST_TENSORS:,}")
    tensors: dict[str, StoredTensor] = {}
    for name, entry in entries.items():
        entry = entry if isinstance(entry, dict) else {}
        shape, offsets, dtype = entry.get("shape"), entry.get("data_offsets"), entry.get("dtype")
        if not (_are_counts(shape) and _are_counts(offsets) and len(offsets) == 2):
            raise _Damaged(f"the entry {_shown(name)} of its header is not a tensor")
        if not isinstance(dtype, str) or dtype not in DTYPES:
            raise _Damaged(f"{_shown(name)} is of type {_shown(dtype)}, but must be F32 or F16")
        if len(shape) > _MOST_DIMENSIONS:
            raise _Damaged(f"{_shown(name)} has {len(shape):,} dimensions, more than {_MOST_DIMENSIONS}")
        if offsets[1] - offsets[0] != math.prod(shape) * int(DTYPES[dtype][-1]):
            raise _Damaged(f"the size of {_shown(name)} does not match its shape")
        tensors[name] = StoredTensor(DTYPES[dtype], tuple(shape), data + offsets[0], data + offsets[1])
    return tensors


def _check_places(tensors: Mapping[str, StoredTensor], data: int, size: int) -> None:
    """Check that the tensors fill the file from byte `data` to its end, one after another."""
    end = data
    for tensor in sorted(tensors.values(), key=lambda tensor: tensor.start):
        if tensor.start != end:
            raise _Damaged("its tensors overlap or leave a gap")
        end = tensor.stop
    if end > size:
        raise _Damaged("it is truncated")
    if end < size:
        raise _Damaged(f"{size - end:,} bytes follow its last tensor")


def _check_version(metadata: dict[str, Any], path: Path) -> None:
    version = metadata.get("format")
    if not _is_count(version) or version < 1:
        raise _Damaged("its header has no format number")
    if version > FORMAT:
        raise Refused(
            path, f"was written by a newer lstmterm (format {version})", "update lstmterm to read it"
        )


def _check_metadata(metadata: dict[str, Any]) -> None:
    if metadata.get("kind") not in ("charlm", "tagger"):
        raise _Damaged(f"it is a model of an unknown kind ({_shown(metadata.get('kind'))})")
    name, sizes = metadata.get("name"), metadata.get("sizes")
    if not isinstance(name, str) or not isinstance(sizes, dict):
        raise _Damaged("its header lacks the name or the sizes")
    if not 0 < len(name) <= _LONGEST_NAME:
        raise _Damaged(f"its name has {len(name):,} characters, not 1 to {_LONGEST_NAME}")
    for size, value in sizes.items():
        lowest, highest = _SIZES.get(size, (0, 2**63))
        if not _is_count(value) or not lowest <= value <= highest:
            wanted = f"a whole number from {lowest:,} to {highest:,}"
            raise _Damaged(f"its header {plain_data.instead(value, _shown(size), wanted)}")
    for part, kind in _TYPES.items():
        if part in metadata and not isinstance(metadata[part], kind):
            raise _Damaged(
                f"its header {plain_data.instead(metadata[part], repr(part), plain_data.NOUNS[kind])}"
            )


def _charlm(metadata: dict[str, Any], shapes: Mapping[str, Shape]) -> dict[str, Shape]:
    """The shapes that the tensors of a character model should have."""
    layers, hidden, embedding, size = (_size(metadata, name) for name in _SIZES)
    try:
        symbols = len(Vocabulary.from_dict(metadata.get("vocabulary")))
    except ValueError as error:
        raise _Damaged(f"its header has no valid vocabulary: {error}") from None
    if symbols != size:
        raise _Damaged(f"its vocabulary has {symbols} characters, its sizes say {size}")
    return charlm_shapes(layers, hidden, embedding, symbols, learned="initial.h" in shapes)


def _tagger(metadata: dict[str, Any], shapes: Mapping[str, Shape]) -> dict[str, Shape]:
    """The shapes that the tensors of a tagger should have."""
    layers, hidden = _size(metadata, "layers"), _size(metadata, "hidden")
    try:
        vocabulary = TaggerVocabulary.from_dict(metadata.get("vocabulary"))
    except ValueError as error:
        raise _Damaged(f"its header has no valid vocabulary: {error}") from None
    if metadata.get("level") not in get_args(Level):
        raise _Damaged(f"it tags {_shown(metadata.get('level'))}, not words, characters or sequences")
    if metadata.get("scheme") not in (None, *get_args(Scheme)):
        raise _Damaged(f"it has spans of the unknown scheme {_shown(metadata.get('scheme'))}")
    return tagger_shapes(layers, hidden, vocabulary, shapes)


def _size(metadata: dict[str, Any], name: str) -> int:
    if name not in metadata["sizes"]:
        raise _Damaged(f"its sizes lack {name!r}")
    return metadata["sizes"][name]


def _check_shapes(shapes: Mapping[str, Shape], expected: Mapping[str, Shape]) -> None:
    for name in sorted(expected.keys() | shapes.keys()):
        if expected.get(name) != shapes.get(name):
            raise _Damaged(
                f"{_shown(name)} is {_dimensions(shapes.get(name))} but should be {_dimensions(expected.get(name))}"
            )


def _dimensions(shape: Shape | None) -> str:
    return "missing" if shape is None else " x ".join(map(str, shape)) or "one number"


def _shown(value: Any) -> str:
    """A value of the header in a sentence: at most a line."""
    return plain_data.shown(value)


def _is_count(value: Any) -> TypeGuard[int]:
    return type(value) is int and value >= 0


def _are_counts(values: Any) -> TypeGuard[list[int]]:
    return isinstance(values, list) and all(map(_is_count, values))
