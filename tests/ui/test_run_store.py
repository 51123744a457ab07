"""The runs as the screen knows them."""

from lstmterm.runs.events import Resumed
from lstmterm.runs.folder import Status
from lstmterm.runs.summary import Summary
from lstmterm.ui.following import JournalRead
from lstmterm.ui.run_store import RunStore
from tests.recorded import STEP
from tests.ui.journals import NOW, learning


def row(run_id: str, status: Status = "running", step: int = 10, task: str = "") -> Summary:
    return Summary(
        id=run_id, name=run_id, task=task, corpus="harbour", status=status, step=step, steps=100,
        best_step=None, val_loss=None, chars_per_second=None, changed=NOW,
    )  # fmt: skip


def test_taking_rows_returns_the_runs_that_ended() -> None:
    store = RunStore()
    assert store.take_summaries([row("a"), row("b"), row("c", "stopped")]) == []
    assert [r.id for r in store.running] == ["a", "b"]
    ended = store.take_summaries([row("a", "finished"), row("b"), row("c", "stopped")])
    assert [(r.id, r.status) for r in ended] == [("a", "finished")]
    assert store.take_summaries([row("c", "stopped")]) == [], "one that was removed has not ended"
    assert store.summary("a") is None
    assert store.summary(None) is None
    assert store.summary("c") == row("c", "stopped")


def test_events_add_up_until_a_journal_is_read_again() -> None:
    store = RunStore()
    store.take(JournalRead("a", learning(), first=True))
    store.take(JournalRead("a", [Resumed(step=1000, time=NOW, steps=2000)], first=False))
    assert store.progress["a"].step == 1000
    store.take(JournalRead("a", [STEP], first=True))
    assert [*store.progress["a"].steps] == [1]


def test_a_removed_run_is_forgotten() -> None:
    store = RunStore()
    store.take_summaries([row("a")])
    store.take(JournalRead("a", [STEP], first=True))
    store.take_summaries([])
    assert store.progress == {}


def test_the_task_of_a_starting_run_is_known() -> None:
    store = RunStore()
    store.started["a"] = "tagger"
    assert store.kind(row("a")) == "tagger"
    assert store.kind(row("b")) == "charlm"
    assert store.kind(row("a", task="charlm")) == "charlm"


def test_the_share_comes_from_the_journal_where_it_is_read() -> None:
    store = RunStore()
    assert store.share(row("a")) == 0.1
    store.take(JournalRead("a", learning(), first=True))
    assert store.share(row("a")) == 4116 / 9800
