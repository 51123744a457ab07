"""The model file: one self-describing safetensors file.

Tensors have torch's names and are stored as float32 or float16. The metadata of the header holds one
JSON object under `lstmterm`: format, kind, name, sizes, vocabulary, spec, corpus, split, metrics.
Files are not trusted: the whole header is checked before it is used, and a file that is not a model,
is truncated, or has a newer format raises an `InputError` that names it.
"""

import io
import json
import math
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, TypeGuard

import numpy as np
import safetensors.numpy
from safetensors import SafetensorError

from lstmterm import __version__, atomic
from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.errors import InputError
from lstmterm.spec.base import Kind
from lstmterm.spec.kinds import upgraded

FORMAT = 1
_KEY = "lstmterm"  # in the metadata of the header
_LONGEST_HEADER = 100_000_000  # bytes; safetensors' own limit
_ITEM_BYTES = {"F32": 4, "F16": 2}
_HIGHEST = {"layers": 64, "hidden": 65_536, "embedding": 65_536, "vocabulary": 1_114_112}


@dataclass(frozen=True)
class ModelCard:
    """The checked header of a model."""

    path: Path
    bytes: int  # size of the file
    metadata: Mapping[str, Any]  # the `lstmterm` object
    shapes: Mapping[str, tuple[int, ...]]  # shape of each tensor

    @property
    def kind(self) -> Kind:
        """Of model."""
        return self.metadata["kind"]

    @property
    def name(self) -> str:
        """The name under which the model was published."""
        return self.metadata["name"]

    @property
    def complete(self) -> bool:
        """False until its training has finished."""
        return bool(self.metadata.get("complete", True))

    @property
    def sizes(self) -> Mapping[str, int]:
        """`layers`, `hidden`, `embedding` (0 for one-hot), `vocabulary`, `parameters`."""
        return self.metadata["sizes"]

    @property
    def shape(self) -> str:
        """Its layers and hidden units, such as 2x384."""
        return f"{self.sizes.get('layers', '?')}x{self.sizes.get('hidden', '?')}"

    @property
    def vocabulary(self) -> Vocabulary:
        """The characters (or bytes) of a character model."""
        return Vocabulary.from_dict(self.metadata["vocabulary"])

    @property
    def spec(self) -> Mapping[str, Any]:
        """The training spec in its current format, as of `CharSpec.to_dict`."""
        return upgraded(self.part("spec"))

    @property
    def text_part(self) -> Mapping[str, Any]:
        """How the text of a character model was read and split, as of `TextPart`."""
        value = self.spec.get("text")
        return value if isinstance(value, dict) else {}

    @property
    def corpus(self) -> Mapping[str, Any]:
        """`name`, `sha256`, `chars` and `source` of the training text."""
        return self.part("corpus")

    @property
    def split(self) -> Mapping[str, Any]:
        """`train`, `val`, `test`: start and stop in encoded characters."""
        return self.part("split")

    @property
    def metrics(self) -> Mapping[str, float]:
        """Losses in nats per character and other final figures."""
        return {name: value for name, value in self.part("metrics").items() if is_number(value)}

    def part(self, name: str) -> Mapping[str, Any]:
        """An object of the metadata; empty if it is missing or is not an object."""
        value = self.metadata.get(name)
        return value if isinstance(value, dict) else {}


@dataclass(frozen=True)
class LoadedModel:
    """A model in memory; it does not depend on its file any more."""

    card: ModelCard
    tensors: Mapping[str, np.ndarray]  # float32 once loaded, by torch's names


@dataclass(frozen=True)
class StoredModel(LoadedModel):
    """A model file, read and checked; its tensors are as they are stored."""

    content: bytes  # of the file


def describe(path: Path) -> ModelCard:
    """The card of the model at `path`; reads only the header."""
    try:
        with open(path, "rb") as file:
            return _read_card(file, os.fstat(file.fileno()).st_size, path)
    except OSError as error:
        raise _unreadable(path, error) from None


def load(path: Path) -> LoadedModel:
    """Read and check the model at `path`; float16 tensors become float32."""
    stored = read(path)
    tensors = {name: np.array(tensor, dtype=np.float32) for name, tensor in stored.tensors.items()}
    return LoadedModel(stored.card, tensors)


