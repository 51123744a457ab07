"""Texts that can be fetched: the catalogue that comes with the package.

An entry whose bytes and hash were seen and compared is verified. The others' hash is recorded from
the first fetch on, which the person is told.
"""

import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path

from lstmterm import paths
from lstmterm.corpora.kept import Kind
from lstmterm.errors import InputError


@dataclass(frozen=True)
class Part:
    """One file of an entry; without `sha256` and `bytes` what it has to be is not known."""

    name: str
    url: str
    sha256: str | None = None
    bytes: int | None = None


@dataclass(frozen=True)
class Entry:
    """A text, or a treebank of several files, that can be fetched."""

    name: str
    title: str
    parts: tuple[Part, ...]
    licence: str
    language: str
    purpose: str
    kind: Kind = "text"
    verified: bool = False

    @property
    def size(self) -> int | None:
        """Bytes in all, where known."""
        sizes = [part.bytes for part in self.parts]
        return None if None in sizes else sum(size for size in sizes if size is not None)


@functools.cache
def entries() -> dict[str, Entry]:
    """The catalogue by name."""
    return read(paths.shipped_corpora() / "catalogue.toml")


def read(path: Path) -> dict[str, Entry]:
    """The entries of a catalogue file by name. Raises `InputError` for a file that is none."""
    try:
        tables = tomllib.loads(path.read_text("utf-8"))["corpus"]
        found = [_entry(dict(table)) for table in tables]
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"The catalogue {path} cannot be read: {error}.") from None
    return {entry.name: entry for entry in found}


def _entry(table: dict) -> Entry:
    files = table.pop("file", None)
    if files is None:
        url = table.pop("url")
        files = [{"name": _file_name(table["name"], url), "url": url}]
        files[0] |= {key: table.pop(key) for key in ("sha256", "bytes") if key in table}
    paths.plain_name(table["name"], "corpus name")
    parts = tuple(Part(**file) for file in files)
    for part in parts:
        paths.plain_name(part.name, "file name")
    entry = Entry(parts=parts, **table)
    if entry.verified and not all(part.sha256 and part.bytes for part in parts):
        raise ValueError(f"{entry.name} is marked as verified without a hash and a size")
    return entry


def _file_name(name: str, url: str) -> str:
    """What the file is kept as: the entry's name, and the suffix that says how to read it."""
    suffix = Path(url.split("?")[0]).suffix.lower()
    return name + (suffix if suffix in (".gz", ".zip", ".epub") else ".txt")
