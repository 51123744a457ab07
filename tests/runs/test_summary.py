"""The summary of a run is the same from `summary.json` and the end of the journal as from the whole journal."""

import dataclasses
import json
import os
import shutil
from pathlib import Path

import pytest

from lstmterm import paths
from lstmterm.cli import lstmterm
from lstmterm.runs import recording, storage, summary
from lstmterm.runs.events import Evaluated, Event, Failed, Resumed, Saved, Stopped, to_json
from lstmterm.runs.folder import Run
from lstmterm.runs.journal import Journal
from lstmterm.runs.progress import Progress
from lstmterm.runs.summary import Summary, glance, summaries, summarize
from tests.recorded import a_run
from tests.ui.journals import NOW, learning

KEPT = Path(__file__).parents[1] / "data" / "0.1.0" / "runs"
RUN = "20250131-142230-harbour"


def from_the_whole_journal(run: Run) -> Summary:
    """What a run without a `summary.json` has."""
    kept = run.summary.read_bytes()
    run.summary.unlink()
    try:
        return summarize(run)
    finally:
        run.summary.write_bytes(kept)


def recorded(*events: Event) -> Run:
    """A run that recorded these events, and models for those that say so."""
    run = a_run(RUN)
    run.best.write_bytes(b"best")
    for _ in recording.record(run, events):
        pass
    return run


def test_it_is_exact_at_every_moment_of_a_run_that_stops_and_resumes() -> None:
    first = learning(done=0.3, every=60)
    saved = next(i for i, e in enumerate(first) if e.step > 1000)
    first.insert(saved, Saved(step=1000, time=NOW, what="state", seconds=0))
    stop = Stopped(step=first[-1].step, time=NOW, reason="SIGINT")
    resumed = Resumed(step=1000, time=NOW, steps=5000)
    again = [
        dataclasses.replace(e, val_loss=(e.val_loss or 0) + 0.1) if isinstance(e, Evaluated) else e
        for e in first
        if e.step > 1000
    ]
    run = a_run(RUN)
    run.best.write_bytes(b"best")
    seen: list[Summary] = []
    for part in ([*first, stop], [resumed, *again, Failed(step=2940, time=NOW, message="The disk is full.")]):
        for _ in recording.record(run, part):
            if run.summary.exists():
                found = summarize(run)
                assert found == from_the_whole_journal(run)
                seen.append(found)
    assert len(set(seen)) > 50
    found = seen[-1]
    assert found.steps == 5000
    assert (found.status, found.reason) == ("failed", "The disk is full.")
    assert found.best_step is not None


def test_a_long_journal_is_not_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    run = recorded(*learning(every=1), Saved(step=4116, time=NOW, what="state", seconds=0))
    monkeypatch.setattr("lstmterm.runs.summary._whole", None)
    found = summarize(run, "stopped")
    assert (found.step, found.steps, found.share) == (4116, 9800, pytest.approx(0.42))
    assert found.val_loss == pytest.approx(1.456, abs=0.001)
    assert found.best_step == 3920
    assert (found.task, found.corpus, found.name) == ("charlm", "harbour", "harbour")
    assert found.chars_per_second == pytest.approx(70_000, rel=0.1)
    assert run.summary.stat().st_size < 4000
    assert run.journal.stat().st_size > 500_000


@pytest.fixture
def long_run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """A stopped run that resumed once, with a journal that counts as long, and without a summary."""
    first = learning(every=1, done=0.3)
    resumed = Resumed(step=1000, time=NOW, steps=5000)
    again = [e for e in first if e.step > 1000]
    run = recorded(*first, resumed, *again, Stopped(step=2940, time=NOW, reason="SIGINT"))
    with run.held():
        pass  # as all who train it, it leaves a lock
    run.summary.unlink()
    monkeypatch.setattr(summary, "_LONG", 100_000)
    return run


