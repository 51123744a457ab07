"""The model library: a person's own models and those that ship with the package."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lstmterm import atomic, paths
from lstmterm.errors import InputError
from lstmterm.models.model_file import SUFFIX, _raw, _read_whole, describe, write


@dataclass(frozen=True)
class ModelEntry:
    """A model file under the name by which it is found; the file is not looked into."""

    name: str
    path: Path
    place: str  # "own", "shipped" or "file"


def own_path(name: str) -> Path:
    """Where the person's model `name` lives; the name is checked."""
    return paths.model(name)


def refuse_taken(name: str, overwrite: bool = False) -> Path:
    """`own_path(name)`, unless a model of the person's has that name and may not be replaced."""
    path = own_path(name)
    if path.exists() and not overwrite:
        raise InputError(
            f"There is a model named {name!r} already; choose another name, or replace it with --overwrite."
        )
    return path


def publish(
    name: str, tensors: Mapping[str, np.ndarray], metadata: Mapping[str, Any], *, overwrite: bool = False
) -> Path:
    """A model in the person's library under `name`; its file's path."""
    path = refuse_taken(name, overwrite)
    write(path, tensors, {**metadata, "name": name})
    return path


def library() -> list[ModelEntry]:
    """The person's models and those shipped, by name; an own model hides a shipped one of its name."""
    found = {entry.name: entry for entry in _in_folder(paths.shipped_models(), "shipped")}
    found |= {entry.name: entry for entry in _in_folder(paths.models(), "own")}
    return sorted(found.values(), key=lambda entry: entry.name)


def of_kind(kind: str) -> list[ModelEntry]:
    """Those of the library that are of a kind; files that cannot be read as models are left out."""
    return [entry for entry in library() if _kind(entry.path) == kind]


def _kind(path: Path) -> str | None:
    try:
        return describe(path).kind
    except InputError:
        return None


def _in_folder(folder: Path, place: str) -> list[ModelEntry]:
    files = folder.glob(f"[!.]*{SUFFIX}") if folder.is_dir() else ()
    return [ModelEntry(file.name.removesuffix(SUFFIX), file, place) for file in files if file.is_file()]


def find(reference: str) -> ModelEntry:
    """The model that a person means: a name in the library, or a file.

    A reference with a separator or a suffix is a file; if there is none such, a name with a dot in
    it may still be a model's.
    """
    named = {entry.name: entry for entry in library()}
    if paths.is_file_argument(reference):
        path = Path(reference).expanduser()
        if path.is_file() or reference not in named:
            if not path.is_file():
                raise InputError(f"There is no model file {reference}.{_hint(path.stem, named)}")
            return ModelEntry(path.stem, path, "file")
    if reference in named:
        return named[reference]
    raise InputError(f"There is no model named {reference!r}.{_hint(reference, named)}")


def _hint(reference: str, named: Mapping[str, ModelEntry]) -> str:
    if not named:
        return " There are no models yet; `lstmterm train` makes one."
    near = difflib.get_close_matches(reference, named, n=1)
    return f" Did you mean {near[0]!r}?" if near else " `lstmterm models` lists those there are."


def own(name: str, doing: str) -> ModelEntry:
    """The person's own model `name`, that is to be `doing`; one that is shipped cannot be."""
    path = own_path(name)
    if path.is_file():
        return ModelEntry(name, path, "own")
    entry = find(name)
    if entry.place == "shipped":
        raise InputError(f"{name!r} comes with lstmterm and cannot be {doing}; export a copy of it instead.")
    raise InputError(f"{name!r} is not in your library.")


def rename(name: str, new_name: str, *, overwrite: bool = False) -> Path:
    """Give an own model another name, in its header too; the new file's path."""
    entry = own(name, "renamed")
    target = refuse_taken(new_name, overwrite)
    if target != entry.path:
        card, stored = _read_whole(_raw(entry.path), entry.path)
        write(target, stored, {**card.metadata, "name": new_name})
        entry.path.unlink()
    return target


def remove(name: str) -> Path:
    """Delete an own model; the path that it had."""
    entry = own(name, "removed")
    entry.path.unlink()
    return entry.path


def export(reference: str, target: Path, *, overwrite: bool = False) -> Path:
    """Copy a model to the file `target`, or into it if it is a folder; the file's path."""
    entry = find(reference)
    if target.is_dir():
        target = target / f"{entry.name}{SUFFIX}"
    if target.exists() and not overwrite:
        raise InputError(f"There is a file {target} already; choose another, or replace it with --overwrite.")
    if not target.parent.is_dir():
        raise InputError(f"There is no folder {target.parent}.")
    raw = _raw(entry.path)
    _read_whole(raw, entry.path)
    atomic.write_bytes(target, raw)
    return target


def import_file(path: Path, name: str | None = None, *, overwrite: bool = False) -> Path:
    """Copy a model file into the library, under `name` or its own, once all of it is checked."""
    card, stored = _read_whole(_raw(path), path)
    chosen = name or card.name
    target = refuse_taken(chosen, overwrite)
    write(target, stored, {**card.metadata, "name": chosen})
    return target
