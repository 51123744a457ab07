"""A run that gets ready is stopped at once, and leaves nothing half-written."""

import pytest

from lstmterm.runs import getting_ready, launching, storage
from tests import waiting
from tests.processes import until
from tests.recorded import STEP, a_run


def test_a_new_run_that_gets_ready_ends_and_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launching, "_spawn", waiting.spawn)
    run_id, child = launching.launch_new(["train", "harbour"], "a")
    run = storage.run_of(run_id)
    until(lambda: run.log.read_text() == "reading\n", "a run that gets ready")
    assert run.status() == "running"
    run.request_stop()
    assert child.wait() == 0
    assert storage.known_runs() == []
    run.request_stop()
    assert storage.known_runs() == [], "a request to a run that is gone makes nothing"


def test_a_run_that_is_resumed_stays_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launching, "_spawn", waiting.spawn)
    run = a_run("20250101-000000-a", STEP)
    journal, status = run.journal.read_bytes(), run.status()
    child = launching.launch(["resume", run.id], run.id)
    run.request_stop()  # kept, as it comes after the launch
    assert child.wait() == 0
    assert run.log.read_text().endswith(f"lstmterm: {getting_ready.UNCHANGED}\n")
    assert (run.journal.read_bytes(), run.status()) == (journal, status)


def test_a_request_after_that_is_for_the_training() -> None:
    run = storage.new_run("a")
    with launching.started(run.id) as started, getting_ready.stoppable(started):
        pass
    run.request_stop()
    assert run.stop_requested()
    with getting_ready.stoppable(None):
        assert storage.known_runs() == [run]
