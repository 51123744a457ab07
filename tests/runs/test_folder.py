"""A run's folder: one writer, and a status that is true at every moment."""

import threading
from pathlib import Path

import pytest

from lstmterm import plain_data
from lstmterm.errors import RunError
from lstmterm.runs import storage
from lstmterm.runs.events import Event, Failed, Resumed, Stopped
from lstmterm.runs.folder import Run
from lstmterm.runs.summary import summaries
from tests.damaged import DAMAGES, damaged_run
from tests.recorded import FINISHED, STEP, a_run


@pytest.mark.parametrize(
    ("end", "status"),
    [
        (FINISHED, "finished"),
        (Stopped(step=1, time=0, reason="SIGINT"), "stopped"),
        (Failed(step=1, time=0, message="m"), "failed"),
        (STEP, "interrupted"),
        (Resumed(step=0, time=0, steps=9), "interrupted"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.kind,
)
def test_the_status_follows_from_the_end_of_the_journal(end: Event, status: str) -> None:
    run = a_run("20250101-000000-a", STEP, end)
    assert run.status() == status
    with run.held():
        assert run.status() == "running"
    assert run.status() == status


def test_a_run_has_one_writer() -> None:
    run = a_run("20250101-000000-a", STEP)
    with run.held():
        with pytest.raises(RunError, match="another process") as refused, run.held():
            pass
        assert refused.value.exit_code == 1
        with pytest.raises(RunError, match="another process"):
            storage.remove(run)
    with run.held():
        pass


def test_listing_runs_does_not_lock_a_writer_out() -> None:
    run = a_run("20250101-000000-a", STEP)
    over = threading.Event()

    def list_on() -> None:
        while not over.is_set():
            run.status()

    listers = [threading.Thread(target=list_on) for _ in range(3)]
    for lister in listers:
        lister.start()
    try:
        for _ in range(20):
            with run.held():
                pass
    finally:
        over.set()
        for lister in listers:
            lister.join()


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_run_says_what_is_wrong_and_can_only_be_removed(damage: str) -> None:
    good, run = a_run("20250101-000000-good", STEP), damaged_run("20250102-000000-bad", damage)
    assert run.status() == run.outcome() == "damaged"
    assert DAMAGES[damage][1] in run.damage()
    name, _, rest = run.damage().partition(" ")
    assert (run.folder / name).exists()
    assert name not in rest, "the file is named once"
    assert good.status() == "interrupted"
    assert [summary.status for summary in summaries()] == ["damaged", "interrupted"]
    assert summaries()[0].reason == run.damage()
    assert storage.find("bad") == run
    with pytest.raises(RunError, match=r"The run 20250102-000000-bad is damaged: .*runs remove"):
        storage.find_whole("bad")
    assert storage.find_whole("good") == good
    storage.refuse_running("bad")
    storage.remove(run)
    assert storage.all_runs() == [good]


def test_a_run_that_is_no_folder_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    assert Run("a", tmp_path / "a").damage() == "its folder cannot be read (Not a directory)"


def test_a_removed_run_cannot_be_held(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="The run a has been removed"), Run("a", tmp_path / "a").held():
        pass


def test_a_spec_that_is_removed_while_it_is_read_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_: Path) -> None:
        raise FileNotFoundError

    run = a_run("20250101-000000-a")
    monkeypatch.setattr(plain_data, "read", gone)
    assert run.spec == {}
