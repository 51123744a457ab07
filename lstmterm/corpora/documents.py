"""What a source consists of: one document or several, each a stream of bytes.

A file is one document, a folder's files and an archive's members are several. Nothing is decoded
here, and nothing is read whole: documents of any size go by in chunks.
"""

import fnmatch
import gzip
import hashlib
import io
import shutil
import stat
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from lstmterm import paths
from lstmterm.errors import InputError

CHUNK = 1 << 20  # bytes read at a time
TEXT_GLOBS = ("**/*.txt", "**/*.md")  # what is read of a folder, unless asked otherwise
MOST_MEMBERS = 100_000  # files in an archive
_ROOM_TO_UNPACK = 1 << 30  # bytes that any archive may unpack to
_HIGHEST_RATIO = 30  # of unpacked to packed bytes beyond that; plain text reaches 3 to 10

Seen = Callable[[int], None]  # told how many bytes went by


def ignore(count: int) -> None:
    """Nobody wants to know."""


class Readable(Protocol):
    """An open stream of bytes."""

    def read(self, size: int, /) -> bytes:
        """At most `size` of the next bytes; none at the end."""
        ...


@dataclass(frozen=True)
class Document:
    """Bytes under a name that says to a person where they are from."""

    name: str
    open: Callable[[], AbstractContextManager[Readable]]
    size: int | None = None  # bytes, where known beforehand
    limit: int | None = None  # bytes beyond which an unpacked document is refused
    path: Path | None = None  # the file that it is, if it is one

    @classmethod
    def of_file(cls, path: Path, name: str | None = None) -> "Document":
        """The bytes of a file."""
        return cls(name or str(path), lambda: open(path, "rb"), path.stat().st_size, path=path)

    @classmethod
    def of_bytes(cls, name: str, data: bytes) -> "Document":
        """Bytes at hand."""
        return cls(name, lambda: io.BytesIO(data), len(data))

    def stamp(self) -> tuple[int, ...] | None:
        """What changes when the file is written to."""
        if self.path is None:
            return None
        status = self.path.stat()
        return status.st_ino, status.st_size, status.st_mtime_ns

    def chunks(self, seen: Seen = ignore) -> Iterator[bytes]:
        """All bytes in order, `CHUNK` at a time; `seen` is told the size of each.

        Raises `InputError` where they are damaged or cannot be read.
        """
        total = 0
        try:
            with self.open() as file:
                while chunk := file.read(CHUNK):
                    total += len(chunk)
                    seen(len(chunk))
                    if self.limit is not None and total > self.limit:
                        raise InputError(
                            f"{self.name} unpacks to more than {self.limit / 1e9:.1f} GB, many times its packed "
                            "size, which is hardly a text; if it is one, unpack it and give the file itself."
                        )
                    yield chunk
        except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile) as error:
            raise InputError(f"{self.name} is damaged: {error or 'it ends too early'}.") from None
        except NotImplementedError:
            raise InputError(
                f"{self.name} is packed by a method that cannot be read here; unpack it and give the file itself."
            ) from None
        except OSError as error:
            raise InputError(f"{self.name} cannot be read: {error.strerror or error}.") from None


def most_unpacked(packed: int) -> int:
    """Bytes that an archive of `packed` bytes may unpack to."""
    return max(_ROOM_TO_UNPACK, _HIGHEST_RATIO * packed)


def sha256_of(documents: Iterable[Document], seen: Seen = ignore) -> str:
    """The content's hash: the document's own SHA-256, or for several that of `sha256sum`'s list of them."""
    digests = [(_sha256(document, seen), document.name) for document in documents]
    if len(digests) == 1:
        return digests[0][0]
    listing = "".join(f"{digest}  {name}\n" for digest, name in digests)
    return hashlib.sha256(listing.encode("utf-8", "surrogateescape")).hexdigest()


def _sha256(document: Document, seen: Seen) -> str:
    digest = hashlib.sha256()
    for chunk in document.chunks(seen):
        digest.update(chunk)
    return digest.hexdigest()


