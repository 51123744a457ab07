"""The catalogue of texts that can be fetched; it ships with the package.

A verified entry has the size and the hash of every file. For the others, the hashes of the first
fetch are recorded and checked from then on; the user is informed of that.
"""

import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path

from lstmterm import paths
from lstmterm.corpora.readers import format_of
from lstmterm.corpora.stored import Kind
from lstmterm.errors import InputError


@dataclass(frozen=True)
class Part:
    """A file of an entry; `sha256` and `bytes` are None where they are unknown."""

    name: str
    url: str
    sha256: str | None = None
    bytes: int | None = None


@dataclass(frozen=True)
class Entry:
    """A text or treebank that can be fetched, of one or more files."""

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
        """Total size in bytes, if known."""
        sizes = [part.bytes for part in self.parts]
        return None if None in sizes else sum(size for size in sizes if size is not None)


@functools.cache
def entries() -> dict[str, Entry]:
    """The entries of the catalogue by name."""
    return read(paths.shipped_corpora() / "catalogue.toml")


def read(path: Path) -> dict[str, Entry]:
    """The entries of a catalogue file by name. Raises `InputError` if it is not a valid catalogue."""
    try:
        tables = tomllib.loads(path.read_text("utf-8"))["corpus"]
        found = [_entry(dict(table)) for table in tables]
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
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
        raise ValueError(f"{entry.name} is marked as verified but lacks a hash or a size")
    return entry


def _file_name(name: str, url: str) -> str:
    """The name under which the file is stored: the entry's name with the suffix of its format."""
    return name + (format_of(Path(url.split("?")[0])) or ".txt")
