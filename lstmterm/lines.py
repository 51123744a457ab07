"""A file of lines that one process appends to while others read it."""

import contextlib
import os
import threading
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from lstmterm import atomic

_BLOCK = 65_536  # bytes that are searched at a time for the end of a line


class Appending:
    """Appends whole lines to a file; use it as a context. Where one cannot be written it waits for the next."""

    def __init__(self, path: Path, most: int | None = None) -> None:
        """At most `most` lines wait, the newest ones; any number if None, so that none is lost."""
        self.path = path
        self._waiting: deque[bytes] = deque(maxlen=most)
        self._lost = 0  # lines that were too many to wait
        self._writing = threading.Lock()

    def __enter__(self) -> "Appending":
        self._file = atomic.appending(self.path)
        self._drop_torn_line()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(atomic.WriteError):
            self.write()
        self._file.close()

    def append(self, line: str) -> None:
        """Add a line, without its end; a reader sees it at once."""
        self._lost += len(self._waiting) == self._waiting.maxlen
        self._waiting.append(line.encode() + b"\n")
        with contextlib.suppress(atomic.WriteError):
            self.write()

    @property
    def is_behind(self) -> bool:
        """Whether lines wait to be written."""
        return bool(self._waiting)

    def taken_losses(self) -> int:
        """How many lines were too many to wait and are lost, once all others are written; each is counted once."""
        if self._waiting:
            return 0
        lost, self._lost = self._lost, 0
        return lost

    def write(self) -> None:
        """Write the lines that wait. Raises `WriteError` for one that cannot be written whole."""
        with self._writing:
            while self._waiting:
                line, end = self._waiting[0], self._file.seek(0, os.SEEK_END)
                try:
                    while line:
                        line = line[self._file.write(line) :]
                except OSError:
                    self._file.truncate(end)
                    raise
                self._waiting.popleft()

    def sync(self) -> None:
        """Have the disk keep what is written. Raises `WriteError`."""
        self.write()
        with atomic.explaining(self.path):
            os.fsync(self._file.fileno())

    def _drop_torn_line(self) -> None:
        """Remove the incomplete last line of a writer that was killed."""
        size = end = self._file.seek(0, os.SEEK_END)
        with open(self.path, "rb") as file:
            while end:
                start = max(0, end - _BLOCK)
                file.seek(start)
                found = file.read(end - start).rfind(b"\n")
                if found >= 0:
                    end = start + found + 1
                    break
                end = start
        if end < size:
            self._file.truncate(end)


def complete_lines(path: Path, offset: int = 0) -> Iterator[bytes]:
    """The lines of a file from `offset` on, with their ends; an incomplete last one is left out. None without a file."""
    if not path.is_file():
        return
    with contextlib.suppress(FileNotFoundError), open(path, "rb") as file:
        file.seek(offset)
        for line in file:
            if not line.endswith(b"\n"):
                return
            yield line
