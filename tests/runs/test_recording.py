"""Recording a run, and following it."""

import errno
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest.mock import ANY

import pytest

from lstmterm import atomic, paths
from lstmterm.errors import RunError
from lstmterm.runs import recording
from lstmterm.runs.events import Event, Failed, Resumed, Saved, Step, Warned
from lstmterm.runs.folder import STATE
from lstmterm.runs.journal import Journal
from tests.recorded import FINISHED, STARTED, STEP, a_run


def test_each_event_is_in_the_journal_before_it_is_passed_on() -> None:
    run = a_run("20250101-000000-a")
    for number, event in enumerate(recording.record(run, [STEP, FINISHED]), 1):
        assert [*run.events()][-1] == event
        assert len([*run.events()]) == number


def test_the_best_model_is_published_as_it_improves() -> None:
    run = a_run("20250101-000000-a")
    published = paths.models() / "a.safetensors"
    events = recording.record(
        run, [STEP, *[Saved(step=1, time=0, what=w, seconds=0) for w in ("state", "model")]]
    )
    run.best.write_bytes(b"best")
    next(events)
    next(events)
    assert not published.exists()
    next(events)
    assert published.read_bytes() == b"best"


def test_an_error_is_recorded_as_the_end() -> None:
    def failing() -> object:
        yield STEP
        raise OSError("the disk is full")

    run = a_run("20250101-000000-a")
    with pytest.raises(OSError, match="full"):
        list(recording.record(run, failing()))  # pyright: ignore[reportArgumentType]
    assert run.status() == "failed"
    last = [*run.events()][-1]
    assert isinstance(last, Failed)
    assert last.message == "the disk is full"


def test_a_full_disk_says_how_to_continue(monkeypatch: pytest.MonkeyPatch) -> None:
    full = atomic.WriteError(Path("state.safetensors"), OSError(errno.ENOSPC, "No space left on device"), 100)

    def failing() -> Iterator[Event]:
        yield STEP
        raise full

    run = a_run("20250101-000000-a")
    with pytest.raises(RunError, match="Then start the run again; nothing was saved yet"):
        list(recording.record(run, failing()))
    (run.folder / "state.safetensors").touch()
    with pytest.raises(RunError) as error:
        list(recording.record(run, failing()))
    assert str(error.value) == f"{full} Then continue with `lstmterm resume {run.id}`."
    assert run.summary.exists()
    last = [*run.events()][-1]
    assert isinstance(last, Failed)
    assert last.message == str(error.value)


def test_a_journal_that_cannot_be_written_is_named_and_stays_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write

    def full(descriptor: int, data: bytes) -> int:
        if os.fstat(descriptor).st_size > 1000:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, bytes(data)[:100])  # as a disk that is nearly full

    run = a_run("20250101-000000-a")
    monkeypatch.setattr(os, "write", full)
    with pytest.raises(RunError, match=f"Cannot write {run.journal}: no space left on device"):
        list(recording.record(run, [STEP] * 100))
    monkeypatch.undo()
    assert run.journal.read_bytes().endswith(b"\n")
    assert len([*run.events()]) == len(run.journal.read_bytes().splitlines()) > 2


def test_following_yields_every_event_and_ends_with_the_run() -> None:
    run = a_run("20250101-000000-a", STEP)
    seen: list[Event] = []

    def follow() -> None:
        seen.extend(recording.follow(run, poll=0.01))

    with run.held():
        follower = threading.Thread(target=follow)
        follower.start()
        time.sleep(0.1)
        with Journal(run.journal) as journal:
            journal.append(FINISHED)
    follower.join(10)
    assert not follower.is_alive()
    assert seen == [STEP, FINISHED]


