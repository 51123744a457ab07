"""Stored texts: those that the user added, and those fetched from the catalogue.

Each is a folder `<name>/` in the corpora folder with its original files and a `record.json`. The
folder is filled under a temporary name and then renamed, so a text is stored completely or not at all.
A folder cannot be renamed over another, so one that is replaced is kept as `.<name>.kept` until the new
one has its name, and is read from there meanwhile, also where the process ended in between.
"""

import datetime
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from lstmterm import atomic, paths, plain_data
from lstmterm.corpora.documents import sha256_of_file
from lstmterm.errors import InputError, not_found
from lstmterm.plain_data import Damaged

_RECORD = "record.json"
_KEPT = ".kept"
Origin = Literal["fetched", "own"]
Kind = Literal["text", "treebank"]


@dataclass(frozen=True)
class Record:
    """What is known of a stored text; `sha256` has the hash of each file by its name."""

    origin: Origin
    kind: Kind
    title: str
    source: str  # a URL or a path
    sha256: dict[str, str]
    added: str = field(  # ISO 8601
        default_factory=lambda: datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    )


@dataclass(frozen=True)
class StoredText:
    """A stored text: its name, its folder, and its record."""

    name: str
    folder: Path
    record: Record

    @property
    def kind(self) -> Kind:
        return self.record.kind

    @property
    def sha256(self) -> dict[str, str]:
        """The recorded hash of each file, by its name."""
        return self.record.sha256

    @property
    def files(self) -> tuple[Path, ...]:
        """Its files, in the order of the record."""
        return tuple(self.folder / name for name in self.record.sha256)

    @property
    def size(self) -> int:
        """Total size of the files in bytes."""
        return sum(path.stat().st_size for path in self.files)


def find(name: str) -> StoredText | None:
    """The stored text named `name`; None if there is none or a file is missing."""
    folder = _folder(name)
    places = (folder, _kept(folder), folder)  # again, since another process may just have replaced it
    return next(filter(None, (_read(name, place) for place in places)), None)


def _read(name: str, folder: Path) -> StoredText | None:
    try:
        return _checked(name, folder)
    except (OSError, ValueError):
        return None


def _checked(name: str, folder: Path) -> StoredText:
    """The stored text in a folder. Raises `FileNotFoundError` without a record, and `ValueError` for damage."""
    path = folder / _RECORD
    values = plain_data.read(path)
    with plain_data.naming(path):
        record = plain_data.restored(Record, values)
        if not record.sha256:
            raise Damaged("names no file")
    for file in record.sha256:
        paths.plain_name(file, "name of a stored file")
        if not (folder / file).is_file():
            raise Damaged(f"{file} is missing")
    return StoredText(name, folder, record)


def refuse_damaged(name: str) -> None:
    """Raise `InputError` if a text of this name is stored, but damaged."""
    with suppress(paths.NameRejected, FileNotFoundError):  # a folder without a record is the user's own
        folder = _folder(name)
        try:
            _checked(name, folder)
        except ValueError as error:
            raise InputError(
                f"The corpus {name!r} is damaged: {str(error).rstrip('.')}; run `lstmterm corpora remove {name}`, "
                "then add or fetch it again."
            ) from None


def _folder(name: str) -> Path:
    return paths.corpora() / paths.plain_name(name, "corpus name")


def _kept(folder: Path) -> Path:
    """Where a text is while another takes its place."""
    return folder.with_name(f".{folder.name}{_KEPT}")


def _name_of(folder: Path) -> str:
    """The name of the text in a folder."""
    is_kept = folder.name.startswith(".") and folder.name.endswith(_KEPT)
    return folder.name[1 : -len(_KEPT)] if is_kept else folder.name


def refuse_changed(path: Path, sha256: str | None = None) -> None:
    """Raise `InputError` if a file belongs to a stored text that was recorded with another hash.

    `sha256` is that of the file, which is read if it is needed and not given.
    """
    folder = path.absolute().parent
    if folder.parent != paths.corpora():
        return
    text = _read(_name_of(folder), folder)
    recorded = text.sha256.get(path.name) if text is not None else None
    if text is not None and recorded not in (None, sha256 or sha256_of_file(path)):
        raise InputError(
            f"The {text.kind} {text.name!r} has changed since it was added or fetched ({path.name}); "
            f"run `lstmterm corpora remove {text.name}`, then add or fetch it again."
        )


def named(name: str, record: Record) -> StoredText:
    """The stored text of this name and record."""
    return StoredText(name, paths.corpora() / name, record)


def texts() -> list[StoredText]:
    """All stored texts by name."""
    names = {_name_of(folder) for folder in paths.entries(paths.corpora())}
    found = []
    for name in sorted(names):
        with suppress(paths.NameRejected):  # such as that of a temporary folder
            found.append(find(name))
    return [text for text in found if text is not None]


@contextmanager
def new(name: str) -> Iterator[Path]:
    """A temporary folder for the files and, by `write_record`, the record of a new text.

    It is renamed to `name` at the end of the block, and deleted if the block raises. An existing text
    of that name is replaced. Raises `WriteError` if the files cannot be written.
    """
    folder = _folder(name)
    with atomic.temporary_folder(folder) as building:
        yield building
        with atomic.explaining(folder):
            for file in building.iterdir():
                file.chmod(0o600)
                atomic.sync(file)
            if folder.exists():
                _delete(_kept(folder))
                os.rename(folder, _kept(folder))
            os.rename(building, folder)
            atomic.sync_folder(folder.parent)
            _delete(_kept(folder))


def write_record(folder: Path, record: Record) -> None:
    """Write the record of the text in `folder`."""
    atomic.write_text(folder / _RECORD, json.dumps(asdict(record), indent=2))


def remove(name: str) -> None:
    """Delete a stored text, a damaged one too. Raises `InputError` if there is none of that name."""
    folder = _folder(name)
    if not (folder.is_dir() or _kept(folder).is_dir()):
        names = [text.name for text in texts()]
        raise not_found("added or fetched corpus named", name, names, "`lstmterm corpora` lists them all.")
    _delete(_kept(folder))
    _delete(folder)


def _delete(folder: Path) -> None:
    """Delete a folder, freeing its name at once."""
    doomed = atomic.temporary_beside(folder)
    with suppress(FileNotFoundError):
        os.rename(folder, doomed)
    with suppress(OSError):  # what is left is swept by a later process
        atomic.delete(doomed)
