"""Stored texts: those that the user added, and those fetched from the catalogue.

Each is a folder `<name>/` in the corpora folder with its original files and a `record.json`. The
folder is filled under a temporary name and then renamed, so a text is stored completely or not at all.
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
from lstmterm.errors import InputError

_RECORD = "record.json"
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
    folder = paths.corpora() / paths.plain_name(name, "corpus name")
    try:
        record = plain_data.restored(Record, plain_data.read(folder / _RECORD))
        for file in record.sha256:
            paths.plain_name(file)
    except (OSError, ValueError):
        return None
    text = named(name, record)
    return text if record.sha256 and all(path.is_file() for path in text.files) else None


def named(name: str, record: Record) -> StoredText:
    """The stored text of this name and record."""
    return StoredText(name, paths.corpora() / name, record)


def texts() -> list[StoredText]:
    """All stored texts by name."""
    found = []
    with suppress(FileNotFoundError):
        for folder in sorted(paths.corpora().iterdir()):
            with suppress(paths.NameRejected):  # such as that of a temporary folder
                found.append(find(folder.name))
    return [text for text in found if text is not None]


@contextmanager
def new(name: str) -> Iterator[Path]:
    """A temporary folder for the files and, by `write_record`, the record of a new text.

    It is renamed to `name` at the end of the block, and deleted if the block raises. An existing text
    of that name is replaced. Raises `WriteError` if the files cannot be written.
    """
    folder = paths.corpora() / paths.plain_name(name, "corpus name")
    with atomic.temporary_folder(folder) as building:
        yield building
        with atomic.explaining(folder):
            for file in building.iterdir():
                file.chmod(0o600)
                atomic.sync(file)
            _delete(folder)
            os.rename(building, folder)
            atomic.sync_folder(folder.parent)


def write_record(folder: Path, record: Record) -> None:
    """Write the record of the text in `folder`."""
    atomic.write_text(folder / _RECORD, json.dumps(asdict(record), indent=2))


def remove(name: str) -> None:
    """Delete a stored text, a damaged one too. Raises `InputError` if there is none of that name."""
    if not (paths.corpora() / paths.plain_name(name, "corpus name")).is_dir():
        raise InputError(
            f"There is no added or fetched corpus named {name!r}; `lstmterm corpora` lists them."
        )
    _delete(paths.corpora() / name)


def _delete(folder: Path) -> None:
    """Delete a folder, freeing its name at once."""
    doomed = atomic.temporary_beside(folder)
    with suppress(FileNotFoundError):
        os.rename(folder, doomed)
    with suppress(OSError):  # what is left is swept by a later process
        atomic.delete(doomed)