def test_an_error_before_the_first_event_leaves_a_resumed_run_unchanged() -> None:
    def failing() -> Iterator[Event]:
        raise OSError("the text is gone")
        yield

    run = a_run("20250101-000000-a", STEP)
    with pytest.raises(OSError, match="gone"):
        list(recording.record(run, failing()))
    assert [*run.events()] == [STEP]
    new = a_run("20250102-000000-b")
    new.journal.unlink()
    with pytest.raises(OSError, match="gone"):
        list(recording.record(new, failing()))
    assert new.status() == "failed"


def test_a_recording_that_is_closed_is_not_a_failure() -> None:
    run = a_run("20250101-000000-a")
    events = recording.record(run, [STEP, FINISHED])
    next(events)
    events.close()  # pyright: ignore[reportAttributeAccessIssue]
    assert [*run.events()] == [STEP]


def test_following_includes_events_that_were_undone() -> None:
    found = [STEP, Resumed(step=0, time=0, steps=1), STEP, FINISHED]
    assert list(recording.follow(a_run("20250101-000000-a", *found))) == found


def test_a_model_that_cannot_be_published_is_tried_again_and_missed_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(_: Path, path: Path) -> None:
        raise atomic.WriteError(path, OSError(errno.ENOSPC, "No space left on device"))

    copy = atomic.copy
    saved = [Saved(step=1, time=0, what=what, seconds=0) for what in ("model", "state", "state")]
    run = a_run("20250101-000000-a")
    run.best.write_bytes(b"best")
    monkeypatch.setattr(atomic, "copy", full)
    events = recording.record(run, [*saved, FINISHED])
    assert next(events) == saved[0]
    warned = next(events)
    assert isinstance(warned, Warned)
    assert "Training continues, and publishing the model is tried again" in warned.message
    assert [event.kind for event in run.events()] == ["saved", "warned"]
    assert [next(events), next(events)] == saved[1:]  # it is said once
    with pytest.raises(RunError, match=r"a\.safetensors: no space left .* Then start the run again"):
        next(events)
    monkeypatch.setattr(atomic, "copy", copy)
    run = a_run("20250102-000000-a")
    run.best.write_bytes(b"best")
    monkeypatch.setattr(atomic, "copy", full)
    events = recording.record(run, [*saved, FINISHED])
    next(events)
    next(events)
    monkeypatch.setattr(atomic, "copy", copy)
    assert list(events)[-1] == FINISHED
    assert (paths.models() / "a.safetensors").read_bytes() == b"best"


def test_a_resumed_run_says_which_steps_its_journal_lacks() -> None:
    run = a_run("20250101-000000-a", STARTED, replace(STEP, step=30))
    resumed, later = Resumed(step=50, time=0, steps=90), replace(STEP, step=51)
    assert [*recording.record(run, [resumed])] == [resumed], "no state of its own: one of several models"
    run = a_run("20250102-000000-a", STARTED, replace(STEP, step=30))
    (run.folder / STATE).touch()
    events = [*recording.record(run, [resumed, later])]
    assert events == [resumed, ANY, later]
    assert isinstance(events[1], Warned)
    assert "lacks the steps 31 to 50" in events[1].message
    assert [type(event) for event in run.events()][2:] == [Resumed, Warned, Step], "it stays in the journal"
    again = [Resumed(step=50, time=0, steps=90), later, Resumed(step=51, time=0, steps=90)]
    assert [*recording.record(run, again)] == again, "it is said once"


def test_it_says_how_many_events_were_too_many_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    run = a_run("20250101-000000-a")
    monkeypatch.setattr("lstmterm.runs.journal._MOST_WAITING", 10)
    with monkeypatch.context() as kept:
        kept.setattr("lstmterm.atomic.os.write", full)
        events = recording.record(run, [replace(STEP, step=step) for step in range(1, 26)])
        assert [next(events).step for _ in range(24)][-1] == 24
        assert not run.summary.exists(), "it would say more than the journal"
    last, said = events
    assert last.step == 25
    assert isinstance(said, Warned)
    assert "15 events are missing" in said.message
    assert [event.step for event in run.events()] == [*range(16, 26), 25]
