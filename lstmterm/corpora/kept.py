"""Texts kept for the person: added by hand or fetched from the catalogue.

Each is a folder `<name>/` in the corpora folder: its files as they came, and `record.json` with what
is known of them. The folder is put together under another name and renamed, so it is there whole or
not at all.
"""

import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from lstmterm import atomic, paths
from lstmterm.errors import InputError

_RECORD = "record.json"
Origin = Literal["fetched", "own"]
Kind = Literal["text", "treebank"]


@dataclass(frozen=True)
class Record:
    """What is known of a kept text; `sha256` has the hash of each file by its name."""

    origin: Origin
    kind: Kind
    title: str
    source: str  # where it came from: a URL, or a path
    sha256: dict[str, str]
    added: str  # ISO 8601


@dataclass(frozen=True)
class Kept:
    """A kept text: its name, its files, and its record."""

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
        """Bytes in all its files."""
        return sum(path.stat().st_size for path in self.files)


def find(name: str) -> Kept | None:
    """The kept text called `name`, whole; None if there is none."""
    folder = paths.corpora() / paths.plain_name(name, "corpus name")
    try:
        values = json.loads((folder / _RECORD).read_text("utf-8"))
        record = Record(**values)
        for file in record.sha256:
            paths.plain_name(file)
    except (OSError, ValueError, TypeError):
        return None
    kept = Kept(name, folder, record)
    return kept if record.sha256 and all(path.is_file() for path in kept.files) else None


def everything() -> list[Kept]:
    """All kept texts by name."""
    with suppress(FileNotFoundError):
        names = sorted(p.name for p in paths.corpora().iterdir() if p.is_dir() and not p.name.startswith("."))
        return [kept for kept in map(_find_quietly, names) if kept is not None]
    return []


def _find_quietly(name: str) -> Kept | None:
    try:
        return find(name)
    except paths.NameRejected:
        return None


@contextmanager
def new(name: str) -> Iterator[Path]:
    """A folder to put a new text's files and, with `write_record`, its record in.

    It takes its name when the block ends well and vanishes when it does not. A text that has the
    name already is replaced.
    """
    folder = paths.corpora() / paths.plain_name(name, "corpus name")
    building = paths.corpora() / f".{secrets.token_hex(6)}.new"
    building.mkdir(parents=True)
    _sweep()
    try:
        yield building
        for file in building.iterdir():
            _sync(file)
        _put_away(folder)
        os.rename(building, folder)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
    atomic.sync_folder(paths.corpora())


def write_record(folder: Path, record: Record) -> None:
    """`record` as the record of the text in `folder`."""
    atomic.write_text(folder / _RECORD, json.dumps(asdict(record), indent=2))


def remove(name: str) -> None:
    """Delete a kept text. Raises `InputError` if there is none of that name."""
    if find(name) is None:
        raise InputError(f"No corpus called {name!r} is kept here; `lstmterm corpora` lists those that are.")
    _put_away(paths.corpora() / name)


def _put_away(folder: Path) -> None:
    """Delete a folder so that its name is free at once."""
    doomed = folder.parent / f".{secrets.token_hex(6)}.old"
    with suppress(FileNotFoundError):
        os.rename(folder, doomed)
        shutil.rmtree(doomed, ignore_errors=True)


def _sync(file: Path) -> None:
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sweep() -> None:
    """Delete what a process that was killed left behind more than a day ago."""
    for left in [*paths.corpora().glob(".*.new"), *paths.corpora().glob(".*.old")]:
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > 86_400:
                shutil.rmtree(left, ignore_errors=True)
