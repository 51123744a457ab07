"""Which run is shown, compared, stopped and resumed."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from lstmterm.runs import events, launching, storage
from lstmterm.ui.app import LstmTerm
from lstmterm.ui.inspect.panel import InspectPanel
from lstmterm.ui.train.panel import TrainPanel
from lstmterm.ui.train.runs_list import RunsList
from lstmterm.ui.train.runs_panel import Launched
from lstmterm.ui.train.timeline import Timeline
from lstmterm.ui.widgets.dialogs import TextDialog
from tests import waiting
from tests.ui.conftest import idle, keep_model, keep_run, make_app, screen_text, settle, until
from tests.ui.journals import learning
from tests.ui.textual_private import notices

RUNNING, FINISHED = "20250131-142230-harbour", "20250131-130000-bard"
STOPPED, FAILED, INTERRUPTED = "20250131-120000-evil[red]", "20250131-110000-python", "20250130-110000-tides"


def panel_of(app: LstmTerm) -> TrainPanel:
    return app.query_one("#train", TrainPanel)


async def test_the_running_run_is_shown_first_and_each_can_be_chosen(recorded: None) -> None:
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        panel = panel_of(app)
        assert panel.chosen == RUNNING
        panel.choose(FINISHED)
        await settle(pilot)
        assert "Loss · bard" in screen_text(app)
        storage.remove(storage.find(FINISHED))
        await settle(pilot)
        assert panel.chosen == RUNNING, "the chosen one is gone"


async def test_a_run_can_be_stopped_or_resumed_only_where_that_means_something(recorded: None) -> None:
    unsaved = keep_run("20250129-110000-unsaved", learning(done=0, ending="failed"), 99_000)
    (unsaved.folder / "state.safetensors").unlink()
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        panel = panel_of(app)
        possible = {}
        for run in (RUNNING, FINISHED, STOPPED, FAILED, INTERRUPTED, unsaved.id):
            panel.choose(run)
            possible[run] = [action for action in ("stop", "resume") if panel.check_action(action, ())]
        assert possible == {
            RUNNING: ["stop"], FINISHED: ["resume"], STOPPED: ["resume"], FAILED: ["resume"],
            INTERRUPTED: ["resume"], unsaved.id: [],
        }  # fmt: skip
        panel.choose(RUNNING)
        await panel.run_action("stop")
        assert storage.find(RUNNING).stop_requested()


async def test_a_run_is_stopped_while_it_gets_ready_and_another_can_be_started(
    recorded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    children: list[subprocess.Popen[bytes]] = []

    def spawn(*arguments: Any) -> subprocess.Popen[bytes]:
        children.append(waiting.spawn(*arguments))
        return children[-1]

    monkeypatch.setattr(launching, "_spawn", spawn)
    before = {run.id for run in storage.known_runs()}
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        panel = panel_of(app)
        panel.launch(["train", "harbour"], "new")
        await until(pilot, lambda: panel.chosen not in before)
        await settle(pilot)
        shown = " ".join(screen_text(app).split())
        assert "Starting: it reads the text" in shown
        assert panel.is_starting
        await pilot.press("ctrl+t")
        await until(pilot, lambda: {run.id for run in storage.known_runs()} == before)
        assert notices(app)[-1] == "It ends before it trains, so nothing of it is kept."
        await until(pilot, lambda: os.waitid(os.P_PID, children[0].pid, os.WEXITED | os.WNOWAIT))
        await settle(pilot)
        assert children[0].returncode == 0, "no dead process is kept"
        assert (panel.chosen, panel.is_starting) == (RUNNING, False)
        assert all(run.id in before for run in panel.rows)


async def test_a_run_that_is_gone_before_it_was_listed_is_not_waited_for(recorded: None) -> None:
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        panel = panel_of(app)
        run = storage.new_run("new")
        panel.post_message(Launched(run.id))
        await pilot.pause()
        assert panel.is_starting
        storage.discard(run)
        app.services.follower.look()
        await settle(pilot)
        assert (panel.chosen, panel.is_starting) == (RUNNING, False)


async def test_a_long_run_is_exported_with_every_point(
    recorded: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("lstmterm.runs.progress.MOST_POINTS", 100)
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        assert len(app.services.runs.progress[RUNNING].steps) <= 100
        app.query_one("#loss-chart").focus()
        await pilot.press("e")
        await until(pilot, lambda: app.screen.query("#answer"))
        target = tmp_path / "curve.csv"
        app.screen.query_one("#answer", Input).value = str(target)
        await pilot.press("enter")
        await until(pilot, target.exists)
    rows = target.read_text().splitlines()[1:]
    assert sum(bool(row.split(",")[1]) for row in rows) == 343


async def test_curves_are_compared_one_by_one_and_then_none(recorded: None) -> None:
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        panel = panel_of(app)
        app.query_one("#loss-chart").focus()
        seen = []
        while not seen or seen[-1]:
            await pilot.press("c")
            await settle(pilot)
            seen.append(len(panel.compared))
        assert seen == [*range(1, len(seen)), 0]
        assert len(seen) > 3
        panel.compare(RUNNING)
        await pilot.pause()
        assert panel.compared == frozenset()
        assert "shown already" in notices(app)[-1]
        panel.compare(FINISHED)
        panel.choose(FINISHED)
        assert panel.compared == frozenset(), "a run is not compared with itself"


async def test_a_run_that_does_not_start_says_why_and_another_stays_chosen(recorded: None) -> None:
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        panel = panel_of(app)
        panel.post_message(Launched("20250131-150000-new", "No space is left."))
        await pilot.pause()
        assert notices(app)[-1] == "No space is left."
        assert panel.chosen == RUNNING


async def test_a_curve_is_written_to_the_named_file(recorded: None, tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        app.query_one("#loss-chart").focus()
        await pilot.press("e")
        await until(pilot, lambda: app.screen.query("#answer"))
        app.screen.query_one("#answer").value = str(tmp_path / "curve.csv")  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until(pilot, (tmp_path / "curve.csv").exists)
        assert (tmp_path / "curve.csv").read_text().startswith("step")
        (tmp_path / "curve.csv").write_text("my own")
        await until(pilot, lambda: not app.screen.query("#answer"))
        await pilot.press("e")
        await until(pilot, lambda: app.screen.query("#answer"))
        app.screen.query_one("#answer").value = str(tmp_path / "curve.csv")  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until(pilot, lambda: "exists. Replace it?" in screen_text(app))
        assert (tmp_path / "curve.csv").read_text() == "my own"


async def test_the_log_of_a_run_is_shown(recorded: None) -> None:
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        panel_of(app).show_log(STOPPED)
        await pilot.pause()
        assert isinstance(app.screen, TextDialog)
        assert "training" in screen_text(app)


async def test_the_model_of_a_run_is_inspected_also_while_it_runs(recorded: None) -> None:
    keep_model("harbour", complete=False)
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        panel = panel_of(app)
        panel.choose(INTERRUPTED)
        await pilot.press("f10")
        await until(pilot, lambda: any("no model" in notice for notice in notices(app)))
        panel.choose(RUNNING)
        await pilot.press("f10")
        await until(pilot, lambda: app.query(InspectPanel) and app.query_one(InspectPanel).reading)
        inspect = app.query_one(InspectPanel)
        assert inspect.model == "harbour"
        await pilot.press("f2")
        await until(pilot, lambda: panel.display)
        panel.query_one(RunsList).focus()
        await until(pilot, lambda: panel.query_one(RunsList).highlighted_run == RUNNING)
        inspect.reading = None
        await pilot.press("i")
        await until(pilot, lambda: inspect.reading)
        await pilot.press("f2")
        panel.query_one(Timeline).post_message(Timeline.Inspected(RUNNING, "the sea owes us"))
        await until(pilot, lambda: inspect.reading and inspect.reading.text == "the sea owes us")
        await idle(pilot)


async def test_a_new_model_is_started_from_the_model_of_a_run(recorded: None) -> None:
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        panel = panel_of(app)
        runs = panel.query_one(RunsList)
        runs.focus()
        await until(pilot, lambda: runs.highlighted_run == RUNNING)
        await pilot.press("f")
        await until(pilot, lambda: any("no model" in notice for notice in notices(app)))
        keep_model("harbour", complete=False)
        await pilot.press("f")
        await until(pilot, lambda: panel.form.values.start_from == "harbour")
        await until(pilot, lambda: "harbour ▾" in screen_text(app))
        await idle(pilot)


@pytest.mark.parametrize(
    ("left", "proposed"),
    [("nothing", "harbour"), ("no state", "harbour"), ("a state", "harbour-2"), ("a model", "harbour-2")],
)
async def test_the_name_of_a_stopped_run_is_proposed_again_unless_it_is_still_used(
    left: str, proposed: str
) -> None:
    """By the run's model, or by the run itself when it is resumed."""
    app = make_app()
    run = keep_run(RUNNING, learning(done=0.1), 1)
    async with app.run_test(size=(80, 24)) as pilot:
        with run.held():
            await settle(pilot)
            form = panel_of(app).form
            await until(pilot, lambda: form.name_or_hint == "harbour-2")
        if left == "a model":
            keep_model("harbour")
        if left != "a state":
            (run.folder / "state.safetensors").unlink()
        if left == "nothing":
            shutil.rmtree(run.folder)
        else:
            keep_ending = [
                events.to_json(event) + "\n" for event in learning(done=0.1, ending="stopped")[-1:]
            ]
            with run.journal.open("a", encoding="utf-8") as journal:
                journal.writelines(keep_ending)
        await settle(pilot)
        assert [row.status for row in panel_of(app).rows] == ([] if left == "nothing" else ["stopped"])
        assert form.name_or_hint == proposed
