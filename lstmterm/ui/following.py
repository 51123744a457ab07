"""Following the runs of this machine: a thread reads their journals and posts what is new.

The thread touches no widget. It posts `RunsListed` when a run appears, vanishes or changes, and
`JournalRead` with the new events of the runs that a panel watches and of those that are running.
It imports what reads runs itself, so that the first frame does not wait for that.
"""

from __future__ import annotations

import subprocess
import threading
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from textual.app import App
from textual.message import Message

if TYPE_CHECKING:
    from lstmterm.runs.events import Event
    from lstmterm.runs.folder import Run, Status
    from lstmterm.runs.journal import JournalReader
    from lstmterm.runs.summary import Summary

_PAUSE = 0.25  # seconds between two looks
_LOOKS_PER_LISTING = 4  # runs started elsewhere are found at every fourth look
_CHUNK = 2000  # events in a message at most, so that a long journal does not delay a key


@dataclass
class RunsListed(Message):
    """All runs of this machine, newest first."""

    summaries: list[Summary]


@dataclass
class JournalRead(Message):
    """New events of a run; with `first`, its journal is read from its start again."""

    run: str
    events: list[Event]
    first: bool


class Follower:
    """Reads the runs in a thread, from `run` to `end`."""

    def __init__(self, app: App[None], pause: float = _PAUSE) -> None:
        self._app = app
        self._pause = pause
        self._wake = threading.Event()
        self._shown = threading.Event()
        self._over = False
        self._watches: dict[str, frozenset[str]] = {}
        self._watched: frozenset[str] = frozenset()
        self._readers: dict[str, JournalReader] = {}
        self._rows: dict[str, tuple[tuple[float, int, str], Summary]] = {}
        self._runs: dict[str, Run] = {}
        self._listed: list[Summary] | None = None
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def watch(self, runs: frozenset[str], watcher: str = "train") -> None:
        """Also read the journals of these runs from now on, each from its beginning.

        They replace the runs that the same watcher named before.
        """
        self._watches[watcher] = runs
        self._watched = frozenset().union(*self._watches.values())
        self._wake.set()

    def look(self) -> None:
        """Look at once, for new runs too."""
        self._listed = None
        self._wake.set()

    def adopt(self, run_id: str, child: subprocess.Popen[bytes]) -> None:
        """Keep a child that was started for a run until it ends."""
        self._children[run_id] = child

    def shown(self) -> None:
        """Go on with a long journal: the events that were read of it are shown."""
        self._shown.set()

    def end(self) -> None:
        """Ask the thread to return."""
        self._over = True
        self._wake.set()
        self._shown.set()

    def run(self) -> None:
        """List the runs, read journals and figures, and wait, until `end` is called: the body of the thread."""
        looks = 0
        while not self._over:
            if looks % _LOOKS_PER_LISTING == 0 or self._listed is None:
                self.list_runs()
            self._shown.clear()
            more = self.read_journals()
            looks += 1
            if more and not self._over:
                self._shown.wait()
            if self.read_figures():
                looks = 0
                continue
            if self._wake.wait(0 if more else self._pause):
                self._wake.clear()
                looks = 0

    def list_runs(self) -> None:
        """Post the runs if anything about them changed."""
        from lstmterm.runs import storage
        from lstmterm.runs.summary import newest_first

        self._runs = {run.id: run for run in storage.known_runs()}
        rows = newest_first(
            row for run in self._runs.values() if (row := self._row(run)) is not None and run.folder.exists()
        )
        for gone in self._rows.keys() - self._runs.keys():
            del self._rows[gone]
        for gone in self._children.keys() - self._runs.keys():
            self._let_go(gone)
        if rows != self._listed:
            self._listed = rows
            self._app.post_message(RunsListed(rows))

    def read_figures(self) -> bool:
        """Read the figures of one listed run that has none yet; returns whether there was one."""
        from lstmterm.runs.summary import summarize

        unread = next(((row, stamp) for stamp, row in self._rows.values() if not row.is_read), None)
        if unread is None or self._over:
            return False
        row, stamp = unread
        try:
            read = summarize(self._runs[row.id], row.status)
        except OSError:  # it is being removed, or the disk fails
            read = replace(row, is_read=True)
        self._rows[row.id] = stamp, read
        return True

    def read_journals(self) -> bool:
        """Post new events of the watched journals; returns whether there may be more of them."""
        from lstmterm.runs.journal import JournalReader

        running = {row.id for _, row in self._rows.values() if row.status == "running"}
        watched = (self._watched | running) & self._runs.keys()
        for gone in self._readers.keys() - watched:
            del self._readers[gone]
        more = False
        for run_id in sorted(watched):
            reader = self._readers.get(run_id)
            first = reader is None
            if reader is None:
                reader = self._readers[run_id] = JournalReader(self._runs[run_id].journal)
            events = [*islice(reader.read(), _CHUNK)]
            if events or first:
                self._app.post_message(JournalRead(run_id, events, first))
            more = more or len(events) == _CHUNK
        return more

    def _status(self, run: Run) -> Status:
        """The run's status; a child of ours that ended is let go."""
        self._let_go(run.id)
        return run.status()

    def _let_go(self, run_id: str) -> None:
        """Forget the child that was started for a run if it has ended."""
        child = self._children.get(run_id)
        if child is not None and child.poll() is not None:
            del self._children[run_id]

    def _row(self, run: Run) -> Summary | None:
        """The summary of a run, read again only when its journal or status changed.

        None for a run that is being removed at this moment.
        """
        from lstmterm.runs.summary import glance

        try:
            status = self._status(run)
            found = run.journal.stat() if run.journal.exists() else None
            stamp = (found.st_mtime, found.st_size, status) if found else (0.0, 0, status)
            if self._rows.get(run.id, (None,))[0] != stamp:
                self._rows[run.id] = stamp, glance(run, status)
        except OSError:
            return None
        return self._rows[run.id][1]
