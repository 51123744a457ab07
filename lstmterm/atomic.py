"""Writing files atomically, and saying what could not be written.

A temporary file in the same folder is written, fsynced and renamed, and the folder is fsynced: after a
crash the file has either its old or its new content. What a killed process left is deleted by the next
one that writes in the folder: a temporary file is locked by its owner, and the lock ends with it.

Files and folders are for the user alone, unless they are `shared`: exports to a place that the user named,
which get the usual permissions. A folder of 0.1.0, which had the usual ones, is made private when it is next
written to.
"""

import contextlib
import errno
import fcntl
import functools
import io
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from lstmterm import paths

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)  # why nothing more can be written, perhaps for a while
TEMPORARY = ".lstmterm-tmp"  # how the names of temporary files and folders end

_OLD_TEMPORARY = re.compile(
    r"\.(.+\.)?[0-9a-f]{12}\.(tmp|new|old)"
)  # those of 0.1.0, which did not lock them
_ABANDONED = 86_400  # seconds after which such a one has no owner any more

_LITTLE = 1 << 16  # bytes of a disk on which nothing more can be written, or not for long
_NO_SYNC = (errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EACCES, errno.EPERM)
_ADVICE = {
    errno.ENOSPC: "Free some space",
    errno.EDQUOT: "Free some space",
    errno.EFBIG: "Allow larger files (`ulimit -f`)",
    errno.EACCES: "Make it writable",
    errno.EPERM: "Make it writable",
    errno.EROFS: "Make it writable",
    errno.EIO: "Check the disk",
}


class WriteError(OSError):
    """A file or a folder that could not be written: which one, why, what it needs, and what to do."""

    exit_code = 1

    def __init__(self, path: Path, cause: OSError, needed: int = 0, *, shared: bool = False) -> None:
        """`needed` is the size of the content in bytes, 0 if it is not known."""
        self._reason = cause.strerror or str(cause)
        super().__init__(cause.errno, self._reason, str(path))
        self._needed = needed
        self._shared = shared

    def __str__(self) -> str:
        if Path(self.filename).is_relative_to(paths.NO_HOME):
            return paths.no_home()
        reason = f"{self._reason[:1].lower()}{self._reason[1:]}"
        need = f" ({self._needed:,} bytes are needed)" if self._needed and self.errno == errno.ENOSPC else ""
        advice = _ADVICE.get(self.errno or 0, "Check its folder")
        other = "choose another place" if self._shared else "set LSTMTERM_HOME to a folder elsewhere"
        return f"Cannot write {self.filename}: {reason}{need}. {advice}, or {other}."


@contextlib.contextmanager
def explaining(path: Path, needed: int = 0, *, shared: bool = False) -> Iterator[None]:
    """Raise `WriteError` about `path` for every `OSError` in the block."""
    try:
        yield
    except WriteError:
        raise
    except OSError as error:
        raise WriteError(path, error, needed, shared=shared) from error


class _File(io.FileIO):
    """An open file that raises `WriteError` where it cannot be written."""

    def __init__(
        self, descriptor: int, mode: str, path: Path, needed: int = 0, *, shared: bool = False
    ) -> None:
        super().__init__(descriptor, mode)
        self._explaining = functools.partial(explaining, path, needed, shared=shared)

    def write(self, data: "ReadableBuffer", /) -> int:
        with self._explaining():
            return os.write(self.fileno(), data)


def make_folder(folder: Path, *, shared: bool = False) -> None:
    """Create a folder and the missing folders above it; one that is there, unless it is `shared`, is made private."""
    if folder.is_relative_to(paths.NO_HOME):  # which root could make
        raise WriteError(folder, FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)))
    with explaining(folder, shared=shared):
        for missing in reversed([f for f in (folder, *folder.parents) if not f.exists()]):
            missing.mkdir(mode=0o777 if shared else 0o700, exist_ok=True)
    if not shared:
        _take_over(folder)


def unwritable(folder: Path) -> str:
    """Why nothing can be written in a folder, which need not exist yet, and what to do; empty if it can."""
    if folder.is_relative_to(paths.NO_HOME):
        return paths.no_home()
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
        return ""
    advice = "Make it writable" if there.is_dir() else "Move it away"
    wrong = "is not writable" if there.is_dir() else "is not a folder"
    what = f"{folder} {wrong}" if there == folder else f"{folder} cannot be made: {there} {wrong}"
    return f"{what}. {advice}, or set LSTMTERM_HOME to a folder of your own."


def is_full(folder: Path) -> bool:
    """Whether the disk of a folder has hardly a byte left."""
    return shutil.disk_usage(folder).free < _LITTLE


@functools.cache
def _take_over(folder: Path) -> None:
    """Make a folder and its files private, and delete what 0.1.0 left in it; only the first call does.

    Links, what they point to, and what belongs to others or is linked from elsewhere stay as they are.
    """
    with contextlib.suppress(OSError):
        if not _made_private(folder):
            return
        for path in folder.iterdir():
            if _OLD_TEMPORARY.fullmatch(path.name) and path.lstat().st_mtime < time.time() - _ABANDONED:
                delete(path)
            elif not path.is_dir():
                _made_private(path)


