"""Runs are listed, found, guarded and removed."""

import dataclasses
import errno
import os
import threading
from pathlib import Path

import pytest

from lstmterm import atomic, paths
from lstmterm.errors import InputError, RunError
from lstmterm.runs import ids, lock, recording, storage
from lstmterm.runs.events import Saved, Started
from lstmterm.runs.summary import summaries
from tests.recorded import FINISHED, STARTED, STEP, a_run


def test_a_run_is_found_by_its_id_or_as_the_latest_with_a_name() -> None:
    for run_id in ("20250101-000000-bard", "20250102-000000-bard", "20250103-000000-hamlet-2"):
        a_run(run_id, STEP)
    assert [r.id[:8] for r in storage.all_runs()] == ["20250103", "20250102", "20250101"]
    assert storage.find("bard").id == "20250102-000000-bard"
    assert storage.find("20250101-000000-bard").id == "20250101-000000-bard"
    assert storage.find("hamlet-2").name == "hamlet-2"
    with pytest.raises(InputError, match="Did you mean 'bard'"):
        storage.find("brad")


def began(time: float, by_id: float = 0.0) -> Started:
    return dataclasses.replace(STARTED, time=time, began=by_id)


def test_runs_are_in_the_order_in_which_their_journals_say_they_began(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ids of 0.1.0 are in local time, and journals of now have the time of the id: later than all before."""
    noon = 1_764_331_200.0
    first = a_run("20251128-210000-a", began(noon), FINISHED)  # in Tokyo
    second = a_run("20251128-050000-a", began(noon + 3600))  # in San Francisco
    assert storage.find("a") == second
    assert storage.all_runs() == [second, first]
    assert [row.id for row in summaries()] == [second.id, first.id]
    monkeypatch.setattr("time.time", lambda: noon + 1800)
    third = storage.new_run("a")
    assert (third.id, storage.find("a")) == ("20251128-210001-a", third)
    monkeypatch.setattr("time.time", lambda: noon - 86_400)  # the clock was set back
    fourth = a_run(storage.new_run("a").id, began(noon - 86_400, by_id=ids.began("20251128-210002-a")))
    assert fourth.id == "20251128-210002-a"
    assert storage.all_runs() == [fourth, third, second, first]
    assert [row.id for row in summaries()] == [run.id for run in storage.all_runs()]


def test_a_journal_of_an_impossible_time_gives_way_to_the_id() -> None:
    good = a_run("20250102-000000-a", began(1_764_331_200.0))
    for day, time in enumerate(("null", "1e300", "-5", "1e999"), 1):
        run = a_run(f"2025010{day}-000001-a", began(4.5))
        run.journal.write_text(run.journal.read_text().replace('"time": 4.5', f'"time": {time}'))
    a_run("99991231-235959-a")
    assert storage.find("a") == good
    assert storage.new_run("a") == storage.find("a")


def test_finding_a_run_where_there_are_none_says_so() -> None:
    assert storage.all_runs() == []
    with pytest.raises(InputError, match="There are no runs yet; `lstmterm train` starts one"):
        storage.find("bard")


def test_folders_that_are_not_runs_do_no_harm() -> None:
    a_run("20250101-000000-bard", STEP)
    (paths.runs() / "odd").mkdir()
    (paths.runs() / "file").write_text("")
    (paths.runs() / "20250102-000000-broken").mkdir()
    (paths.runs() / "20250102-000000-broken" / "spec.json").write_text("{")
    assert {r.id: r.status() for r in storage.all_runs()} == {
        "20250101-000000-bard": "interrupted",
        "20250102-000000-broken": "damaged",
        "odd": "failed",
    }
    with pytest.raises(RunError, match="damaged"):
        storage.find("broken").spec  # noqa: B018


def test_a_name_is_refused_while_a_run_with_it_trains() -> None:
    other, run = (a_run(f"2025010{day}-000000-a", STEP) for day in (1, 2))
    storage.refuse_running("a")
    with other.held():
        with pytest.raises(InputError, match=r"choose another name \(--name\)") as refused:
            storage.refuse_running("a")
        assert refused.value.exit_code == 2
        storage.refuse_running("b")
        with pytest.raises(InputError, match=other.id), storage.writing(run):
            pass  # both may have started at once, or one may be resumed while the other trains
    with storage.writing(other), pytest.raises(InputError, match=other.id), storage.writing(run):
        pass


def test_removing_a_run_keeps_its_published_model() -> None:
    run = a_run("20250101-000000-a", FINISHED)
    run.best.write_bytes(b"best")
    list(recording.record(run, [Saved(step=1, time=2.0, what="model", seconds=0.1)]))
    storage.remove(run)
    assert not run.folder.exists()
    assert storage.all_runs() == []
    assert (paths.models() / "a.safetensors").exists()


def test_runs_begun_at_once_have_folders_of_their_own() -> None:
    made = [storage.new_run("a") for _ in range(3)]
    assert len({run.id for run in made}) == 3
    assert storage.all_runs() == made[::-1]
    assert storage.find("a") == made[-1]


def test_what_is_deleted_while_others_list_runs_stays_deleted() -> None:
    over = threading.Event()

    def list_on() -> None:
        while not over.is_set():
            summaries()

    listers = [threading.Thread(target=list_on) for _ in range(3)]
    for lister in listers:
        lister.start()
    try:
        for number in range(30):
            storage.remove(a_run(f"20250101-0000{number:02}-a", STEP))
    finally:
        over.set()
        for lister in listers:
            lister.join()
    assert not [path for path in paths.runs().iterdir() if not path.name.endswith(".lock")]


def test_a_run_that_cannot_be_written_is_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    run = storage.new_run("a")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(atomic.WriteError, match="Free some space"):
        storage.create(run.id, "{}")
    assert storage.all_runs() == []


def test_a_folder_that_another_process_makes_first_is_not_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = iter(["20250101-000000-a", "20250101-000001-a"])
    monkeypatch.setattr(storage.ids, "new_id", lambda *_: next(ids))
    storage.run_of("20250101-000000-a").folder.mkdir(parents=True)
    assert storage.new_run("a").id == "20250101-000001-a"


def test_a_run_that_has_no_room_for_its_folder_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    atomic.make_folder(paths.runs())

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "mkdir", full)
    with pytest.raises(atomic.WriteError, match=r"Cannot write .*-a: no space left"):
        storage.new_run("a")


def test_an_id_is_used_once() -> None:
    run = a_run("20250101-000000-a")
    with pytest.raises(RunError, match="A run 20250101-000000-a exists already"):
        storage.create(run.id, "{}")


def test_a_name_that_is_locked_by_an_unknown_run_is_refused() -> None:
    run = a_run("20250101-000000-a", STEP)
    with (
        lock.holding(paths.runs() / ".a.lock", 0),
        pytest.raises(InputError, match="Another run is training a model named 'a'"),
        storage.writing(run),
    ):
        pass


def test_a_run_that_was_refused_leaves_its_log() -> None:
    run = a_run("20250101-000000-a", STEP)
    run.log.write_text("lstmterm: No.\n")
    storage.abandon(run)
    assert sorted(path.name for path in run.folder.iterdir()) == ["events.jsonl", "log"]


def test_a_run_whose_lock_cannot_be_looked_at_is_not_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    run = a_run("20250101-000000-a", STEP)
    monkeypatch.setattr(lock, "holding", refused)
    with pytest.raises(OSError, match="permission denied"):
        storage.remove(run)
    assert run.folder.exists()


def test_a_link_among_the_runs_is_removed_and_what_it_points_to_stays(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "spec.json").write_text("{}")
    paths.runs().mkdir(parents=True)
    (paths.runs() / "20250101-000000-a").symlink_to(tmp_path / "elsewhere")
    storage.remove(storage.find("a"))
    assert storage.known_runs() == []
    assert (tmp_path / "elsewhere" / "spec.json").exists()
