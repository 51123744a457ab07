"""Runs in processes of their own."""

import os
import time

import pytest

from lstmterm.errors import RunError
from lstmterm.installed import NoTorch
from lstmterm.runs import launching, storage


def test_a_background_run_counts_as_running_while_it_starts() -> None:
    run = storage.new_run("r")
    run.log.touch()
    far = time.time() + 86_400
    os.utime(run.log, (far, far))  # the clock was a day ahead
    assert run.status() == "failed"
    with launching.started(run.id):  # it reads a long text, or measures a busy machine
        assert run.status() == "running"
        with pytest.raises(RunError, match="is starting"):
            storage.remove(run)
    assert run.status() == "failed"
    storage.remove(run)


def test_a_child_has_a_session_of_its_own_and_its_output_is_the_log() -> None:
    run = storage.new_run("a")
    child = launching.launch(["--version"], run.id)
    session = os.getsid(child.pid)
    assert run.status() == "running", "from its first moment to its last"
    assert child.wait(60) == 0
    assert run.status() == "failed"
    assert session == child.pid != os.getsid(0)
    assert "lstmterm" in run.log.read_text()


def test_a_run_is_launched_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lstmterm.runs.folder.LOCK_PATIENCE", 0)
    run = storage.new_run("a")
    child = launching.launch(["--version"], run.id)
    with pytest.raises(RunError, match=rf"{run.id} is starting in another process"):
        launching.launch(["--version"], run.id)
    child.wait(60)


def test_a_request_to_stop_what_was_just_launched_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    run = storage.new_run("a")
    run.request_stop()  # of an earlier process
    child = launching.launch(["--version"], run.id)
    assert not run.stop_requested()
    run.request_stop()
    inherited = os.open(run.starting, os.O_RDONLY)
    monkeypatch.setenv("LSTMTERM_STARTING", str(inherited))
    with launching.started(run.id):  # as the child does
        os.fstat(inherited)
    with pytest.raises(OSError, match="descriptor"):  # so that what starts at its end may resume the run
        os.fstat(inherited)
    child.wait(60)
    assert run.stop_requested()


def test_a_child_adds_to_the_log() -> None:
    run = storage.new_run("a")
    for _ in range(2):
        assert launching.launch(["--version"], run.id).wait(60) == 0
    assert len(run.log.read_text().splitlines()) == 2


def test_only_a_named_run_is_marked_as_starting() -> None:
    with launching.started(None):
        assert storage.all_runs() == []
    run = storage.new_run("a")
    with launching.started(run.id):
        assert run.is_starting()


def test_without_torch_nothing_is_launched_and_no_run_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(NoTorch, match=r"Training needs torch, which is not installed\. `.*torch.*` adds it"):
        launching.launch_new(["train", "harbour"], "harbour")
    assert storage.all_runs() == []
