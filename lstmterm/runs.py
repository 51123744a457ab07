"""A run on disk: start, record, follow, stop, list, publish.

A run is a folder in the state directory:

    spec.json           what is trained
    events.jsonl        the journal
    state.safetensors   what resuming needs (and good.safetensors: the last validated state)
    best.safetensors    the best model so far, which is also published to the library
    log                 what a run in the background printed
    lock                held by the one process that writes here
    starting            held by a process in the background from its first moment
    stop                present when somebody asked the run to stop
"""

import contextlib
import difflib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from lstmterm import atomic, paths
from lstmterm.errors import InputError, RunError
from lstmterm.events import Event, Failed, Finished, Saved, Stopped
from lstmterm.journal import Journal, JournalReader, last_event, lasting

Status = Literal["running", "finished", "stopped", "failed", "interrupted"]

LOCK_PATIENCE = 1.0  # seconds: a process that only lists runs may hold a lock for a moment
START_PATIENCE = 20.0  # seconds in which a run in the background takes its lock


@dataclass(frozen=True)
class Run:
    """A run, by its folder's name."""

    id: str
    folder: Path

    @property
    def journal(self) -> Path:
        """Its events, one a line."""
        return self.folder / "events.jsonl"

    @property
    def log(self) -> Path:
        """What it printed in the background."""
        return self.folder / "log"

    @property
    def best(self) -> Path:
        """Its best model so far."""
        return self.folder / "best.safetensors"

    @property
    def spec(self) -> Mapping[str, Any]:
        """What is trained: the content of `spec.json`; empty while there is none."""
        try:
            return json.loads((self.folder / "spec.json").read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except ValueError:
            raise RunError(f"The run {self.id} is damaged: its spec.json is no JSON.") from None

    @property
    def name(self) -> str:
        """What its model is published as: the id's end, behind date and time."""
        return self.id.split("-", 2)[-1]

    def status(self) -> Status:
        """What the run is doing, or how it ended. "interrupted": killed, and resumable."""
        return "running" if self.is_held() else self.outcome()

    def outcome(self) -> Status:
        """How it ended, if no process writes to it."""
        match last_event(self.journal):
            case Finished():
                return "finished"
            case Stopped():
                return "stopped"
            case Failed():
                return "failed"
            case None:
                return "running" if self._is_starting() else "failed"
            case _:
                return "interrupted"

    def is_held(self) -> bool:
        """Whether a process writes to it now."""
        return _is_taken(self._lock())

    @contextlib.contextmanager
    def started(self) -> Iterator[None]:
        """Be the process that will train it: what comes before the first event may take minutes."""
        with FileLock(self.folder / "starting").acquire(timeout=LOCK_PATIENCE):
            yield

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Be the one writer. Raises `RunError` when another process is."""
        lock = self._lock()
        try:
            lock.acquire(timeout=LOCK_PATIENCE)
        except Timeout:
            raise RunError(
                f"The run {self.id} is being trained by another process; "
                f"`lstmterm attach {self.id}` follows it, `lstmterm stop {self.id}` stops it."
            ) from None
        try:
            yield
        finally:
            lock.release()

    def has_begun_to_start(self) -> bool:
        """Whether a process in the background is there for it, which may not hold it yet."""
        starting = self.folder / "starting"
        return starting.exists() and _is_taken(FileLock(starting))

    def _lock(self) -> FileLock:
        return FileLock(self.folder / "lock")

    def _is_starting(self) -> bool:
        if self.has_begun_to_start():
            return True
        with contextlib.suppress(FileNotFoundError):
            return time.time() - self.log.stat().st_mtime < START_PATIENCE
        return False

    def stop_requested(self) -> bool:
        """Whether somebody asked it to stop."""
        return (self.folder / "stop").exists()

    def request_stop(self) -> None:
        """Ask the process that trains it to save and leave."""
        (self.folder / "stop").touch()

    def clear_stop(self) -> None:
        """Forget an earlier request."""
        (self.folder / "stop").unlink(missing_ok=True)


def _is_taken(lock: FileLock) -> bool:
    try:
        with lock.acquire(timeout=0):
            return False
    except Timeout:
        return True


# Finding and making


def new_id(name: str) -> str:
    """A fresh id for a run of `name`: date, time, name."""
    stem = time.strftime("%Y%m%d-%H%M%S")
    attempt = f"{stem}-{paths.plain_name(name)}"
    while (paths.runs() / attempt).exists():
        time.sleep(0.2)
        attempt = f"{time.strftime('%Y%m%d-%H%M%S')}-{name}"
    return attempt


def started(run_id: str | None) -> contextlib.AbstractContextManager[None]:
    """Be the process of a run that was started in the background under this id; without one, nothing."""
    if run_id is None:
        return contextlib.nullcontext()
    run = _of(run_id)
    run.folder.mkdir(parents=True, exist_ok=True)
    return run.started()


def _of(run_id: str) -> Run:
    """The run of this id, be it there or not. Raises `InputError` for what is no plain name."""
    return Run(paths.plain_name(run_id, "run's id"), paths.runs() / run_id)


def create(run_id: str, spec_json: str) -> Run:
    """A run's folder with its spec. The folder may be there already, with a log."""
    run = _of(run_id)
    if (run.folder / "spec.json").exists():
        raise RunError(f"There is a run {run_id} already.")
    run.folder.mkdir(parents=True, exist_ok=True)
    atomic.write_text(run.folder / "spec.json", spec_json)
    return run


def all_runs() -> list[Run]:
    """Every run of this person, the newest first."""
    try:
        folders = [f for f in paths.runs().iterdir() if f.is_dir() and not f.name.startswith(".")]
    except FileNotFoundError:
        return []
    return [Run(f.name, f) for f in sorted(folders, key=lambda f: f.name, reverse=True)]


def find(reference: str) -> Run:
    """The run with this id, or the latest one of this name. Raises `InputError`."""
    known = all_runs()
    for run in known:
        if run.id == reference:
            return run
    for run in known:
        if run.name == reference:
            return run
    if not known:
        raise InputError(f"There is no run {reference!r}: nothing was trained here yet.")
    near = difflib.get_close_matches(reference, [r.id for r in known] + [r.name for r in known], n=1)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    raise InputError(f"There is no run {reference!r}. {hint}`lstmterm runs` lists them.")


def refuse_running(name: str, besides: Run | None = None) -> None:
    """Raise `InputError` when a run (`besides` this one) is training a model of this name now."""
    for run in all_runs():
        if run.name == name and run != besides and run.is_held():
            raise InputError(
                f"The run {run.id} is training a model named {name!r} now; choose another --name, "
                f"or stop it with `lstmterm stop {run.id}`."
            )


def remove(run: Run) -> None:
    """Delete a run that is not running. Its published model stays."""
    if run.has_begun_to_start() and not run.is_held():
        raise RunError(f"The run {run.id} is starting; `lstmterm stop {run.id}` stops it.")
    doomed = run.folder.with_name(f".{run.id}.removed")
    with run.held():
        os.replace(run.folder, doomed)
    shutil.rmtree(doomed)


# Writing and reading


def record(run: Run, events: Iterable[Event]) -> Iterator[Event]:
    """Pass events on, keep them in the journal, and publish the best model as it improves.

    The caller holds the run. An error on the way is kept as `Failed` before it goes on, unless it
    came before a sitting that was to go on with the run had done anything. Raises
    `InputError` when another run trains a model of this name: the two would replace each other's.
    """
    refuse_running(run.name, besides=run)
    last: Event | None = None
    goes_on = run.journal.exists()
    with Journal(run.journal) as journal:
        try:
            for event in events:
                journal.append(event)
                if isinstance(event, Saved) and event.what == "model":
                    publish(run)
                last = event
                yield event
        except GeneratorExit:
            raise
        except Exception as error:
            if last is not None or not goes_on:
                step = last.step if last else 0
                message = str(error) or type(error).__name__
                journal.append(Failed(step=step, time=time.time(), message=message))
            raise


def publish(run: Run) -> None:
    """Put the run's best model in the library under its name."""
    atomic.write_bytes(paths.models() / f"{run.spec['name']}.safetensors", run.best.read_bytes())


def history(run: Run) -> list[Event]:
    """The events that hold, up to now."""
    return lasting(JournalReader(run.journal).read())


def follow(run: Run, poll: float = 0.1) -> Iterator[Event]:
    """All its events as they were written, those to come too, until no process writes any more."""
    reader = JournalReader(run.journal)
    while True:
        running = run.status() == "running"
        yield from reader.read()
        if not running:
            return
        time.sleep(poll)


def launch(arguments: Sequence[str], run_id: str) -> subprocess.Popen[bytes]:
    """Start `lstmterm ARGUMENTS` in a session of its own, its output in the log of run `run_id`.

    The arguments name the run: `train ... --run-id RUN_ID`, or `resume RUN_ID`. The child outlives
    this process and its terminal.
    """
    folder = _of(run_id).folder
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-P", "-m", "lstmterm", *arguments]
    with open(folder / "log", "ab") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
