"""A lock on a file: one process holds it, and any other can look without being in the way.

The system frees it the moment that its holder ends, however it ends. The file holds the holder's process
number and is never deleted: that would let a second process lock a new file of the same name. Looking
takes a shared lock for a moment and creates nothing, so that lookers do not see each other, and a
folder that was deleted stays deleted.
"""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

_TRY_EVERY = 0.005  # seconds


class Taken(Exception):
    """Another process holds the lock; `holder` is its process number, if it is known."""

    def __init__(self, by: int | None) -> None:
        super().__init__(by)
        self.holder = by


@contextlib.contextmanager
def holding(path: Path, patience: float) -> Iterator[int]:
    """Hold the lock of the file `path`, waiting for it up to `patience` seconds; yields its descriptor.

    A child process that inherits the descriptor holds the lock too, also after this process let go of it.
    Raises `Taken`, and `FileNotFoundError` where the folder does not exist (any more).
    """
    descriptor = _acquired(path, time.monotonic() + patience)
    try:
        with contextlib.suppress(OSError):  # a full disk does not keep anybody from holding it
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield descriptor
    finally:
        os.close(descriptor)


def is_held(path: Path) -> bool:
    """Whether a process, perhaps this one, holds the lock of the file `path`."""
    try:
        with keeping_free(path):
            return False
    except Taken:
        return True
    except OSError:
        return False


@contextlib.contextmanager
def keeping_free(path: Path) -> Iterator[None]:
    """Within this context nobody holds the lock of the file `path`; any number of processes can be in it.

    Raises `Taken` if a process, perhaps this one, holds it, and `OSError` where there is no such file.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        if not is_lock(descriptor, path):
            raise FileNotFoundError(path)  # the folder was moved away
        yield
    except BlockingIOError:
        raise Taken(None) from None
    finally:
        os.close(descriptor)


def holder(path: Path) -> int | None:
    """The process number of the last holder of the lock of the file `path`, if it is known."""
    try:
        number = path.read_bytes()
    except OSError:
        return None
    return int(number) if number.isdigit() and len(number) < 20 else None


def is_lock(descriptor: int, path: Path) -> bool:
    """Whether an open descriptor is that of the file `path`."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except OSError:
        return False


def _acquired(path: Path, deadline: float) -> int:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            if time.monotonic() > deadline:
                raise Taken(holder(path)) from None
            time.sleep(_TRY_EVERY)
        else:
            if is_lock(descriptor, path):
                return descriptor
            os.close(descriptor)  # the folder was moved away while this waited
