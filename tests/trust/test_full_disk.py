"""Training on a disk that fills up and has room again: no step is lost, and saving begins again."""

import contextlib
import dataclasses
import errno
import functools
import itertools
import os
import resource
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from unittest import mock

import pytest

from lstmterm import atomic, paths
from lstmterm.models import model_file
from lstmterm.nn import saved_state
from lstmterm.nn.checkpoints import LATEST
from lstmterm.runs import journal, storage
from lstmterm.runs.events import Event, Step, Warned
from lstmterm.runs.folder import Run
from tests import processes
from tests.processes import FAST, Process, Trouble
from tests.recorded import steps_in, still_counted
from tests.small import small_text
from tests.trust.test_kills import bits

PROMISE = (
    "A full disk is survived: training continues with a warning, the last save stays, and saving begins again"
)
LONG = 10

MEGABYTES = 8
KNOBS = (
    "--hidden", 96, "--embedding", 8, "--batch-size", 4, "--seq-length", 10, "--threads", 1,
    "--precision", "float32", "--device", "cpu", "--steps", 100_000, "--evaluate-every", 10,
)  # fmt: skip
SLOW = Trouble(seconds_a_step=0.01, save_every=5)
Fill = Callable[[Process, Run], AbstractContextManager[None]]  # until its end nothing can be written


def check(rounds: int) -> str:
    """Fill the disk of a run in training `rounds` times, and make room again; without root, let no file grow."""
    return on_a_small_disk(rounds) if may_mount() else with_limited_files(rounds)


def on_a_small_disk(rounds: int) -> str:
    with small_disk() as home:
        seen = fill_and_free(home, rounds, SLOW, lambda *_: filled(home / "filler"))
    return f"a disk of {MEGABYTES} MB was full {seen}"


def with_limited_files(rounds: int) -> str:
    with tempfile.TemporaryDirectory() as folder:
        limit = Path(folder) / "limit"
        trouble = dataclasses.replace(SLOW, broken=functools.partial(listen, limit))
        seen = fill_and_free(Path(folder) / "home", rounds, trouble, functools.partial(no_growth, limit))
    return f"no file could grow {seen}"


def fill_and_free(home: Path, rounds: int, trouble: Trouble, fill: Fill) -> str:
    """Train in this home while the disk is full `rounds` times."""
    with tempfile.TemporaryDirectory() as scratch, mock.patch.dict(os.environ, LSTMTERM_HOME=str(home)):
        out, text = Path(scratch) / "out", Path(scratch) / "text.txt"
        text.write_text(small_text(3000))
        process = processes.start(out, "train", text, "--name", "full", *KNOBS, trouble=trouble)
        processes.until(lambda: paths.model("full").exists(), "the first model")
        run = storage.find("full")
        unsaved = 0
        for number in range(1, rounds + 1):
            with fill(process, run):
                processes.until(lambda: process.err.count("saving is tried again") == number, "a warning")  # noqa: B023
                assert str(home) in process.err
                state = saved_state.read_numbers(run.folder / LATEST)
                assert process.process.exitcode is None, process.err
            processes.until(lambda: process.err.count("can be saved again") == number, "saving")  # noqa: B023
            again = saved_state.read_numbers(run.folder / LATEST)
            assert again["step"] > state["step"]
            unsaved += again["step"] - state["step"]
        assert processes.run(out, "stop", "full").process.exitcode == 0
        assert process.wait() == 0, process.err
        model_file.load(paths.model("full"))
        events = [*run.events()]
        assert sum(isinstance(e, Warned) and "can be saved again" in e.message for e in events) == rounds
        steps = sum(e.steps for e in events if isinstance(e, Step))
        assert steps == events[-1].step, "the journal lost steps"
    return (
        f"{rounds} times in {steps:,} steps, {unsaved:,} of them trained while "
        "nothing could be saved: told each time, the last save stayed, saving began again, no step lost"
    )


@contextlib.contextmanager
def filled(filler: Path) -> Iterator[None]:
    """A disk without a byte left."""
    with open(filler, "wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))
    yield
    filler.unlink()


@contextlib.contextmanager
def no_growth(limit: Path, process: Process, run: Run) -> Iterator[None]:
    """A process whose files cannot be larger than its journal is now."""
    for size in (str(run.journal.stat().st_size), ""):
        limit.write_text(size)
        process.send(signal.SIGUSR1)
        if size:
            yield


def listen(limit: Path) -> None:
    """Limit the size of this process's files at SIGUSR1 to the number in the file `limit`."""

    def set_limit(*_: object) -> None:
        most = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit.read_text() or most), most))

    signal.signal(signal.SIGUSR1, set_limit)


def mount(folder: str) -> bool:
    words = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", folder]
    return os.geteuid() == 0 and subprocess.run(words, check=False, capture_output=True).returncode == 0


@functools.cache
def may_mount() -> bool:
    """Whether this process may mount a small file system; as a rule only root may."""
    with tempfile.TemporaryDirectory() as folder:
        if mounted := mount(folder):
            subprocess.run(["umount", folder], check=True)
    return mounted


@contextlib.contextmanager
def small_disk() -> Iterator[Path]:
    """A file system of a few megabytes."""
    with tempfile.TemporaryDirectory() as folder:
        assert mount(folder)
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "-l", folder], check=True)


def journal_stays_short(after: int) -> None:
    """From the n-th event on nothing can be added to the journal of this process; all other files can be written."""
    appending, calls = journal.Journal.append, itertools.count(1)

    def full(*_: object) -> int:
        raise atomic.WriteError(Path("events.jsonl"), OSError(errno.ENOSPC, "No space left on device"))

    def append(self: journal.Journal, event: Event) -> None:
        if next(calls) == after:
            self._lines._file.write = full
        appending(self, event)

    journal.Journal.append = append


def test_a_run_killed_with_events_in_memory_resumes_and_says_what_its_journal_lacks(tmp_path: Path) -> None:
    """Its state is saved later than its journal: nothing is doubled, and the gap in the curve is said."""
    (text := tmp_path / "text.txt").write_text(small_text(3000))
    train = "train", text, *FAST, "--steps", 40, "--evaluate-every", 10, "--dropout", 0.3, "--quiet"
    assert processes.run(tmp_path / "out", *train, "--name", "whole").process.exitcode == 0
    trouble = Trouble(
        save_every=5, signals={28: signal.SIGKILL}, broken=functools.partial(journal_stays_short, 12)
    )
    killed = processes.run(tmp_path / "out", *train, "--name", "killed", trouble=trouble)
    assert killed.process.exitcode == -signal.SIGKILL
    run = storage.find("killed")
    recorded, saved = [*run.events()][-1].step, saved_state.read_numbers(run.folder / LATEST)["step"]
    assert recorded < saved == 25
    assert processes.run(tmp_path / "out", "resume", "killed", "--quiet").process.exitcode == 0
    events = [*run.events()]
    assert steps_in(still_counted(events)) == [*range(1, recorded + 1), *range(saved + 1, 41)]
    (said,) = (event.message for event in events if isinstance(event, Warned))
    assert f"lacks the steps {recorded + 1} to {saved}" in said
    assert bits(run) == bits(storage.find("whole"))


def test_full_disk() -> None:
    if not may_mount():
        pytest.skip("a small file system cannot be mounted here")
    assert "no step lost" in on_a_small_disk(1)


def test_files_that_cannot_grow() -> None:
    assert "no step lost" in with_limited_files(1)
