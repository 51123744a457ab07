"""The process that makes the runs of a sweep, one after another: its lock, its log, and a request to stop.

They are stored in `.sweeps/ID` in the runs' folder; the leading dot tells it from a run.
"""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lstmterm import atomic, paths
from lstmterm.errors import RunError
from lstmterm.runs import lock, marks, storage
from lstmterm.runs.folder import LOCK_PATIENCE, Run


@dataclass(frozen=True)
class SweepProcess:
    """The process of the sweep with this id, which is the `group` of its runs' marks."""

    group: str

    @property
    def folder(self) -> Path:
        return paths.runs() / ".sweeps" / paths.made_plain(self.group)

    @property
    def log(self) -> Path:
        """What it printed as a background process."""
        return self.folder / "log"

    @property
    def _lock(self) -> Path:
        return self.folder / "lock"

    @property
    def _stop(self) -> Path:
        return self.folder / "stop"

    def exists(self) -> bool:
        """Whether there was such a sweep."""
        return self._lock.exists()

    def is_held(self) -> bool:
        """Whether a process makes its runs now."""
        return lock.is_held(self._lock)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Be its one process, without the stop requests to earlier ones. Raises `RunError` if another process is."""
        atomic.make_folder(self.folder)
        with contextlib.ExitStack() as kept:
            try:
                with atomic.explaining(self._lock):
                    kept.enter_context(lock.holding(self._lock, LOCK_PATIENCE))
            except lock.Taken:
                raise self.taken() from None
            self._stop.unlink(missing_ok=True)
            yield

    def taken(self) -> RunError:
        """The error for a second process."""
        return RunError(
            f"The sweep {self.group} is running in another process; `lstmterm attach {self.group}` follows it, "
            f"`lstmterm stop {self.group}` stops it."
        )

    def stop_requested(self) -> bool:
        """Whether it was asked to stop."""
        return self._stop.exists()

    def request_stop(self) -> None:
        """Ask it to stop the run that trains, and to start no other."""
        atomic.appending(self._stop).close()

    def forget(self) -> None:
        """Delete these files if it has no run any more; does nothing while a process makes its runs."""
        if any(marks.read(run).group == self.group for run in storage.known_runs()):
            return
        with contextlib.suppress(lock.Taken, OSError), lock.holding(self._lock, 0):
            doomed = atomic.temporary_beside(self.folder)
            atomic.sweep(doomed.parent)
            os.replace(self.folder, doomed)
            atomic.delete(doomed)

    def runs(self) -> list[Run]:
        """Its runs, in the order of their ids."""
        known = sorted(storage.known_runs(), key=lambda run: run.id)
        return [run for run in known if marks.read(run).group == self.group]


def remove(run: Run) -> None:
    """Delete a run as `storage.remove` does, and with the last run of a sweep what is stored of the sweep."""
    group = marks.read(run).group
    storage.remove(run)
    if group:
        SweepProcess(group).forget()


def find(reference: str) -> SweepProcess | None:
    """The sweep with this id, unless it is the id or the name of a run."""
    sweep = SweepProcess(reference)
    if not sweep.exists() or any(reference in (run.id, run.name) for run in storage.known_runs()):
        return None
    return sweep
