"""The Train tab: every action, over recorded runs."""

import re
import shlex
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Input, Static

from lstmterm import installed, paths
from lstmterm.runs import events, marks, storage
from lstmterm.runs.sweeps import SweepProcess
from lstmterm.ui.app import LstmTerm
from lstmterm.ui.train.form import TrainForm
from lstmterm.ui.train.knob_screen import KnobScreen
from lstmterm.ui.train.loss_chart import LossChart
from lstmterm.ui.train.panel import TrainPanel
from lstmterm.ui.train.planning import Cancelled
from lstmterm.ui.train.runs_list import RunsList
from lstmterm.ui.train.timeline import Timeline
from tests.ui.conftest import Child, idle, keep_model, keep_run, make_app, screen_text, settle, until
from tests.ui.journals import NOW, learning
from tests.ui.textual_private import notices


def reasons_of(app: LstmTerm) -> str:
    return str(app.query_one("#why", Static).content)


def plan_of(app: LstmTerm) -> str:
    """What the form says of the plan."""
    return str(app.query_one("#plan", Static).content)


async def test_every_run_is_listed_and_can_be_shown(recorded: None) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        shown = screen_text(app)
        for sign, name, word in (
            ("●", "harbour", "42%"),
            ("✓", "bard", "1.491 · 1 h ago"),
            ("■", "evil[red]", "stopped 30%"),
            ("✗", "python", "failed 10%"),
            ("◌", "tides", "interrupted 60%"),
        ):
            assert any(sign in line and name in line and word in line for line in shown.splitlines()), name
        assert "● harbour 42%" in shown.splitlines()[0]
        for size in ((160, 50), (20, 8), (3, 2), (40, 60), (300, 10), (120, 36)):
            await pilot.resize_terminal(*size)
            await idle(pilot)
        assert "1.491 · 1 h ago │" in screen_text(app), "everything reaches to its frame at once"
        assert "Still improving" in screen_text(app)
        assert "left" in screen_text(app)
        app.query_one(RunsList).focus()
        await pilot.pause()
        await pilot.press("down", "enter")
        await settle(pilot)
        assert "Finished at 1.491 nats" in screen_text(app)
        app.query_one(RunsList).highlighted = 3
        await pilot.press("enter")
        await settle(pilot)
        assert "The loss was not finite three times" in screen_text(app)


async def test_a_plan_is_shown_checked_and_started(launched: list, home: Path) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await until(pilot, lambda: " LSTM, " in plan_of(app))
        assert re.match(r"About 2:32 of 3 minutes\n1x384 LSTM, .* file\n", plan_of(app))
        assert "A larger model than 1x384 overfits" in reasons_of(app)
        assert "72.5k characters" in screen_text(app)
        await pilot.press("ctrl+b")
        await pilot.pause()
        assert "A small text" in screen_text(app)
        await pilot.press("escape")

        app.query_one("#time").focus()
        await pilot.press("x")
        await pilot.pause()
        assert "Give a time" in screen_text(app)
        await pilot.press("ctrl+s")
        await pilot.press("backspace")
        app.query_one("#name").focus()
        await pilot.press("slash")
        await pilot.pause()
        assert app.query_one("#plan").has_class("-wrong")
        assert app.query_one("#name").has_class("-wrong")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert not launched

        await pilot.press("backspace", *"bard")
        app.query_one("#time").focus()
        await pilot.press("up", "up", "up")
        await until(pilot, lambda: " of 30 minutes" in plan_of(app))
        await pilot.press("down", "down")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: launched)
        arguments, run_id = launched[0]
        assert arguments == [
            *("train", "harbour", "--name", "bard", "--minutes", "5", "--nice", "10", "--run-id", run_id)
        ]
        assert run_id.endswith("-bard")
        await settle(pilot)
        assert app.query_one(TrainPanel).chosen == run_id
        assert app.services.settings.time == "5 minutes"
        assert '"5 minutes"' in paths.settings().read_text()