def folder(root: Path, glob: str | None = None) -> tuple[list[Document], int]:
    """A folder's files in the order of their relative paths, and how many hidden ones were passed over.

    Hidden is what begins with a dot, or lies in a folder that does. Links to folders are not followed.
    """
    found: dict[str, Path] = {}
    hidden = 0
    for pattern in (glob,) if glob is not None else TEXT_GLOBS:
        for path in _glob(root, pattern):
            name = path.relative_to(root).as_posix()
            if name in found or not path.is_file():
                continue
            if any(part.startswith(".") for part in Path(name).parts):
                hidden += 1
            else:
                found[name] = path
    return [Document.of_file(found[name], name) for name in sorted(found)], hidden


def _glob(root: Path, pattern: str) -> list[Path]:
    if not pattern or Path(pattern).is_absolute() or ".." in Path(pattern).parts:
        raise InputError(f"--glob {pattern!r} is no pattern within the folder; write one like '**/*.py'.")
    try:
        return list(root.glob(pattern))
    except (ValueError, NotImplementedError) as error:
        raise InputError(f"--glob {pattern!r} cannot be used: {error}. Write one like '**/*.py'.") from None


def gzipped(path: Path) -> list[Document]:
    """The one document in a gzip file."""
    return [Document(str(path), lambda: gzip.open(path), limit=most_unpacked(path.stat().st_size))]


@contextmanager
def opened_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    """A zip file's table of contents. Raises `InputError` where it cannot be read or is unreasonable."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > MOST_MEMBERS:
                raise InputError(
                    f"{path} holds {len(members):,} files, more than {MOST_MEMBERS:,}; unpack it first."
                )
            if any(m.flag_bits & 1 for m in members):
                raise InputError(f"{path} is encrypted; unpack it with its password and give the folder.")
            limit = most_unpacked(path.stat().st_size)
            if sum(m.file_size for m in members) > limit:
                raise InputError(
                    f"{path} unpacks to more than {limit / 1e9:.1f} GB, many times its packed size, which is "
                    "hardly text; if it is, unpack it and give the folder."
                )
            yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise InputError(f"{path} is no zip file, or a damaged one: {error}.") from None


def zip_member(path: Path, member: zipfile.ZipInfo) -> Document:
    """One file of a zip file."""

    @contextmanager
    def unpack() -> Iterator[Readable]:
        with zipfile.ZipFile(path) as archive, archive.open(member) as stream:
            yield stream

    limit = most_unpacked(path.stat().st_size)
    return Document(f"{path}: {member.filename}", unpack, member.file_size, limit=limit)


def zipped(path: Path, glob: str | None = None) -> list[Document]:
    """The texts in a zip file in the order of their names: `glob`'s, else `.txt` and `.md`, else all."""
    with opened_zip(path) as archive:
        files = {m.filename: m for m in archive.infolist() if not m.is_dir() and not _is_hidden(m.filename)}
    if glob is not None:
        chosen = [name for name in files if _matches(name, glob)]
    else:
        chosen = [name for name in files if name.lower().endswith((".txt", ".md"))] or list(files)
    if not chosen:
        raise InputError(f"{path} holds no file{f' that {glob!r} matches' if glob else ''}.")
    return [zip_member(path, files[name]) for name in sorted(chosen)]


def _is_hidden(name: str) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))


def _matches(name: str, glob: str) -> bool:
    """Whether a member's name fits; `**/` stands for any folders or none, as in a folder's glob."""
    return fnmatch.fnmatchcase(name, glob) or (glob.startswith("**/") and fnmatch.fnmatchcase(name, glob[3:]))


def piped(stream: BinaryIO, name: str) -> Document:
    """A stream that can be read once, kept in an unnamed file beside the cache for as long as it is needed."""
    paths.encoded().mkdir(parents=True, exist_ok=True)
    spool = tempfile.TemporaryFile(dir=paths.encoded())  # noqa: SIM115 (open as long as the document lives)
    shutil.copyfileobj(stream, spool, CHUNK)
    spool.flush()

    @contextmanager
    def again() -> Iterator[Readable]:
        spool.seek(0)
        yield spool

    return Document(name, again, spool.tell())


def standard_input() -> Document:
    """What comes through `-`."""
    if sys.stdin is None or sys.stdin.isatty():
        raise InputError(
            "'-' reads the text from a pipe, and there is none; try `cat FILE | lstmterm ... -`."
        )
    return piped(sys.stdin.buffer, "standard input")


def is_pipe(path: Path) -> bool:
    """Whether a path leads to a pipe, such as a shell's `<(...)`."""
    return stat.S_ISFIFO(path.stat().st_mode)