def test_a_glance_at_a_long_run_reads_the_ends_of_its_journal(
    long_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as kept:
        kept.setattr(summary, "_whole", None)
        seen = glance(long_run)
    whole = summarize(long_run)
    unknown = {"is_read": False, "steps": 9800, "best_step": None, "val_loss": None, "chars_per_second": None}
    assert seen == dataclasses.replace(whole, **unknown)
    assert whole.is_read
    assert whole.val_loss is not None
    assert glance(long_run) == whole, "it is kept"


def test_the_summary_of_a_long_run_is_kept_once_its_journal_was_read(
    long_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[int, int]] = []
    (first,) = summaries(lambda run, done, size: told.append((done, size)))
    assert told[-1][0] == told[-1][1] == long_run.journal.stat().st_size
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    monkeypatch.setattr(summary, "_whole", None)
    assert summaries() == [first]
    with Journal(long_run.journal) as journal:
        journal.append(Evaluated(step=2950, time=NOW, val_loss=0.5, train_loss=1, best=True))
    assert summarize(long_run).val_loss == 0.5, "later events count, as after one that the writer kept"


def test_a_reader_keeps_no_summary_while_a_process_writes_to_the_run(long_run: Run) -> None:
    with long_run.held():
        assert summarize(long_run).status == "running"
        assert not long_run.summary.exists()
    assert summarize(long_run).status == "stopped"
    assert long_run.summary.exists()


def test_a_reader_brings_no_removed_run_back(long_run: Run) -> None:
    def remove(run: Run, done: int, size: int) -> None:
        if run.folder.exists():
            storage.remove(run)

    assert summaries(remove) == []
    assert not long_run.folder.exists()


def test_the_summary_of_a_long_run_is_the_same_from_the_outline_of_its_journal(long_run: Run) -> None:
    whole = Progress.of(long_run.events())
    found = summarize(long_run)
    assert (found.step, found.steps, found.share) == (whole.step, whole.total, whole.share)
    assert (found.best_step, found.val_loss) == whole.best
    assert whole.latest is not None
    assert found.chars_per_second == whole.latest.chars_per_second


def test_a_finished_run_has_its_final_loss() -> None:
    found = summarize(recorded(*learning(done=1, ending="finished")))
    assert (found.status, found.share) == ("finished", 1.0)
    assert found.val_loss == pytest.approx(1.345, abs=0.01)


@pytest.mark.parametrize(("name", "step"), [("old-run", 1541), ("old-tagger-run", 1096)])
def test_a_run_of_0_1_0_has_a_summary_and_readers_write_nothing(name: str, step: int) -> None:
    shutil.copytree(KEPT, paths.runs())
    run = storage.find(name)
    found = summarize(run)
    assert (found.status, found.step, found.steps) == ("stopped", step, 30_000)
    assert found.val_loss is not None
    assert found.best_step is not None
    assert found.changed > 0
    assert not run.summary.exists()


def test_a_long_stopped_run_of_0_1_0_still_shows_its_loss() -> None:
    """Its last evaluation lies far before the end of its journal."""
    events = [e for e in learning(every=1) if e.step <= 2000 or not isinstance(e, Evaluated)]
    run = a_run(RUN, *events)
    assert summarize(run).val_loss is not None
    assert summarize(run).share == pytest.approx(0.42)


def test_it_is_exact_after_a_writer_was_killed_within_a_line() -> None:
    events = learning()
    run = a_run(RUN)
    run.best.write_bytes(b"best")
    for i, _ in enumerate(recording.record(run, events)):
        if i == len(events) - 5:
            break
    with open(run.journal, "ab") as journal:
        journal.write(b'{"event": "step", "st')
    found = summarize(run)
    assert found.status == "interrupted"
    assert found == from_the_whole_journal(run)
    assert found.step == events[-5].step


def test_a_resume_by_0_1_0_is_noticed() -> None:
    """It writes no summary, so the existing one is out of date."""
    run = recorded(*learning())
    with Journal(run.journal) as journal:
        journal.append(Resumed(step=500, time=NOW, steps=9800))
    assert summarize(run).step == 500
    assert summarize(run).best_step == 480


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "3", '{"journal_bytes": 1e999, "events": []}', '{"journal_bytes": -5, "events": []}',
     '{"journal_bytes": 0}', '{"journal_bytes": 0, "events": [3]}', '{"journal_bytes": 0, "events": 3}',
     '{"journal_bytes": 0, "events": [{"event": "failed", "step": "x"}]}', "[" * 100_000, "\udcff"],
)  # fmt: skip
def test_a_damaged_file_is_ignored(content: str) -> None:
    run = recorded(*learning())
    whole = summarize(run)
    run.summary.write_text(content, errors="surrogateescape")
    assert summarize(run) == whole