async def test_a_long_path_shows_its_end(tmp_path: Path) -> None:
    path = f"{tmp_path}/host[red]ile.txt"
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        app.query_one(TrainPanel).choose_source(path)
        await settle(pilot)

        def shown() -> str:
            line = next(line for line in screen_text(app).splitlines() if "Text" in line and "▾" in line)
            return line.split("Text")[1].split("▾")[0].strip()

        narrow = shown()
        assert narrow.startswith("…")
        assert narrow.endswith("/host[red]ile.txt")
        await pilot.resize_terminal(120, 40)
        await until(pilot, lambda: len(shown()) > len(narrow))
        assert shown().endswith("/host[red]ile.txt")
        app.query_one(TrainPanel).choose_source("漢" * 40)
        await settle(pilot)
        assert re.fullmatch("…漢+", shown()), "wide characters are counted in cells"


def go_to(app: LstmTerm, name: str) -> None:
    """Put the cursor on a knob."""
    assert isinstance(app.screen, KnobScreen)
    app.screen.go_to(name)


async def test_every_knob_is_there_checked_and_said_as_a_command(launched: list) -> None:
    app = make_app()
    async with app.run_test(size=(110, 28)) as pilot:
        await settle(pilot)
        await pilot.press("ctrl+g")
        await until(pilot, lambda: isinstance(app.screen, KnobScreen))
        for knob, decides in (("init", "orthogonal"), ("layers", "planned")):
            go_to(app, knob)
            await pilot.pause()
            assert re.search(f"--{knob} +{decides}", screen_text(app)), "the default, or that it is planned"
        await pilot.press("2", "escape")
        await pilot.pause()
        assert app.query_one(TrainForm).values.knobs == {}, "escape leaves the knobs as they were"

        await pilot.press("ctrl+g")
        await until(pilot, lambda: isinstance(app.screen, KnobScreen))
        go_to(app, "hidden")
        await pilot.press(*"9999")
        await pilot.pause()
        assert "Hidden must be at most 8192 (got 9999)" in screen_text(app)
        assert "! Hidden" in screen_text(app)
        assert app.screen.query_one("#done").disabled
        await pilot.press("up")
        await pilot.pause()
        assert app.screen.query_one("#knob-value", Input).value == "", "another knob's value is another"
        await pilot.press("down", "backspace", "enter")
        await pilot.pause()
        assert app.screen.query_one("#knob-value", Input).value == "", "enter goes to the next one"
        go_to(app, "schedule")
        await pilot.press(*"constant")
        await pilot.pause()
        command = "lstmterm train harbour --name harbour --minutes 3 --hidden 999 --schedule constant"
        assert command in " ".join(screen_text(app).split())
        await pilot.press("ctrl+y")
        assert app.clipboard == command
        await pilot.press("ctrl+s")
        await pilot.pause()
        await until(pilot, lambda: "More (2)" in screen_text(app))
        await settle(pilot)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: launched)
        assert launched[0][0][:-4] == shlex.split(command)[1:]


async def test_a_failed_run_is_resumed_by_the_key_that_its_panel_names(
    recorded: None, launched: list[tuple[list[str], str]]
) -> None:
    failed = "20250131-110000-python"
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        app.query_one(TrainPanel).choose(failed)
        await settle(pilot)
        said = app.query_one("#loss-verdict", Static).content
        assert "try a smaller learning rate than 0.5. ^r resumes it from its last save." in str(said)
        assert "^r Resume" in screen_text(app)
        await pilot.press("ctrl+r")
        await until(pilot, lambda: launched)
        assert launched == [(["resume", failed], failed)]


async def test_runs_are_stopped_resumed_read_about_and_removed(recorded: None, launched: list) -> None:
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        await pilot.press("ctrl+t")
        assert storage.find("20250131-142230-harbour").stop_requested()
        app.query_one(TrainPanel).choose("20250131-120000-evil[red]")
        await settle(pilot)
        await pilot.press("ctrl+r")
        await until(pilot, lambda: launched)
        assert launched[0] == (["resume", "20250131-120000-evil[red]"], "20250131-120000-evil[red]")

        listed = app.query_one(RunsList)
        listed.focus()
        listed.highlighted = 3
        await pilot.press("g")
        await pilot.pause()
        assert "training" in screen_text(app), "the log"
        await pilot.press("escape", "delete")
        await pilot.pause()
        assert "Delete the run 20250131-110000-python?" in screen_text(app)
        sweep = SweepProcess("sizes")
        with sweep.held():
            marks.write(storage.find("20250131-110000-python"), marks.Marks(group="sizes"))
        await pilot.press("y")
        await settle(pilot)
        assert "20250131-110000-python" not in {run.id for run in storage.all_runs()}
        assert not sweep.exists(), "it was the last run of its sweep"
        listed.highlighted = 0
        await pilot.press("delete")
        await pilot.pause()
        assert len(storage.all_runs()) == 4, "the running one stays"

        run = paths.runs() / "20250131-142500-lost"
        run.mkdir(parents=True)
        (run / "log").write_text("reading\nlstmterm: There is no file lost.txt.\n")
        app.services.follower.adopt(run.name, Child(2))  # type: ignore[arg-type]
        app.query_one(TrainPanel).choose(run.name)
        await settle(pilot)
        shown = screen_text(app)
        assert "✗ lost" in shown
        assert "There is no file lost.txt." in shown


