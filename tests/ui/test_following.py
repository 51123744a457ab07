"""The thread that reads the runs: what it posts and when."""

import json
import threading

import pytest
from textual.message import Message

from lstmterm.runs import storage
from lstmterm.runs.events import Event
from lstmterm.runs.journal import Journal
from lstmterm.runs.summary import Summary, summarize
from lstmterm.ui.following import Follower, JournalRead, RunsListed
from tests.recorded import FINISHED, STEP, a_run
from tests.ui.conftest import keep_run
from tests.ui.journals import learning

RUN = "20250131-142230-harbour"


class App:
    """Collects what is posted."""

    def __init__(self) -> None:
        self.posted: list[Message] = []

    def post_message(self, message: Message) -> None:
        self.posted.append(message)

    def take(self) -> list[Message]:
        posted, self.posted = self.posted, []
        return posted


@pytest.fixture
def app() -> App:
    return App()


@pytest.fixture
def follower(app: App) -> Follower:
    return Follower(app, pause=0.01)  # type: ignore[arg-type]


def listed(app: App) -> dict[str, str]:
    """Status by id, from the one list that was posted."""
    (message,) = app.take()
    assert isinstance(message, RunsListed)
    return {row.id: row.status for row in message.summaries}


def test_runs_are_posted_when_one_appears_changes_or_vanishes(app: App, follower: Follower) -> None:
    follower.list_runs()
    assert listed(app) == {}
    run = a_run(RUN, STEP)
    follower.list_runs()
    assert listed(app) == {RUN: "interrupted"}
    follower.list_runs()
    assert app.take() == [], "nothing changed"
    with Journal(run.journal) as journal:
        journal.append(FINISHED)
    follower.list_runs()
    assert listed(app) == {RUN: "finished"}
    with run.held():
        follower.list_runs()
        assert listed(app) == {RUN: "running"}
    storage.remove(run)
    follower.list_runs()
    assert listed(app) == {}


def test_the_rows_are_the_summaries_that_the_command_line_prints(app: App, follower: Follower) -> None:
    runs = [keep_run(RUN, learning()), keep_run("20250131-130000-bard", learning(done=1, ending="finished"))]
    follower.list_runs()
    (message,) = app.take()
    assert isinstance(message, RunsListed)
    assert message.summaries == [summarize(run) for run in runs]


def test_a_long_stopped_run_shows_its_loss(app: App, follower: Follower) -> None:
    """However far before the end of its journal its last evaluation is."""
    found = learning(every=1)
    cut = [e for e in found if e.step < 1000 or e.kind == "step"]
    keep_run(RUN, cut)
    follower.list_runs()
    (message,) = app.take()
    assert isinstance(message, RunsListed)
    assert message.summaries[0].val_loss is not None


def test_an_unchanged_run_is_not_summarized_again(
    app: App, follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_run(RUN, STEP)
    follower.list_runs()
    app.take()
    monkeypatch.setattr("lstmterm.runs.summary.glance", None)
    follower.look()
    follower.list_runs()
    assert listed(app) == {RUN: "interrupted"}


def test_long_runs_are_listed_at_once_and_read_afterwards(
    app: App, follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = [keep_run(f"20250131-14{minute}30-harbour", learning()) for minute in (20, 10)]
    monkeypatch.setattr("lstmterm.runs.summary._LONG", 50_000)

    def rows() -> list[Summary]:
        follower.list_runs()
        (message,) = app.take()
        assert isinstance(message, RunsListed)
        return message.summaries

    with monkeypatch.context() as kept:
        kept.setattr("lstmterm.runs.summary._whole", None)
        assert [row.is_read for row in rows()] == [False, False]
    assert follower.read_figures()
    assert [row.is_read for row in rows()] == [True, False]
    assert follower.read_figures()
    assert rows() == [summarize(run) for run in runs]
    assert not follower.read_figures()


def test_a_long_run_that_cannot_be_read_is_tried_once(
    app: App, follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise OSError

    keep_run(RUN, learning())
    monkeypatch.setattr("lstmterm.runs.summary._LONG", 50_000)
    follower.list_runs()
    monkeypatch.setattr("lstmterm.runs.summary.summarize", fails)
    assert [follower.read_figures() for _ in range(2)] == [True, False]


def test_the_thread_reads_figures_by_itself(
    app: App, follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = keep_run(RUN, learning())
    monkeypatch.setattr("lstmterm.runs.summary._LONG", 50_000)
    thread = threading.Thread(target=follower.run)
    thread.start()
    wanted = RunsListed([summarize(run)])
    while not any(isinstance(m, RunsListed) and m.summaries == wanted.summaries for m in app.posted):
        assert thread.is_alive()
        thread.join(0.01)
    follower.end()
    thread.join()


def test_watched_and_running_runs_are_read_from_their_start_on(app: App, follower: Follower) -> None:
    watched, running = a_run("20250101-000000-a", STEP), a_run("20250102-000000-b", STEP)
    a_run("20250103-000000-c", STEP)
    follower.watch(frozenset({watched.id}), "train")
    with running.held():
        follower.list_runs()
        follower.read_journals()
        assert [m for m in app.take() if isinstance(m, JournalRead)] == [
            JournalRead(run.id, [STEP], first=True) for run in (watched, running)
        ]
        with Journal(watched.journal) as journal:
            journal.append(FINISHED)
        follower.read_journals()
        assert app.take() == [JournalRead(watched.id, [FINISHED], first=False)]
        follower.watch(frozenset(), "train")
        follower.read_journals()
        follower.watch(frozenset({watched.id}), "tagger")
        follower.read_journals()
        assert app.take() == [JournalRead(watched.id, [STEP, FINISHED], first=True)]


def test_a_long_journal_comes_in_pieces(app: App, follower: Follower) -> None:
    found: list[Event] = [STEP] * 5000
    follower.watch(frozenset({a_run(RUN, *found).id}))
    follower.list_runs()
    app.take()
    more = [follower.read_journals() for _ in range(3)]
    assert more == [True, True, False]
    pieces = [m for m in app.take() if isinstance(m, JournalRead)]
    assert [len(p.events) for p in pieces] == [2000, 2000, 1000]
    assert [p.first for p in pieces] == [True, False, False]


def test_a_run_that_is_slow_to_start_is_running_and_one_that_ended_first_failed(
    app: App, follower: Follower
) -> None:
    run = storage.create(RUN, json.dumps({}))
    with run.started():
        follower.list_runs()
        assert listed(app) == {RUN: "running"}, "though it has no log and no journal yet"
    run.log.write_text("lstmterm: There is no file lost.txt.\n")
    follower.list_runs()
    (message,) = app.take()
    assert isinstance(message, RunsListed)
    assert (message.summaries[0].status, message.summaries[0].reason) == (
        "failed",
        "There is no file lost.txt.",
    )


def test_a_run_that_is_removed_meanwhile_is_left_out(
    app: App, follower: Follower, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise FileNotFoundError

    a_run(RUN, STEP)
    monkeypatch.setattr("lstmterm.runs.folder.Run.status", gone)
    follower.list_runs()
    assert listed(app) == {}


def test_the_thread_runs_until_the_end(app: App, follower: Follower) -> None:
    thread = threading.Thread(target=follower.run)
    thread.start()
    run = a_run(RUN, STEP)
    follower.watch(frozenset({RUN}))
    follower.look()
    for _ in range(1000):
        if any(isinstance(m, JournalRead) and m.events for m in app.posted):
            break
        thread.join(0.01)
    follower.end()
    thread.join(10)
    assert not thread.is_alive()
    assert JournalRead(run.id, [STEP], first=True) in app.posted