def test_a_journal_that_lost_its_end_is_read_whole() -> None:
    run = recorded(*learning())
    lines = run.journal.read_bytes().splitlines(keepends=True)
    run.journal.write_bytes(b"".join(lines[:10]))
    assert summarize(run) == from_the_whole_journal(run)
    assert summarize(run).step < 200


def test_a_starting_run_is_summarized_from_its_spec() -> None:
    spec = {"task": "charlm", "name": "harbour", "text": {"name": "plays"}, "training": {"steps": 70}}
    run = storage.create(RUN, json.dumps(spec))
    run.log.touch()
    with run.started():
        found = summarize(run)
    assert (found.status, found.task, found.corpus) == ("running", "charlm", "plays")
    assert (found.step, found.steps, found.share, found.val_loss) == (0, 70, 0.0, None)
    assert found.changed > 0
    (run.folder / "spec.json").write_text("{")
    assert summarize(run).task == ""


def test_a_run_that_failed_before_its_first_event_has_the_last_line_of_its_log() -> None:
    run = storage.create(RUN, "{}")
    run.log.write_text("reading\nlstmterm: There is no file lost.txt.\n")
    os.utime(run.log, (NOW, NOW))
    found = summarize(run)
    assert (found.status, found.reason) == ("failed", "There is no file lost.txt.")
    assert found.changed == NOW


def test_an_event_is_in_the_file_as_in_the_journal() -> None:
    run = recorded(*learning())
    kept = json.loads(run.summary.read_text())
    assert kept["journal_bytes"] <= run.journal.stat().st_size
    lines = set(run.journal.read_text().splitlines())
    assert {json.dumps(record) for record in kept["events"]} <= lines
    assert to_json(learning()[0]) in lines


def test_the_list_of_runs_shows_it(capsys: pytest.CaptureFixture[str]) -> None:
    run = recorded(*learning(done=1, ending="finished"))
    found = summarize(run)
    assert found.val_loss is not None
    lstmterm.main(["runs", "--json"], standalone_mode=False)
    promised = {
        "run": RUN, "name": "harbour", "status": "finished", "step": 9800, "steps": 9800,
        "val_loss": found.val_loss, "best_step": found.best_step, "folder": str(run.folder),
    }  # fmt: skip
    printed = json.loads(capsys.readouterr().out)
    assert {name: printed[name] for name in promised} == promised
    lstmterm.main(["runs"], standalone_mode=False)
    shown = capsys.readouterr().out
    assert f"{found.val_loss:.4f}" in shown
    assert "9,800 of 9,800" in shown


def test_a_glance_at_a_short_or_a_damaged_run_is_its_summary() -> None:
    run = recorded(*learning(done=0.1))
    assert glance(run) == summarize(run)
    run.summary.unlink()
    assert glance(run) == summarize(run)
    (run.folder / "spec.json").write_text("{")
    assert glance(run) == summarize(run)
    assert glance(run).status == "damaged"


def test_a_run_that_was_killed_before_its_first_event_failed_without_a_message() -> None:
    run = storage.new_run("harbour")
    assert (summarize(run).status, summarize(run).reason) == ("failed", "It ended without a message.")
    run.log.write_text("lstmterm: The text is too short.\n")
    assert summarize(run).reason == "The text is too short."