async def test_the_curve_is_compared_zoomed_measured_otherwise_and_exported(
    recorded: None, tmp_path: Path
) -> None:
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        chart = app.query_one(LossChart)
        chart.focus()
        await pilot.pause()
        await pilot.press("c")
        await settle(pilot)
        assert [other.name for other in chart.others] == ["bard"]
        assert "△ bard" in screen_text(app)
        app.query_one(RunsList).focus()
        await pilot.pause()
        app.query_one(RunsList).highlighted = 1
        await pilot.press("space")
        await settle(pilot)
        assert chart.others == []

        chart.focus()
        count = len(chart.curve.progress.steps) if chart.curve else 0
        whole = chart.window()
        await pilot.press("plus", "plus")
        near = chart.window()
        assert near.x.high == whole.x.high
        assert near.x.low > whole.x.low
        await pilot.press("left")
        assert chart.window().x.low < near.x.low
        await pilot.press("l", "u", "x", "r")
        await pilot.pause()
        window = chart.window()
        assert window.y.log
        assert window.x.log
        await until(pilot, lambda: "bits per character, log" in screen_text(app))
        await pilot.press("x", "l", "u", "r", "0")
        await pilot.pause()
        assert chart.window() == whole
        assert chart.curve is not None
        assert len(chart.curve.progress.steps) == count, "no point is lost"

        for suffix in ("svg", "csv"):
            target = tmp_path / f"curve.{suffix}"
            await pilot.press("e")
            await pilot.pause()
            app.screen.query_one("#answer").value = str(target)  # type: ignore[attr-defined]
            await pilot.press("enter")
            await until(pilot, target.exists)


async def test_the_timeline_is_stepped_through_and_stays_where_the_reader_is(recorded: None) -> None:
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        timeline = app.query_one(Timeline)
        assert "step 3,840" in str(timeline.border_title)
        timeline.focus()
        await pilot.press("left", "left")
        assert "step 2,880" in str(timeline.border_title)
        more = events.Sampled(
            step=4200, time=NOW, prompt="The harbour", text=" sleeps.", seed=1, temperature=0.8
        )
        progress = app.services.runs.progress["20250131-142230-harbour"]
        progress.take(more)
        timeline.show("20250131-142230-harbour", progress.samples)
        assert "step 2,880" in str(timeline.border_title)
        await pilot.press("end")
        assert "step 4,200" in str(timeline.border_title)
        assert "The harbour sleeps." in screen_text(app)
        await pilot.press("home")
        assert "step 480" in str(timeline.border_title)
        await pilot.press("y")
        assert app.clipboard.startswith("The harbour")


async def is_asked_about(pilot: Pilot[None], name: str, question: str, launched: list) -> None:
    """A run of this name is started once the question is answered with yes."""
    pilot.app.query_one("#name").focus()
    await pilot.pause()
    await pilot.press(*name, "ctrl+s")
    await pilot.pause()
    assert question in screen_text(pilot.app)
    await pilot.press("n")
    await pilot.pause()
    assert not launched
    await pilot.press("ctrl+s")
    await pilot.pause()
    await pilot.press("y")
    await until(pilot, lambda: launched)
    assert "--overwrite" in launched[0][0]


async def test_a_name_that_is_taken_is_avoided_or_asked_about(launched: list) -> None:
    keep_model("harbour")
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert app.query_one(TrainForm).name_or_hint == "harbour-2"
        await is_asked_about(pilot, "harbour", "There is a model named harbour already", launched)


