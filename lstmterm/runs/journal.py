"""A run's journal: one event a line, appended by the run's one writer, read by anyone at any time."""

import os
from collections import deque
from collections.abc import Iterator, Reversible
from pathlib import Path

from lstmterm.lines import Appending, complete_lines
from lstmterm.runs.events import Event, from_json, to_json

_MOST_WAITING = 10_000  # events, some megabytes; a run that goes on for weeks on a full disk has more
_MOST_DAMAGED = 100  # training losses in a row, of which one should still be readable
_STEP = b'{"event": "step",'  # how the line of a training loss begins


class Journal:
    """Appends to a journal; use it as a context."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lines = Appending(path, _MOST_WAITING)

    def __enter__(self) -> "Journal":
        self._lines.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._lines.__exit__(*error)

    def append(self, event: Event) -> None:
        """Add an event; a reader sees it at once. Where it cannot be written, it waits for the next one."""
        self._lines.append(to_json(event))

    @property
    def is_behind(self) -> bool:
        """Whether events wait to be written."""
        return self._lines.is_behind

    def taken_losses(self) -> int:
        """As `Appending.taken_losses`, of events."""
        return self._lines.taken_losses()

    def write(self) -> None:
        """Write the lines that wait. Raises `WriteError` for one that cannot be written whole."""
        self._lines.write()


class JournalReader:
    """Reads a journal as it grows: complete lines only, each once."""

    def __init__(self, path: Path, offset: int = 0) -> None:
        """`offset` is where to start, in bytes; a line starts there."""
        self.path = path
        self.offset = offset  # of the next line

    def read(self) -> Iterator[Event]:
        """The events since the last one that was yielded; none while there is no journal.

        They are read as they are asked for, so that a long journal needs no memory. Lines that are not
        events are skipped: a damaged journal is no reason to fail.
        """
        for line in self._lines():
            if (event := _parsed(line)) is not None:
                yield event

    def outline(self) -> Iterator[Event]:
        """As `read`, but of training losses that follow each other only the last one.

        Nearly all lines are such losses, and the others are not decoded: a million lines take a second
        instead of ten.
        """
        steps: deque[bytes] = deque(maxlen=_MOST_DAMAGED)
        for line in self._lines():
            if line.startswith(_STEP):
                steps.append(line)
                continue
            yield from _last_of(steps)
            steps.clear()
            if (event := _parsed(line)) is not None:
                yield event
        yield from _last_of(steps)

    def _lines(self) -> Iterator[bytes]:
        for line in complete_lines(self.path, self.offset):
            self.offset += len(line)
            yield line


def _last_of(lines: Reversible[bytes]) -> list[Event]:
    """The last event among lines, if there is one."""
    for line in reversed(lines):
        if (event := _parsed(line)) is not None:
            return [event]
    return []


def _parsed(line: bytes) -> Event | None:
    try:
        return from_json(line.decode())
    except ValueError:
        return None


def first_event(path: Path) -> Event | None:
    """The first event of a journal, if its first line is complete."""
    if not path.is_file():
        return None
    try:
        with open(path, "rb") as file:
            line, end, _ = file.read(65_536).partition(b"\n")
    except OSError:
        return None
    return _parsed(line) if end else None


def last_event(path: Path) -> Event | None:
    """The last complete event of a journal, read from its end."""
    if not path.is_file():
        return None
    try:
        with open(path, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - 65_536))
            lines = file.read().split(b"\n")[:-1]
    except FileNotFoundError:
        return None
    return next(iter(_last_of(lines)), None)
