"""The model file: one safetensors file that describes itself.

A model's tensors carry torch's names, stored as float32 or float16; its header's metadata holds one
JSON object under `lstmterm`: format, kind, name, sizes, vocabulary, spec, corpus, split, metrics.
Nothing in a file is trusted: a header is checked in full before anything is made of it, and a file
that is not a model, is cut short, or has a newer format is an `InputError` that names it.
"""

import io
import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeGuard

import numpy as np
import safetensors.numpy
from safetensors import SafetensorError

from lstmterm import atomic
from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.errors import InputError
from lstmterm.spec.base import Kind
from lstmterm.spec.stored import upgraded

FORMAT = 1

SUFFIX = ".safetensors"

_KEY = "lstmterm"  # of the header's metadata

_LONGEST_HEADER = 100_000_000  # bytes; safetensors' own limit

_ITEM_BYTES = {"F32": 4, "F16": 2}

_HIGHEST = {"layers": 64, "hidden": 65_536, "embedding": 65_536, "vocabulary": 1_114_112}


@dataclass(frozen=True)
class ModelCard:
    """What a model's header says of it, checked."""

    path: Path
    bytes: int  # of the file
    metadata: Mapping[str, Any]  # the whole `lstmterm` object
    shapes: Mapping[str, tuple[int, ...]]  # of the tensors, by name

    @property
    def kind(self) -> Kind:
        """Of model."""
        return self.metadata["kind"]

    @property
    def name(self) -> str:
        """What the model was published as."""
        return self.metadata["name"]

    @property
    def complete(self) -> bool:
        """False while its training goes on, or when that never finished."""
        return bool(self.metadata.get("complete", True))

    @property
    def sizes(self) -> Mapping[str, int]:
        """`layers`, `hidden`, `embedding` (0 for one-hot), `vocabulary`, `parameters`."""
        return self.metadata["sizes"]

    @property
    def vocabulary(self) -> Vocabulary:
        """The characters (or bytes) of a character model."""
        return Vocabulary.from_dict(self.metadata["vocabulary"])

    @property
    def spec(self) -> Mapping[str, Any]:
        """How it was made, as `spec.CharSpec.to_dict` puts it."""
        return upgraded(self.part("spec"))

    @property
    def text_part(self) -> Mapping[str, Any]:
        """How a character model's text was read and cut, as `spec.TextPart`."""
        value = self.spec.get("text")
        return value if isinstance(value, dict) else {}

    @property
    def corpus(self) -> Mapping[str, Any]:
        """`name`, `sha256`, `chars`, `source` of the text it learned from."""
        return self.part("corpus")

    @property
    def split(self) -> Mapping[str, Any]:
        """`train`, `val`, `test`: first and behind-last encoded character."""
        return self.part("split")

    @property
    def metrics(self) -> Mapping[str, float]:
        """Losses in nats per character and other final figures; those that are numbers."""
        return {name: value for name, value in self.part("metrics").items() if _is_number(value)}

    def part(self, name: str) -> Mapping[str, Any]:
        """An object of the metadata, empty where it is absent or is none."""
        value = self.metadata.get(name)
        return value if isinstance(value, dict) else {}


@dataclass(frozen=True)
class LoadedModel:
    """A model read whole: nothing of it depends on the file any more."""

    card: ModelCard
    tensors: Mapping[str, np.ndarray]  # float32, by torch's names


def describe(path: Path) -> ModelCard:
    """The card of the model at `path`, from its header alone."""
    try:
        with open(path, "rb") as file:
            return _read_card(file, os.fstat(file.fileno()).st_size, path)
    except OSError as error:
        raise _unreadable(path, error) from None


def load(path: Path) -> LoadedModel:
    """The model at `path`, read whole and checked; float16 tensors become float32."""
    card, stored = _read_whole(_raw(path), path)
    return LoadedModel(card, {name: np.array(tensor, dtype=np.float32) for name, tensor in stored.items()})