def _made_private(path: Path) -> bool:
    """Whether a folder or a file is private now."""
    found = path.lstat()
    is_own = stat.S_ISDIR(found.st_mode) or (stat.S_ISREG(found.st_mode) and found.st_nlink == 1)
    if not is_own or found.st_uid != os.geteuid():
        return False
    if stat.S_IMODE(found.st_mode) & 0o077:
        path.chmod(stat.S_IMODE(found.st_mode) & 0o700)
    return True


@contextlib.contextmanager
def writing(path: Path, needed: int = 0, *, shared: bool = False) -> Iterator[BinaryIO]:
    """A temporary binary file; renamed to `path` at the end of the block, deleted if the block raises.

    Raises `WriteError` if it cannot be written, synced or renamed; `needed` is its size in bytes, if known.
    A shared file that is replaced keeps its permissions.
    """
    make_folder(path.parent, shared=shared)
    sweep(path.parent)
    with explaining(path, needed, shared=shared):
        temporary, descriptor = _locked(path, functools.partial(_new_file, 0o666 if shared else 0o600))
    try:
        with io.BufferedWriter(_File(descriptor, "wb", path, needed, shared=shared)) as file:
            yield file
            file.flush()
            with explaining(path, needed, shared=shared):
                if shared and path.exists():
                    os.fchmod(descriptor, path.stat().st_mode & 0o777)
                os.fsync(descriptor)
                os.replace(temporary, path)  # while it is locked, so that no other process deletes it
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    with explaining(path, shared=shared):
        sync_folder(path.parent)


def write_bytes(path: Path, data: bytes | memoryview, *, shared: bool = False) -> None:
    """Write `data` to `path`."""
    with writing(path, len(data), shared=shared) as file:
        file.write(data)


def write_text(path: Path, text: str, *, shared: bool = False) -> None:
    """Write `text` to `path` in UTF-8, newlines unchanged."""
    write_bytes(path, text.encode("utf-8"), shared=shared)


def copy(source: Path, path: Path) -> None:
    """Write the content of the file `source` to `path`, a piece at a time."""
    with open(source, "rb") as content, writing(path, source.stat().st_size) as file:
        shutil.copyfileobj(content, file, 1 << 20)


def link(source: Path, path: Path) -> None:
    """Make `path` another name of the file `source`, or a copy of it where there are no hard links."""
    temporary = temporary_beside(path)
    try:
        os.link(source, temporary)
    except OSError:
        copy(source, path)
        return
    try:
        with explaining(path):
            os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def appending(path: Path) -> io.FileIO:
    """Open a file to add to its end, without a buffer; it is created if there is none."""
    with explaining(path):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    return _File(descriptor, "ab", path)


@contextlib.contextmanager
def temporary_folder(path: Path) -> Iterator[Path]:
    """A folder beside `path`, to be filled and renamed to `path`; deleted if it is not renamed in the block."""
    make_folder(path.parent)
    sweep(path.parent)
    with explaining(path):
        temporary, descriptor = _locked(path, _new_folder)
    try:
        yield temporary
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        os.close(descriptor)


def temporary_beside(path: Path) -> Path:
    """A fresh name in the folder of `path` for what becomes `path` later, or was it before."""
    return path.parent / f".{path.name[:40]}.{secrets.token_hex(6)}{TEMPORARY}"


@functools.cache
def sweep(folder: Path) -> None:
    """Delete the temporary files and folders of killed processes in `folder`; only the first call does."""
    for left in folder.glob(f".*{TEMPORARY}"):
        with contextlib.suppress(OSError):
            descriptor = os.open(left, os.O_RDONLY if left.is_dir() else os.O_RDWR)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)  # fails while its owner lives
                delete(left)
            finally:
                os.close(descriptor)


def delete(path: Path) -> None:
    """Delete a file, a folder with all that is in it, or a link, but not what it points to."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _locked(path: Path, create: Callable[[Path], int]) -> tuple[Path, int]:
    """What `create` made under a temporary name beside `path`, and its descriptor, which holds its lock."""
    while True:
        temporary = temporary_beside(path)
        descriptor = create(temporary)
        with contextlib.suppress(OSError):  # a file system without locks: nobody deletes it then
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:  # else another process deleted it before it was locked
            return temporary, descriptor
        os.close(descriptor)


def _new_file(mode: int, path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)


def _new_folder(path: Path) -> int:
    path.mkdir(mode=0o700)
    return os.open(path, os.O_RDONLY | os.O_CLOEXEC)


def sync_folder(folder: Path) -> None:
    """Flush the entries of `folder` to disk, if the file system can."""
    try:
        sync(folder)
    except OSError as error:
        if error.errno not in _NO_SYNC:  # some network file systems cannot sync folders
            raise


def sync(path: Path) -> None:
    """Flush a file or folder to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
