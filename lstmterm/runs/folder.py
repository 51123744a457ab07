"""The folder of a run: its files, its one writer, its status.

A run is a folder in the state directory:

    spec.json           what is trained
    events.jsonl        the journal
    summary.json        its latest figures, for lists of runs
    state.safetensors   what resuming needs (and good.safetensors: the last validated state)
    best.safetensors    the best model so far, which is also published to the library
    marks.json          tags, a note, and the sweep that it belongs to
    log                 what a run in the background printed
    lock                held by the one process that writes here
    starting            held from the start of a process that will train here; reading may take minutes
    stop                exists when the run was asked to stop
    untrained           in place of `stop`: its last process was stopped before it trained
"""

import contextlib
import errno
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from lstmterm import atomic, plain_data
from lstmterm.errors import RunError
from lstmterm.plain_data import Damaged
from lstmterm.runs import ids, lock
from lstmterm.runs.events import Event, Failed, Finished, Started, Stopped
from lstmterm.runs.journal import JournalReader, first_event, last_event
from lstmterm.spec.kinds import check_stored, upgraded

Status = Literal["running", "finished", "stopped", "failed", "interrupted", "damaged"]

_FILES = frozenset(
    (
        "spec.json",
        "events.jsonl",
        "summary.json",
        "marks.json",
        "log",
        "lock",
        "starting",
        "stop",
        "untrained",
    )
)

STATE = "state.safetensors"  # what a session was saved as
_UNTRAINED = "untrained"

LOCK_PATIENCE = 1.0  # seconds: a process that lists runs may hold the lock for a moment


