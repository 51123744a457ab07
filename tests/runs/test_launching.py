"""Runs in processes of their own."""

import os

import pytest

from lstmterm import paths
from lstmterm.errors import RunError
from lstmterm.runs import launching, storage
from lstmterm.runs.folder import Run


def test_a_background_run_counts_as_running_while_it_starts() -> None:
    run = Run("r", paths.runs() / "r")
    run.folder.mkdir(parents=True)
    run.log.touch()
    assert run.status() == "running"
    os.utime(run.log, (0, 0))
    assert run.status() == "failed"
    with launching.started("r"):  # it reads a long text, or measures a busy machine
        assert run.status() == "running"
        with pytest.raises(RunError, match="is starting"):
            storage.remove(run)
    assert run.status() == "failed"
    storage.remove(run)


def test_a_child_has_a_session_of_its_own_and_its_output_is_the_log() -> None:
    child = launching.launch(["--version"], "20250101-000000-a")
    session = os.getsid(child.pid)
    assert child.wait(60) == 0
    assert session == child.pid != os.getsid(0)
    assert "lstmterm" in storage.run_of("20250101-000000-a").log.read_text()


def test_a_child_adds_to_the_log() -> None:
    run = storage.run_of("20250101-000000-a")
    for _ in range(2):
        assert launching.launch(["--version"], run.id).wait(60) == 0
    assert len(run.log.read_text().splitlines()) == 2


def test_only_a_named_run_is_marked_as_starting() -> None:
    with launching.started(None):
        assert storage.all_runs() == []
    with launching.started("20250101-000000-a"):
        assert storage.run_of("20250101-000000-a").has_begun_to_start()
