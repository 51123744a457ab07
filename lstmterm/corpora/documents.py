"""The documents of a source: a file, the files of a folder, or the members of an archive.

A document is a stream of bytes under a name. Nothing is decoded here (that is in `decoding`), and
nothing is read whole: documents of any size are read in chunks.
"""

import gzip
import hashlib
import io
import lzma
import shutil
import stat
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from lstmterm import atomic
from lstmterm.corpora import scratch
from lstmterm.errors import InputError

CHUNK = 1 << 20  # bytes read at a time
TEXT_SUFFIXES = (".txt", ".md")  # files that are read first from a folder or a zip file

_LONGEST_SHOWN = 200  # characters from an archive in a sentence

_DAMAGE = (  # what reading an archive ends in; a name in it may not be UTF-8 although it says so
    EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile, zipfile.BadZipFile, UnicodeDecodeError,
)  # fmt: skip

OnBytes = Callable[[int], None]  # called with the number of bytes read
OnProgress = Callable[[str, int, int | None], None]  # a stage or a file, its bytes so far, its size if known


def shown(text: object) -> str:
    """What an archive or a library says, in a sentence: a name has up to 64 kB there."""
    said = str(text)
    return said if len(said) <= _LONGEST_SHOWN else said[: _LONGEST_SHOWN - 1] + "\u2026"


def ignore(count: int) -> None:
    """Report nothing."""


class Readable(Protocol):
    """An open stream of bytes."""

    def read(self, size: int, /) -> bytes:
        """At most `size` of the next bytes; empty at the end."""
        ...


@dataclass(frozen=True)
class Document:
    """A stream of bytes that can be opened again, and a name that says where they come from."""

    name: str
    open: Callable[[], AbstractContextManager[Readable]]
    size: int | None = None  # bytes, if known beforehand
    path: Path | None = None  # of the file, if it is one
    encoding: str | None = None  # if the format prescribes it; else --encoding or what is detected
    live: bool = False  # whether it can be opened only once, and gives what has come so far
    to_plain: Callable[[str], str] | None = None  # makes plain text of the whole decoded text, as of markup

    @property
    def shown(self) -> str:
        """Its name in a sentence."""
        return shown(self.name)

    @classmethod
    def of_file(cls, path: Path, name: str | None = None) -> "Document":
        """A document of a file."""
        return cls(name or str(path), lambda: open(path, "rb"), path.stat().st_size, path=path)

    @classmethod
    def of_bytes(cls, name: str, data: bytes) -> "Document":
        """A document of `data`."""
        return cls(name, lambda: io.BytesIO(data), len(data))

    def stamp(self) -> tuple[int, ...] | None:
        """Inode, size and time of the file: they differ after it was written to."""
        if self.path is None:
            return None
        status = self.path.stat()
        return status.st_ino, status.st_size, status.st_mtime_ns

    def chunks(self, seen: OnBytes = ignore) -> Iterator[bytes]:
        """All bytes in order, `CHUNK` at a time; `seen` is called with the size of each chunk.

        Raises `InputError` if they are damaged or cannot be read.
        """
        try:
            with self.open() as file:
                while chunk := file.read(CHUNK):
                    seen(len(chunk))
                    yield chunk
        except _DAMAGE as error:
            raise InputError(f"{self.shown} is damaged: {shown(error) or 'it ends early'}.") from None
        except NotImplementedError:
            raise InputError(
                f"{self.shown} is compressed by an unsupported method; unpack it and name the file itself."
            ) from None
        except OSError as error:
            raise InputError(f"{self.shown} cannot be read: {error.strerror or shown(error)}.") from None


def sha256_of(documents: Iterable[Document], seen: OnBytes = ignore) -> str:
    """The SHA-256 of one document, or for several that of their list as `sha256sum` prints it."""
    digests = [(_sha256(document, seen), document.name) for document in documents]
    if len(digests) == 1:
        return digests[0][0]
    listing = "".join(f"{digest}  {name}\n" for digest, name in digests)
    return hashlib.sha256(listing.encode("utf-8", "surrogateescape")).hexdigest()


def sha256_of_file(path: Path) -> str:
    """The SHA-256 of a file."""
    return sha256_of([Document.of_file(path)])


def _sha256(document: Document, seen: OnBytes) -> str:
    digest = hashlib.sha256()
    for chunk in document.chunks(seen):
        digest.update(chunk)
    return digest.hexdigest()


def folder(root: Path, patterns: Iterable[str]) -> tuple[list[Document], int]:
    """The files of a folder that match one of the patterns, and the number of hidden files left out.

    They are in the order of their relative paths. A file is hidden if its name or that of a folder above
    it begins with a dot. Links to folders are not followed.
    """
    matching = {path for pattern in patterns for path in _glob(root, pattern) if path.is_file()}
    found = {path.relative_to(root).as_posix(): path for path in matching}
    shown = sorted(name for name in found if not name.startswith(".") and "/." not in name)
    return [Document.of_file(found[name], name) for name in shown], len(found) - len(shown)


def _glob(root: Path, pattern: str) -> list[Path]:
    check_glob(pattern)
    try:
        return list(root.glob(pattern))
    except (ValueError, NotImplementedError) as error:
        raise InputError(f"--glob {pattern!r} cannot be used: {error}. An example is '**/*.py'.") from None


def check_glob(pattern: str) -> None:
    """Raise `InputError` unless it is a pattern within a folder."""
    if not pattern:
        raise InputError("--glob has an empty pattern; an example is '**/*.py'.")
    if Path(pattern).is_absolute() or ".." in Path(pattern).parts:
        raise InputError(f"--glob {pattern!r} must be a pattern within the folder, such as '**/*.py'.")


def piped(stream: BinaryIO, name: str) -> Document:
    """A stream that can be read only once, copied to a file without a name."""
    spool = scratch.file()  # open as long as the document is
    with atomic.explaining(scratch.folder()):
        shutil.copyfileobj(stream, spool, CHUNK)
        spool.flush()

    @contextmanager
    def again() -> Iterator[Readable]:
        spool.seek(0)
        yield spool

    return Document(name, again, spool.tell())


def live(stream: BinaryIO, name: str) -> Document:
    """A stream that is read once, while its bytes come."""

    class Arriving:
        def read(self, size: int, /) -> bytes:
            """At least enough to hold a byte order mark, if there is so much before a line ends."""
            data = stream.read1(size)  # type: ignore[attr-defined]
            while 0 < len(data) < 4 and not data.endswith(b"\n") and (more := stream.read1(size)):  # type: ignore[attr-defined]
                data += more
            return data

    return Document(name, lambda: nullcontext(Arriving()), live=True)


def standard_input() -> Document:
    """Standard input, which `-` names."""
    if sys.stdin is None or sys.stdin.isatty():
        raise InputError(
            "'-' reads the text from a pipe, but standard input is a terminal; try `cat FILE | lstmterm ... -`."
        )
    return piped(sys.stdin.buffer, "standard input")


def is_pipe(path: Path) -> bool:
    """Whether a path is a pipe, such as a shell's `<(...)`."""
    return stat.S_ISFIFO(path.stat().st_mode)