async def test_a_shipped_models_name_is_asked_about(
    launched: list, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shakespeare.safetensors").touch()
    monkeypatch.setattr(paths, "shipped_models", lambda: tmp_path)
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await is_asked_about(pilot, "shakespeare", "ships with lstmterm", launched)


async def test_one_run_is_started_by_two_presses(launched: list) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await until(pilot, lambda: " LSTM, " in plan_of(app))
        await pilot.press("ctrl+s", "ctrl+s")
        await until(pilot, lambda: launched)
        await settle(pilot)
        await pilot.press("ctrl+s")
        await settle(pilot)
        assert len(launched) == 1
        assert any("A run is starting" in note for note in notices(app))
        run = storage.run_of(launched[0][1])
        keep_run(run.id, learning(done=0.1))
        await settle(pilot)
        assert not app.query_one(TrainPanel).is_starting
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "is training. Start another run beside it?" in screen_text(app))
        await pilot.press("n")
        await settle(pilot)
        assert len(launched) == 1
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "Start another run beside it?" in screen_text(app))
        await pilot.press("y")
        await until(pilot, lambda: len(launched) == 2)


async def test_a_finished_run_is_trained_for_longer(recorded: None, launched: list) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        panel = app.query_one(TrainPanel)
        panel.choose("20250131-130000-bard")
        await until(pilot, lambda: str(app.query_one("#stop", Button).label) == "Longer")
        await pilot.press("ctrl+r")
        await until(pilot, lambda: "Train bard for how much longer?" in screen_text(app))
        await pilot.press("ctrl+u", *"2 epochs", "enter")
        await until(pilot, lambda: "Give a time" in screen_text(app))
        await pilot.press("ctrl+u", *"90 s", "enter")
        await until(pilot, lambda: launched)
        arguments = ["resume", "20250131-130000-bard", "--minutes", "1.5", "--nice", "10"]
        assert launched == [(arguments, "20250131-130000-bard")]


async def test_a_form_is_as_it_was_when_the_screen_is_opened_again() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        app.query_one("#time").focus()
        await pilot.press("ctrl+u", *"7 minutes")
        panel = app.query_one(TrainPanel)
        panel.form.set_values(replace(panel.form.values, knobs={"hidden": "99"}))
        panel.choose_source("reber")
        await settle(pilot)
    again = make_app()
    async with again.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        values = again.query_one(TrainPanel).form.values
        assert (values.source, values.time, values.knobs) == ("reber", "7 minutes", {"hidden": "99"})
        assert "More (1)" in screen_text(again)


async def test_the_bell_rings_only_if_the_settings_say_so(
    recorded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[bool] = []
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        monkeypatch.setattr(app, "bell", lambda: rung.append(True))
        for bell in (False, True):
            run_id = f"2025013{int(bell)}-000000-ringer"
            run = keep_run(run_id, learning(), 1)
            with run.held():
                await settle(pilot)
            keep_run(run_id, learning(done=1, ending="finished"), 0)
            app.services.settings = app.services.settings.__class__(bell=bell)
            await settle(pilot)
            assert rung == ([True] if bell else [])


async def test_a_long_journal_arrives_whole() -> None:
    found = learning(done=1, every=1)
    keep_run("20250131-142230-long", found)
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot, 8)
        assert len(app.services.runs.progress["20250131-142230-long"].steps) == 9800


async def test_a_plan_follows_once_this_machine_is_measured(
    launched: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = paths.calibration().read_text()
    paths.calibration().unlink()

    def measure(cancelled: Callable[[], bool], say: Callable[[float], None]) -> None:
        say(3.0)
        while not cancelled():
            time.sleep(0.01)
        raise Cancelled

    monkeypatch.setattr("lstmterm.ui.train.plan_panel.measure", measure)
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot, lambda: "some 6 seconds, 3 so far. You can start now." in plan_of(app))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: launched)
        assert "Measuring" not in plan_of(app)
        assert "follows" in plan_of(app)
        paths.calibration().write_text(measured)
        await settle(pilot)
        await until(pilot, lambda: " LSTM, " in plan_of(app))


async def test_without_torch_start_says_how_to_add_it_and_leaves_no_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await until(pilot, lambda: " LSTM, " in plan_of(app))
        missing = installed.without_torch(ModuleNotFoundError(name="torch"))
        monkeypatch.setattr(installed, "refuse_without_torch", Mock(side_effect=missing))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: any("Training needs torch" in note for note in notices(app)))
        await settle(pilot)
        assert not app.query_one(TrainPanel).is_starting
    assert storage.all_runs() == []
