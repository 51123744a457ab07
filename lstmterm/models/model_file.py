"""The model file: one self-describing safetensors file.

Tensors have torch's names and are stored as float32 or float16. The metadata of the header holds one
JSON object under `lstmterm`: format, kind, name, sizes, vocabulary, spec, corpus, split, metrics.
Files are not trusted: the whole header is checked before it is used, and a file that is not a model,
is truncated, or has a newer format raises an `InputError` that names it.
"""

import contextlib
import io
import math
import os
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, TypeGuard

import numpy as np

from lstmterm import __version__, atomic
from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.errors import InputError, no_file
from lstmterm.models import header
from lstmterm.models.header import Header
from lstmterm.spec.base import Kind
from lstmterm.spec.kinds import upgraded


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
        """`train`, `val`, `test`: start and stop in encoded characters. What is not such a part is left out."""
        return {name: span for name, span in self.part("split").items() if _is_span(span)}

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
        with _opened(path) as (file, size):
            return _card(path, size, header.read(file, size, path))
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
        with _opened(path) as (file, _):
            content = file.read()
    except OSError as error:
        raise _unreadable(path, error) from None
    found = header.read(io.BytesIO(content), len(content), path)
    tensors = {
        name: np.frombuffer(content, t.dtype, math.prod(t.shape), t.start).reshape(t.shape)
        for name, t in found.tensors.items()
    }
    for name, tensor in tensors.items():
        if not np.isfinite(tensor).all():
            raise header.damaged(path, f"{name!r} has weights that are not finite numbers")
    return StoredModel(_card(path, len(content), found), tensors, content)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[tuple[BinaryIO, int]]:
    """A file and its size. A pipe or a device has no end, so it is refused."""
    if path.exists() and not path.is_file():
        raise InputError(f"{path} cannot be read: it is not a file.")
    with open(path, "rb") as file:
        yield file, os.fstat(file.fileno()).st_size


def _card(path: Path, size: int, found: Header) -> ModelCard:
    return ModelCard(path, size, found.metadata, {name: t.shape for name, t in found.tensors.items()})


def is_number(value: Any) -> TypeGuard[float]:
    """Whether a value of the metadata is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_span(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(type(n) is int for n in value)
        and 0 <= value[0] <= value[1]
    )


def _unreadable(path: Path, error: OSError) -> InputError:
    if isinstance(error, FileNotFoundError):
        return no_file(path)
    return InputError(f"{path} cannot be read: {error.strerror}.")


def write(path: Path, tensors: Mapping[str, np.ndarray], metadata: Mapping[str, Any]) -> None:
    """Write a model file at `path` atomically.

    `tensors` are float32 or float16 by torch's names. `metadata` is plain data with finite numbers; it
    becomes the `lstmterm` object of the header. Raises `InputError` for a header that would be refused.
    """
    names = sorted(tensors, key=lambda name: (-tensors[name].itemsize, name))  # so that all are aligned
    begin = header.written(metadata, {name: tensors[name] for name in names})
    with atomic.writing(path, sum(tensor.nbytes for tensor in tensors.values())) as file:
        file.write(begin)
        for name in names:  # one at a time: memory need not hold them twice
            file.write(np.ascontiguousarray(tensors[name]).data)


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
