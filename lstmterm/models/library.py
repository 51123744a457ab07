"""The model library: the user's own models and those that ship with the package."""

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from lstmterm import atomic, paths
from lstmterm.errors import InputError, no_folder, not_found, taken
from lstmterm.models.header import Refused
from lstmterm.models.model_file import ModelCard, describe, read, write
from lstmterm.runs import storage
from lstmterm.spec.base import Kind


@dataclass(frozen=True)
class ModelEntry:
    """A model file and its name; the file has not been read."""

    name: str
    path: Path
    place: str  # "own", "shipped" or "file"


def refuse_taken(name: str, overwrite: bool = False) -> Path:
    """The path for a model `name` of the user.

    Raises `InputError` unless `overwrite` if it would replace a model of the user or hide one that ships.
    """
    path = paths.model(name)
    if not overwrite:
        refuse_replacing(name)
        if is_shipped(name):
            raise InputError(
                f"The model {name!r} ships with lstmterm, and yours would hide it; choose another name "
                "(--overwrite hides it)."
            )
    return path


def refuse_replacing(name: str) -> None:
    """Raise `InputError` if a model of the user has this name, or one that no model can have."""
    paths.model(name)
    if is_taken(name):
        raise InputError(
            f"There is already a model named {name!r}; choose another name (--overwrite replaces it)."
        )


def is_taken(name: str) -> bool:
    """Whether one of the user's models has this name, or one that the file system holds for the same."""
    return (paths.models() / f"{name}{paths.MODEL_SUFFIX}").exists()


def is_shipped(name: str) -> bool:
    """Whether a model that ships with the package has this name."""
    return (paths.shipped_models() / f"{name}{paths.MODEL_SUFFIX}").exists()


def free_name(base: str, *taken: str) -> str:
    """`base`, or `base-2`, `base-3` ...: the first that no model and no active run has, and that is none of `taken`."""
    training = {run.name for run in storage.known_runs() if run.is_held()} | {*taken}
    names = itertools.chain([base], (f"{base}-{number}" for number in itertools.count(2)))
    return next(n for n in names if n not in training and not is_taken(n) and not is_shipped(n))


def publish(
    name: str, tensors: Mapping[str, np.ndarray], metadata: Mapping[str, Any], *, overwrite: bool = False
) -> Path:
    """Write a model to the user's library under `name`; the path of its file."""
    path = refuse_taken(name, overwrite)
    write(path, tensors, {**metadata, "name": name})
    return path


def library() -> list[ModelEntry]:
    """All models by name; the user's own model hides a shipped one of the same name."""
    found = {entry.name: entry for entry in _in_folder(paths.shipped_models(), "shipped")}
    found |= {entry.name: entry for entry in _in_folder(paths.models(), "own")}
    return sorted(found.values(), key=lambda entry: entry.name)


def cards() -> Iterator[tuple[ModelEntry, ModelCard | InputError]]:
    """All models by name with their cards; for a file that cannot be used, why."""
    for entry in library():
        try:
            yield entry, describe(entry.path)
        except InputError as problem:
            yield entry, problem


def brief(problem: InputError) -> str:
    """Why a model cannot be used, in a few words: "damaged: its header is not a JSON object"."""
    return problem.brief if isinstance(problem, Refused) else str(problem)


def of_kind(kind: str) -> list[ModelEntry]:
    """The models of a kind; files that are not valid models are left out."""
    return [entry for entry, card in cards() if not isinstance(card, InputError) and card.kind == kind]


def _in_folder(folder: Path, place: str) -> list[ModelEntry]:
    files = folder.glob(f"[!.]*{paths.MODEL_SUFFIX}") if folder.is_dir() else ()
    return [
        ModelEntry(file.name.removesuffix(paths.MODEL_SUFFIX), file, place)
        for file in files
        if file.is_file()
    ]


def find(reference: str) -> ModelEntry:
    """The model that `reference` names: a model of the library, or a file.

    A reference with a separator or a suffix is a file; if there is no such file, it may still be a
    model's name with a dot in it.
    """
    named = {entry.name: entry for entry in library()}
    if paths.is_file_argument(reference):
        path = paths.expanded(reference)
        if path.is_file() or reference not in named:
            if not path.is_file():
                raise _not_found("model file", reference, named, path.stem)
            return ModelEntry(path.stem, path, "file")
    if reference in named:
        return named[reference]
    raise _not_found("model named", reference, named)


class Version(NamedTuple):
    """The file of a model at some moment: another one means newer weights."""

    path: Path
    modified: float
    bytes: int


def kind(reference: str) -> Kind:
    """What kind of model `reference` names. Raises `InputError` as `find` does, and for a file that is not a model."""
    return describe(find(reference).path).kind


def version(reference: str) -> Version:
    """The present version of the model that `reference` names. Raises as `find`."""
    path = find(reference).path
    status = path.stat()
    return Version(path, status.st_mtime, status.st_size)


def sha256(reference: str) -> str:
    """The hash of the file of the model that `reference` names, in hexadecimal. Raises as `find`."""
    with open(find(reference).path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _not_found(what: str, reference: str, named: Iterable[str], like: str = "") -> InputError:
    none_yet = "There are no models yet; `lstmterm train` trains one."
    return not_found(what, reference, named, "`lstmterm models` lists them all.", none_yet, like=like)


def own(name: str, action: str) -> ModelEntry:
    """The user's own model `name`. Raises `InputError` for others; `action` is what cannot be done, as "renamed"."""
    path = paths.model(name)
    if path.is_file():
        return ModelEntry(name, path, "own")
    entry = find(name)
    if entry.place == "shipped":
        raise InputError(f"{name!r} ships with lstmterm and cannot be {action}; export a copy instead.")
    raise InputError(f"{name!r} is a file that is not in your library; `lstmterm models` lists what is.")


def rename(name: str, new_name: str, *, overwrite: bool = False) -> Path:
    """Rename the user's own model, also in its header; the new path."""
    entry = own(name, "renamed")
    if _is_same(paths.model(new_name), entry.path) and not is_shipped(new_name):
        overwrite = True  # only the case of letters changes, which this file system does not distinguish
    target = refuse_taken(new_name, overwrite)
    if target != entry.path:
        stored = read(entry.path)
        publish(new_name, stored.tensors, stored.card.metadata, overwrite=overwrite)
        if _is_same(target, entry.path):
            entry.path.rename(target)  # which gives it the new case
        else:
            entry.path.unlink()
    return target


def _is_same(one: Path, other: Path) -> bool:
    """Whether two paths are those of one file, as they are where names differ only in case."""
    return one.exists() and one.samefile(other)


def remove(name: str) -> Path:
    """Delete the user's own model; the path that it had."""
    entry = own(name, "removed")
    entry.path.unlink()
    return entry.path


def export(reference: str, target: Path, *, overwrite: bool = False) -> Path:
    """Copy a model to the file or into the folder `target`; the path of the copy."""
    entry = find(reference)
    if target.is_dir():
        target = target / f"{entry.name}{paths.MODEL_SUFFIX}"
    if target.exists() and not overwrite:
        raise taken(target)
    if not target.parent.is_dir():
        raise no_folder(target.parent)
    atomic.write_bytes(target, read(entry.path).content, shared=True)
    return target


def import_file(path: Path, name: str | None = None, *, overwrite: bool = False) -> Path:
    """Check a model file and copy it into the library, under `name` or its own name."""
    stored = read(path)
    return publish(name or stored.card.name, stored.tensors, stored.card.metadata, overwrite=overwrite)