@dataclass(frozen=True)
class Run:
    """A run; its id is the name of its folder."""

    id: str
    folder: Path

    @property
    def journal(self) -> Path:
        """Its events, one a line."""
        return self.folder / "events.jsonl"

    @property
    def summary(self) -> Path:
        """Its latest figures; `lstmterm.runs.summary` reads and writes them."""
        return self.folder / "summary.json"

    @property
    def marks(self) -> Path:
        """Its tags and its note; `lstmterm.runs.marks` reads and writes them."""
        return self.folder / "marks.json"

    @property
    def log(self) -> Path:
        """What it printed as a background process."""
        return self.folder / "log"

    @property
    def best(self) -> Path:
        """Its best model so far."""
        return self.folder / "best.safetensors"

    @property
    def spec(self) -> Mapping[str, Any]:
        """What is trained: the content of `spec.json`; empty if it does not exist yet.

        Raises `RunError` if it is damaged.
        """
        try:
            return _spec(self.folder / "spec.json")
        except Damaged as error:
            raise self._is_damaged(str(error)) from None

    @property
    def name(self) -> str:
        """What its model is published as."""
        return ids.name_in(self.id)

    @property
    def began(self) -> float:
        """When it began, in seconds since the epoch: by its journal, or by its id until it has one; 0 if unknown."""
        return began(self.id, first_event(self.journal))

    def events(self) -> Iterator[Event]:
        """All events in its journal, also those of steps that were undone when it was resumed."""
        return JournalReader(self.journal).read()

    def has_spec(self) -> bool:
        """Whether it is settled what is trained; a new run that reads its text has no spec yet."""
        return (self.folder / "spec.json").exists()

    def has_state(self) -> bool:
        """Whether it saved a state from which it can be resumed; a run of several models saves one for each."""
        with contextlib.suppress(FileNotFoundError):  # it is being deleted
            return any(any(self.folder.glob(pattern)) for pattern in (STATE, f"*/{STATE}"))
        return False

    def damage(self) -> str:
        """What is wrong with its files; empty if nothing is known to be."""
        try:
            for entry in os.scandir(self.folder):
                if entry.name in _FILES and not entry.is_file():
                    raise Damaged(f"{entry.name} is not a file")
            _spec(self.folder / "spec.json")
        except FileNotFoundError:
            return ""
        except OSError as error:
            return f"its folder cannot be read ({error.strerror})"
        except Damaged as error:
            return str(error)
        return ""

    def refuse_damaged(self) -> None:
        """Raise `RunError` if it is damaged."""
        if damage := self.damage():
            raise self._is_damaged(damage)

    def _is_damaged(self, damage: str) -> RunError:
        return RunError(
            f"The run {self.id} is damaged: {damage}; `lstmterm runs remove {self.id}` removes it."
        )

    def status(self) -> Status:
        """What the run is doing, or how it ended; "interrupted" if it was killed and can be resumed."""
        return "running" if self.is_held() or self.is_starting() else self.outcome()

    def outcome(self) -> Status:
        """How it ended, given that no process writes to it."""
        if self.damage():
            return "damaged"
        match last_event(self.journal):
            case Finished():
                return "finished"
            case Stopped():
                return "stopped"
            case Failed():
                return "failed"
            case None:
                return "failed"
            case _:
                return "interrupted"

    def is_held(self) -> bool:
        """Whether a process writes to it now."""
        return lock.is_held(self._lock)

    def writer(self) -> int | None:
        """The number of the process that writes to it now, if it is known."""
        return lock.holder(self._lock) if self.is_held() else None

    def is_starting(self) -> bool:
        """Whether a process was started for it, which may not write to it yet."""
        return lock.is_held(self.starting)

    @contextlib.contextmanager
    def started(self) -> Iterator[int]:
        """Be the process that will train it, without the stop requests of earlier ones.

        Yields the lock's descriptor. Raises `RunError` if another process is.
        """
        with self._locked(self.starting) as descriptor:
            if self.is_held():
                raise self._taken(lock.holder(self._lock))
            self.clear_stop()
            yield descriptor

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Be its one writer. Raises `RunError` if another process is."""
        with self._locked(self._lock):
            yield

    @contextlib.contextmanager
    def unchanged(self) -> Iterator[None]:
        """Within this context no process writes to it or removes it.

        Raises `RunError` if one does, and `OSError` if it has no lock, or has been removed.
        """
        try:
            with lock.keeping_free(self._lock):
                yield
        except lock.Taken as taken:
            raise self._taken(taken.holder) from None

    @contextlib.contextmanager
    def _locked(self, path: Path) -> Iterator[int]:
        with contextlib.ExitStack() as held:
            try:
                descriptor = held.enter_context(lock.holding(path, LOCK_PATIENCE))
            except lock.Taken as taken:
                raise self._taken(taken.holder) from None
            except FileNotFoundError:
                raise RunError(f"The run {self.id} has been removed.") from None
            except OSError as error:
                raise atomic.WriteError(path, error) from None
            yield descriptor

    def _taken(self, holder: int | None) -> RunError:
        doing = "being trained by" if self.is_held() else "starting in"
        which = f"another process ({holder})" if holder else "another process"
        return RunError(
            f"The run {self.id} is {doing} {which}; "
            f"`lstmterm attach {self.id}` follows it, `lstmterm stop {self.id}` stops it."
        )

    @property
    def starting(self) -> Path:
        """Locked by the process that will train it."""
        return self.folder / "starting"

    @property
    def _lock(self) -> Path:
        return self.folder / "lock"

    def stop_requested(self) -> bool:
        """Whether it was asked to stop."""
        return (self.folder / "stop").exists()

    def request_stop(self) -> None:
        """Ask the process that trains it to save and stop; does nothing if it was removed."""
        try:
            atomic.appending(self.folder / "stop").close()
        except atomic.WriteError as error:
            if error.errno != errno.ENOENT:
                raise

    def clear_stop(self) -> None:
        """Withdraw an earlier request to stop, and forget how it was answered."""
        for name in ("stop", _UNTRAINED):
            (self.folder / name).unlink(missing_ok=True)

    def stop_untrained(self) -> None:
        """Leave word that the process ends before it trains, as it was asked to; a full disk has room for it."""
        with contextlib.suppress(OSError):
            os.replace(self.folder / "stop", self.folder / _UNTRAINED)

    def was_stopped_untrained(self) -> bool:
        """Whether its last process was stopped before it trained."""
        return (self.folder / _UNTRAINED).exists()


def began(run_id: str, first: Event | None) -> float:
    """When a run with this first event began, as `Run.began`."""
    by_journal = ids.possible(first.began or first.time) if isinstance(first, Started) else 0.0
    return by_journal or ids.began(run_id)


def _spec(path: Path) -> Mapping[str, Any]:
    """The checked spec in a file, in its current format; empty if there is none. Raises `Damaged`."""
    try:
        status = path.stat()
    except OSError:
        return {}
    spec = _checked_spec(path, status.st_mtime_ns, status.st_size)
    if isinstance(spec, str):
        raise Damaged(spec)
    return spec


@lru_cache(maxsize=1024)
def _checked_spec(path: Path, _modified: int, _size: int) -> Mapping[str, Any] | str:
    """The spec in a file of that time and size, or what is wrong with it; lists of runs ask again and again."""
    try:
        spec = upgraded(plain_data.read(path))
        with plain_data.naming(path):
            check_stored(spec)
    except FileNotFoundError:
        return {}
    except Damaged as error:
        return str(error)
    return spec
