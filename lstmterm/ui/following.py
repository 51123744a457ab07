"""Following the runs of this machine: a thread reads their journals and posts what is new.

The thread touches no widget. It posts `RunsListed` when a run appeared, vanished or changed its
state, and `JournalRead` with the new events of the runs that somebody watches; running ones are
always watched.
"""

import contextlib
import subprocess
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from lstmterm.errors import RunError
from lstmterm.runs.events import Evaluated, Event, Failed, Finished, Resumed, Started, Step, from_json

if TYPE_CHECKING:
    from pathlib import Path

    from textual.app import App

    from lstmterm.runs.folder import Run
    from lstmterm.runs.journal import JournalReader

_PAUSE = 0.25  # seconds between two looks
_LOOKS_PER_LISTING = 4  # runs started elsewhere are found at every fourth look
_CHUNK = 5000  # events a message carries at most, so that a long journal never holds up a key
_TAIL = 32_768  # bytes that tell how a run stands


@dataclass(frozen=True)
class RunRow:
    """A run as a list shows it."""

    id: str
    name: str
    task: str
    status: str  # running, finished, stopped, failed or interrupted
    share: float  # of its steps that are done
    loss: float | None  # its last (or final) validation loss
    changed: float  # when its journal last grew, seconds since the epoch
    reason: str = ""  # why it failed


@dataclass
class RunsListed(Message):
    """All runs of this machine, newest first."""

    rows: list[RunRow]


@dataclass
class JournalRead(Message):
    """New events of a run; `first` says that these are its journal's first."""

    run: str
    events: list[Event]
    first: bool


class Follower:
    """Reads the runs in a thread of its own until it is told to end."""

    def __init__(self, app: "App[None]", pause: float = _PAUSE) -> None:
        self._app = app
        self._pause = pause
        self._wake = threading.Event()
        self._over = False
        self._watches: dict[str, frozenset[str]] = {}
        self._watched: frozenset[str] = frozenset()
        self._readers: dict[str, JournalReader] = {}
        self._rows: dict[str, tuple[tuple[float, int, str], RunRow]] = {}
        self._runs: dict[str, Run] = {}
        self._listed: list[RunRow] | None = None
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._ended: set[str] = set()  # of the children

    def watch(self, runs: frozenset[str], watcher: str = "train") -> None:
        """Read the journals of these runs too, from now on; what is watched anew is read whole.

        Each watcher has runs of its own.
        """
        self._watches[watcher] = runs
        self._watched = frozenset().union(*self._watches.values())
        self._wake.set()

    def look(self) -> None:
        """Look at once, also for new runs."""
        self._listed = None
        self._wake.set()

    def adopt(self, run_id: str, child: "subprocess.Popen[bytes]") -> None:
        """Look after a child: without its exit code a run that failed early looks as if it began."""
        self._ended.discard(run_id)
        self._children[run_id] = child

    def end(self) -> None:
        """Let the thread return."""
        self._over = True
        self._wake.set()

    def run(self) -> None:
        """The thread."""
        looks = 0
        while not self._over:
            if looks % _LOOKS_PER_LISTING == 0 or self._listed is None:
                self.list_runs()
            self.read_journals()
            looks += 1
            if self._wake.wait(self._pause):
                self._wake.clear()
                looks = 0

    def list_runs(self) -> None:
        """Post the runs if their list is another than last time."""
        from lstmterm.runs import storage

        self._runs = {run.id: run for run in storage.all_runs()}
        rows = [row for run in self._runs.values() if (row := self._row_if_there(run)) is not None]
        for gone in self._rows.keys() - self._runs.keys():
            del self._rows[gone]
        if rows != self._listed:
            self._listed = rows
            self._app.post_message(RunsListed(rows))

    def read_journals(self) -> None:
        """Post what the watched journals have gained."""
        from lstmterm.runs.journal import JournalReader

        running = {row.id for _, row in self._rows.values() if row.status == "running"}
        watched = (self._watched | running) & self._runs.keys()
        for gone in self._readers.keys() - watched:
            del self._readers[gone]
        for run_id in sorted(watched):
            reader = self._readers.get(run_id)
            first = reader is None
            if reader is None:
                reader = self._readers[run_id] = JournalReader(self._runs[run_id].journal)
            events = reader.read()
            for start in range(0, len(events), _CHUNK) or ([0] if first else []):
                part = events[start : start + _CHUNK]
                self._app.post_message(JournalRead(run_id, part, first and start == 0))

    def _row_if_there(self, run: "Run") -> RunRow | None:
        """The row of a run; None for one that is being removed at this moment."""
        try:
            return self._row(run)
        except OSError:
            return None

    def _status(self, run: "Run") -> str:
        """The run's state; a child of ours that is slow to begin runs, one that ended before it had begun failed."""
        child = self._children.get(run.id)
        if child is not None and child.poll() is not None:
            del self._children[run.id]
            self._ended.add(run.id)
        status = run.status()
        if status == "failed" and run.id in self._children and not run.journal.exists():
            return "running"
        if status == "running" and run.id in self._ended and not run.is_held():
            return "failed"
        return status

    def _row(self, run: "Run") -> RunRow:
        """How a run stands, from the end of its journal; read again only when that has changed."""
        status = self._status(run)
        try:
            found = run.journal.stat()
            stamp = (found.st_mtime, found.st_size, status)
        except FileNotFoundError:
            stamp = (0.0, 0, status)
        known = self._rows.get(run.id)
        if known is not None and known[0] == stamp:
            return known[1]
        row = row_of(run, status, stamp[0])
        self._rows[run.id] = stamp, row
        return row


def changed(path: "Path") -> float:
    """When a file was last written to, seconds since the epoch; 0 for one that is gone by now."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def row_of(run: "Run", status: str, written: float) -> RunRow:
    """The row of a run, from the end of its journal; where it failed silently, from its log."""
    share, loss, reason, steps, task = 0.0, None, "", 0, ""
    with contextlib.suppress(KeyError, TypeError, RunError):  # only starting, or damaged
        steps, task = run.spec["training"]["steps"], run.spec["task"]
    for event in _tail(run.journal):
        match event:
            case Started() | Resumed():
                steps = event.steps
            case Step():
                share = event.step / steps if steps else 0.0
            case Evaluated() if event.val_loss is not None:
                loss = event.val_loss
            case Finished():
                share, loss = 1.0, event.val_loss
            case Failed():
                reason = event.message
    if status == "failed" and not reason:
        reason = _last_words(run.log)
    return RunRow(
        run.id, run.name, str(task), status, min(share, 1.0), loss, written or changed(run.log), reason
    )


def _last_words(log: "Path") -> str:
    """The last line of a log, which is the sentence of an error."""
    try:
        lines = log.read_text("utf-8", "replace")[-4000:].strip().splitlines()
    except OSError:
        return ""
    return lines[-1].removeprefix("lstmterm: ") if lines else ""


def _tail(journal: "Path") -> list[Event]:
    """The events in the last part of a journal."""
    try:
        with open(journal, "rb") as file:
            file.seek(0, 2)
            whole = file.tell() <= _TAIL
            file.seek(0 if whole else -_TAIL, 0 if whole else 2)
            lines = file.read().split(b"\n")
    except OSError:
        return []
    events: list[Event] = []
    for line in lines[0 if whole else 1 : -1]:
        try:
            event = from_json(line.decode("utf-8"))
        except ValueError:
            continue
        if event is not None:
            events.append(event)
    return events
