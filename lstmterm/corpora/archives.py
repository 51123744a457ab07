"""Archives: the documents in gzip and zip files, unpacked while they are read.

What an archive claims is checked before it is unpacked: how many files it lists, how much they unpack to,
and how much that is of its own size. No name in an archive becomes a path, and an archive within one is not
unpacked.
"""

import fnmatch
import gzip
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from lstmterm.amounts import size
from lstmterm.corpora.documents import TEXT_SUFFIXES, Document, Readable, check_glob, shown
from lstmterm.errors import InputError

MOST_MEMBERS = 100_000  # files in an archive at most
_MOST_LISTED = 128 * MOST_MEMBERS  # bytes of the list of them
_ALWAYS_UNPACKED = 100_000_000  # bytes that any archive may unpack to
_UNPACKED_AT_ONCE = 20_000_000  # bytes that a member may unpack to where memory is not bounded otherwise
_HIGHEST_RATIO = 100  # of unpacked to packed bytes above that; plain text has 3 to 10
_END_OF_LIST, _END_OF_LARGE_LIST = b"PK\x05\x06", b"PK\x06\x06"  # records of a zip file's end


def gzipped(path: Path) -> list[Document]:
    """The document in a gzip file."""

    @contextmanager
    def unpack() -> Iterator[Readable]:
        with open(path, "rb") as packed, gzip.GzipFile(fileobj=packed) as stream:
            yield _Unpacking(path, packed, stream)

    return [Document(str(path), unpack)]


class _Unpacking:
    """A gzip stream that is refused once it has unpacked to far more than it read."""

    def __init__(self, path: Path, packed: BinaryIO, stream: gzip.GzipFile) -> None:
        self._path, self._packed, self._stream = path, packed, stream
        self._total = 0

    def read(self, size: int, /) -> bytes:
        """At most `size` of the next bytes."""
        data = self._stream.read(size)
        self._total += len(data)
        _refuse_bomb(self._path, self._total, self._packed.tell())
        return data


def _refuse_bomb(path: Path, unpacked: int, packed: int, always: int | None = None) -> None:
    if unpacked > max(_ALWAYS_UNPACKED if always is None else always, _HIGHEST_RATIO * packed):
        raise InputError(
            f"{path} unpacks to more than {size(unpacked - 1)}, over {_HIGHEST_RATIO} times its packed size, which "
            "is unlikely for a text; if it is one, unpack it and name the file or folder."
        )


def opened_zip(path: Path) -> zipfile.ZipFile:
    """A zip file. Raises `InputError` if it is damaged, encrypted, or unpacks to too much."""
    try:
        if (listed := _size_of_list(path)) > _MOST_LISTED:
            raise InputError(
                f"{path} has a file list of {size(listed)}, which is too large; unpack it first."
            )
        archive = zipfile.ZipFile(path)
        members = archive.infolist()
        if len(members) > MOST_MEMBERS:
            raise InputError(
                f"{path} holds {len(members):,} files, more than {MOST_MEMBERS:,}; unpack it first."
            )
        if any(member.flag_bits & 1 for member in members):
            raise InputError(f"{path} is encrypted; unpack it with its password and name the folder.")
        _refuse_bomb(path, sum(member.file_size for member in members), path.stat().st_size)
    except InputError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, ValueError, NotImplementedError) as error:
        raise InputError(f"{path} is not a zip file, or is damaged: {shown(error)}.") from None
    return archive


def _size_of_list(path: Path) -> int:
    """How many bytes a zip file says that the list of its files has; 0 if it does not say."""
    with open(path, "rb") as file:
        file.seek(max(0, path.stat().st_size - (1 << 16) - 200))
        tail = file.read()
    at = tail.rfind(_END_OF_LIST)
    listed = int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else 0
    if listed == 0xFFFFFFFF and (at := tail.rfind(_END_OF_LARGE_LIST)) >= 0:
        listed = int.from_bytes(tail[at + 40 : at + 48], "little")
    return listed


def zip_member(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Document:
    """A member of a zip file, which is as long as the file lists it or damaged.

    Raises `InputError` for a large one of a method that unpacks at once what a few bytes hold.
    """
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        _refuse_bomb(path, member.file_size, member.compress_size, _UNPACKED_AT_ONCE)
    return Document(f"{path}: {member.filename}", lambda: archive.open(member), member.file_size)


def zipped(path: Path, glob: str | None = None) -> list[Document]:
    """The files of a zip file by name: those that match `glob`, else the texts by suffix, else all."""
    archive = opened_zip(path)
    named = [m for m in archive.infolist() if m.filename]  # an empty name, as after a NUL, is no file's
    files = {m.filename: m for m in named if not m.is_dir() and not _is_hidden(m.filename)}
    if glob is not None:
        check_glob(glob)
        chosen = [name for name in files if _matches(name, glob)]
    else:
        chosen = [name for name in files if name.lower().endswith(TEXT_SUFFIXES)] or list(files)
    if not chosen:
        raise InputError(f"{path} has no file{f' that matches {glob!r}' if glob else 's'}.")
    return [zip_member(path, archive, files[name]) for name in sorted(chosen)]


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))


def _matches(name: str, glob: str) -> bool:
    """Whether a member's name matches; `**/` matches any folders or none, as in the glob of a folder."""
    return fnmatch.fnmatchcase(name, glob) or (glob.startswith("**/") and fnmatch.fnmatchcase(name, glob[3:]))