def read(path: Path) -> StoredModel:
    """Read and check the whole file at `path`; its tensors keep their types."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from None
    card = _read_card(io.BytesIO(content), len(content), path)
    try:
        tensors = safetensors.numpy.load(content)
    except SafetensorError as error:
        raise InputError(f"{path} is damaged ({error}); download or train the model again.") from None
    for name, tensor in tensors.items():
        if not np.isfinite(tensor).all():
            raise InputError(f"{path} is damaged: {name!r} has weights that are not finite numbers.")
    return StoredModel(card, tensors, content)


def _read_card(file: BinaryIO, size: int, path: Path) -> ModelCard:
    header = _read_header(file, size, path)
    texts = header.pop("__metadata__", None)
    if not isinstance(texts, dict) or not isinstance(texts.get(_KEY), str):
        raise InputError(f"{path} is a safetensors file but not an lstmterm model.")
    shapes = _checked_tensors(header, size, path)
    metadata = _parse_object(texts[_KEY], path)
    _check_metadata(metadata, path)
    if metadata["kind"] == "charlm":
        _check_charlm(metadata, shapes, path)
    return ModelCard(path, size, metadata, shapes)


def _read_header(file: BinaryIO, size: int, path: Path) -> dict[str, Any]:
    length = int.from_bytes(file.read(8), "little")
    if size < 10 or file.read(1) != b"{" or not 2 <= length <= _LONGEST_HEADER:
        raise InputError(f"{path} is not a model; lstmterm models are safetensors files.")
    if 8 + length > size:
        raise InputError(f"{path} is truncated; download or train the model again.")
    header = _parse_object(b"{" + file.read(length - 1), path)
    header["__data__"] = 8 + length
    return header


def _parse_object(text: str | bytes, path: Path) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise InputError(
            f"{path} is damaged: its header is not a JSON object; download or train the model again."
        )
    return value


def _checked_tensors(header: dict[str, Any], size: int, path: Path) -> dict[str, tuple[int, ...]]:
    """The shapes of the tensors, after checking that each lies within the file."""
    data = header.pop("__data__")
    shapes: dict[str, tuple[int, ...]] = {}
    for name, entry in header.items():
        entry = entry if isinstance(entry, dict) else {}
        shape, offsets, dtype = entry.get("shape"), entry.get("data_offsets"), entry.get("dtype")
        if not (_are_counts(shape) and _are_counts(offsets) and len(offsets) == 2):
            raise InputError(f"{path} is damaged: the entry {name!r} of its header is not a tensor.")
        if dtype not in _ITEM_BYTES:
            raise InputError(f"{path} has {name!r} as {dtype!r}; tensors of a model must be F32 or F16.")
        if offsets[1] - offsets[0] != math.prod(shape) * _ITEM_BYTES[dtype]:
            raise InputError(f"{path} is damaged: the size of {name!r} does not match its shape.")
        if data + offsets[1] > size:
            raise InputError(f"{path} is truncated; download or train the model again.")
        shapes[name] = tuple(shape)
    return shapes


def _check_metadata(metadata: dict[str, Any], path: Path) -> None:
    version = metadata.get("format")
    if not _is_count(version) or version < 1:
        raise InputError(f"{path} is damaged: its header has no format number.")
    if version > FORMAT:
        raise InputError(
            f"{path} was written by a newer lstmterm (format {version}); update lstmterm to read it."
        )
    if metadata.get("kind") not in ("charlm", "tagger"):
        raise InputError(f"{path} is a model of an unknown kind ({metadata.get('kind')!r}).")
    if not isinstance(metadata.get("name"), str) or not isinstance(metadata.get("sizes"), dict):
        raise InputError(f"{path} is damaged: its header lacks the name or the sizes.")


def _check_charlm(metadata: dict[str, Any], shapes: Mapping[str, tuple[int, ...]], path: Path) -> None:
    sizes = metadata["sizes"]
    for name, highest in _HIGHEST.items():
        lowest = 0 if name == "embedding" else 1
        if not _is_count(sizes.get(name)) or not lowest <= sizes[name] <= highest:
            raise InputError(f"{path} is damaged: {sizes.get(name)!r} is not a valid size of {name!r}.")
    try:
        symbols = len(Vocabulary.from_dict(metadata["vocabulary"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise InputError(f"{path} is damaged: its header has no valid vocabulary.") from None
    if symbols != sizes["vocabulary"]:
        raise InputError(
            f"{path} is damaged: its vocabulary has {symbols} characters, its sizes say {sizes['vocabulary']}."
        )
    expected = charlm_shapes(
        sizes["layers"], sizes["hidden"], sizes["embedding"], symbols, learned="initial.h" in shapes
    )
    for name in expected.keys() | shapes.keys():
        if expected.get(name) != shapes.get(name):
            raise InputError(
                f"{path} is damaged: {name!r} is {_shape(shapes.get(name))} but should be "
                f"{_shape(expected.get(name))}."
            )


def charlm_shapes(
    layers: int, hidden: int, embedding: int, symbols: int, *, learned: bool = False
) -> dict[str, tuple[int, ...]]:
    """The shape of each tensor of a character model by name; `embedding` 0 means one-hot input."""
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


def _shape(shape: tuple[int, ...] | None) -> str:
    return "missing" if shape is None else " x ".join(map(str, shape)) or "one number"


def _is_count(value: Any) -> TypeGuard[int]:
    return type(value) is int and value >= 0


def _are_counts(values: Any) -> TypeGuard[list[int]]:
    return isinstance(values, list) and all(map(_is_count, values))


def is_number(value: Any) -> TypeGuard[float]:
    """Whether a value of the metadata is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _unreadable(path: Path, error: OSError) -> InputError:
    if isinstance(error, FileNotFoundError):
        return InputError(f"There is no file {path}.")
    return InputError(f"{path} cannot be read: {error.strerror}.")


def write(path: Path, tensors: Mapping[str, np.ndarray], metadata: Mapping[str, Any]) -> None:
    """Write a model file at `path` atomically.

    `tensors` are float32 or float16 by torch's names. `metadata` is plain data with finite numbers; it
    becomes the `lstmterm` object of the header.
    """
    text = json.dumps({"format": FORMAT, **metadata}, allow_nan=False)
    contiguous = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
    atomic.write_bytes(path, safetensors.numpy.save(contiguous, metadata={_KEY: text}))


def made_now(**versions: str) -> dict[str, Any]:
    """What a header records of its making: the time, and the versions of what made it."""
    return {
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {
            "lstmterm": __version__,
            **versions,
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
    }