def _raw(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from None


def _read_whole(raw: bytes, path: Path) -> tuple[ModelCard, dict[str, np.ndarray]]:
    """The card and the tensors as they are stored, of the bytes of the file `path`."""
    card = _read_card(io.BytesIO(raw), len(raw), path)
    try:
        stored = safetensors.numpy.load(raw)
    except SafetensorError as error:
        raise InputError(f"{path} is damaged ({error}); get the model again.") from None
    for name, tensor in stored.items():
        if not np.isfinite(tensor).all():
            raise InputError(f"{path} is damaged: {name!r} has weights that are no finite numbers.")
    return card, stored


def _read_card(file: BinaryIO, size: int, path: Path) -> ModelCard:
    header = _read_header(file, size, path)
    texts = header.pop("__metadata__", None)
    if not isinstance(texts, dict) or not isinstance(texts.get(_KEY), str):
        raise InputError(f"{path} is a safetensors file, but not a model of lstmterm.")
    shapes = _checked_tensors(header, size, path)
    metadata = _parse_object(texts[_KEY], path)
    _check_metadata(metadata, path)
    if metadata["kind"] == "charlm":
        _check_charlm(metadata, shapes, path)
    return ModelCard(path, size, metadata, shapes)


def _read_header(file: BinaryIO, size: int, path: Path) -> dict[str, Any]:
    length = int.from_bytes(file.read(8), "little")
    if size < 10 or file.read(1) != b"{" or not 2 <= length <= _LONGEST_HEADER:
        raise InputError(f"{path} is not a model: models of lstmterm are safetensors files.")
    if 8 + length > size:
        raise InputError(f"{path} is cut short; get the model again.")
    header = _parse_object(b"{" + file.read(length - 1), path)
    header["__data__"] = 8 + length
    return header


def _parse_object(text: str | bytes, path: Path) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise InputError(f"{path} is damaged: its header is no JSON object; get the model again.")
    return value


def _checked_tensors(header: dict[str, Any], size: int, path: Path) -> dict[str, tuple[int, ...]]:
    """The shapes of the header's tensors, every one of which lies within the file."""
    data = header.pop("__data__")
    shapes: dict[str, tuple[int, ...]] = {}
    for name, entry in header.items():
        entry = entry if isinstance(entry, dict) else {}
        shape, offsets, dtype = entry.get("shape"), entry.get("data_offsets"), entry.get("dtype")
        if not (_are_counts(shape) and _are_counts(offsets) and len(offsets) == 2):
            raise InputError(f"{path} is damaged: its header describes no tensor at {name!r}.")
        if dtype not in _ITEM_BYTES:
            raise InputError(f"{path} holds {name!r} as {dtype!r}; models are stored as F32 or F16.")
        if offsets[1] - offsets[0] != math.prod(shape) * _ITEM_BYTES[dtype]:
            raise InputError(f"{path} is damaged: the size of {name!r} does not fit its shape.")
        if data + offsets[1] > size:
            raise InputError(f"{path} is cut short; get the model again.")
        shapes[name] = tuple(shape)
    return shapes


def _check_metadata(metadata: dict[str, Any], path: Path) -> None:
    version = metadata.get("format")
    if not _is_count(version) or version < 1:
        raise InputError(f"{path} is damaged: its header names no format.")
    if version > FORMAT:
        raise InputError(f"{path} was made by a newer lstmterm (format {version}); update to read it.")
    if metadata.get("kind") not in ("charlm", "tagger"):
        raise InputError(f"{path} is a model of an unknown kind, {metadata.get('kind')!r}.")
    if not isinstance(metadata.get("name"), str) or not isinstance(metadata.get("sizes"), dict):
        raise InputError(f"{path} is damaged: its header lacks the model's name or sizes.")


def _check_charlm(metadata: dict[str, Any], shapes: Mapping[str, tuple[int, ...]], path: Path) -> None:
    sizes = metadata["sizes"]
    for name, highest in _HIGHEST.items():
        lowest = 0 if name == "embedding" else 1
        if not _is_count(sizes.get(name)) or not lowest <= sizes[name] <= highest:
            raise InputError(f"{path} is damaged: {sizes.get(name)!r} is no size for {name!r}.")
    try:
        symbols = len(Vocabulary.from_dict(metadata["vocabulary"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise InputError(f"{path} is damaged: its header holds no vocabulary.") from None
    if symbols != sizes["vocabulary"]:
        raise InputError(f"{path} is damaged: {symbols} symbols where {sizes['vocabulary']} are said.")
    expected = charlm_shapes(
        sizes["layers"], sizes["hidden"], sizes["embedding"], symbols, learned="initial.h" in shapes
    )
    for name in expected.keys() | shapes.keys():
        if expected.get(name) != shapes.get(name):
            raise InputError(
                f"{path} is damaged: {name!r} is {_said(shapes.get(name))} and should be "
                f"{_said(expected.get(name))}."
            )


def charlm_shapes(
    layers: int, hidden: int, embedding: int, symbols: int, *, learned: bool = False
) -> dict[str, tuple[int, ...]]:
    """The tensors of a character model, name -> shape; `embedding` 0 is one-hot."""
    shapes: dict[str, tuple[int, ...]] = {}
    if embedding:
        shapes["embedding.weight"] = (symbols + 1, embedding)
    width = embedding or symbols
    for k in range(layers):
        shapes[f"lstm.weight_ih_l{k}"] = (4 * hidden, width)
        shapes[f"lstm.weight_hh_l{k}"] = (4 * hidden, hidden)
        shapes[f"lstm.bias_ih_l{k}"] = (4 * hidden,)
        shapes[f"lstm.bias_hh_l{k}"] = (4 * hidden,)
        width = hidden
    if learned:
        shapes["initial.h"] = shapes["initial.c"] = (layers, hidden)
    shapes["output.weight"] = (symbols, hidden)
    shapes["output.bias"] = (symbols,)
    return shapes


def _said(shape: tuple[int, ...] | None) -> str:
    return "absent" if shape is None else " x ".join(map(str, shape)) or "one number"


def _is_count(value: Any) -> TypeGuard[int]:
    return type(value) is int and value >= 0


def _are_counts(values: Any) -> TypeGuard[list[int]]:
    return isinstance(values, list) and all(map(_is_count, values))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _unreadable(path: Path, error: OSError) -> InputError:
    if isinstance(error, FileNotFoundError):
        return InputError(f"There is no file {path}.")
    return InputError(f"{path} cannot be read: {error.strerror}.")


def write(path: Path, tensors: Mapping[str, np.ndarray], metadata: Mapping[str, Any]) -> None:
    """A model file at `path`, whole or not at all.

    `tensors` are float32 or float16 by torch's names; `metadata` is plain data of finite numbers
    and becomes the header's `lstmterm` object.
    """
    text = json.dumps({"format": FORMAT, **metadata}, allow_nan=False)
    solid = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
    atomic.write_bytes(path, safetensors.numpy.save(solid, metadata={_KEY: text}))
