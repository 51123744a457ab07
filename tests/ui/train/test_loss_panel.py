"""The loss panel by itself: its figures and its bar."""

from dataclasses import replace
from pathlib import Path

import pytest
from textual.app import App, ComposeResult

from lstmterm import ui
from lstmterm.runs.events import Evaluated, Warned
from lstmterm.runs.folder import Status
from lstmterm.runs.progress import Progress
from lstmterm.runs.summary import Summary
from lstmterm.ui.train.loss_chart import Curve, LossChart
from lstmterm.ui.train.loss_panel import LossPanel, bar
from tests.ui.conftest import screen_text, until
from tests.ui.journals import NOW, learning


class Alone(App[None]):
    """An application with nothing but the panel."""

    CSS_PATH = [Path(ui.__file__).parent / "train" / "panel.tcss"]

    def compose(self) -> ComposeResult:
        yield LossPanel()


def row(status: Status, reason: str = "") -> Summary:
    return Summary(
        id="20250131-142230-harbour", name="harbour", task="charlm", corpus="harbour", status=status,
        step=4116, steps=9800, best_step=3840, val_loss=1.5, chars_per_second=7e4, changed=NOW, reason=reason,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("status", "ending", "expected"),
    [
        ("running", "", " 42% · 2:03 left"),
        ("stopped", "stopped", " 42% · stopped"),
        ("interrupted", "", " 42% · interrupted"),
        ("finished", "finished", " 100% · finished"),
    ],
)
def test_the_bar_shows_the_share_and_the_status(status: str, ending: str, expected: str) -> None:
    progress = Progress.of(learning(ending=ending))
    shown = bar(progress, status, progress.times[-1], 60).plain
    assert shown.endswith(expected)
    assert len(shown) <= 60
    assert shown.count("━") == round(progress.share * (shown.count("━") + shown.count("┈")))


async def test_figures_fill_the_width() -> None:
    app = Alone()
    async with app.run_test(size=(120, 30)) as pilot:
        panel = app.query_one(LossPanel)
        assert "Nothing is being trained." in screen_text(app)
        panel.show(row("running"), Progress.of(learning()), [], NOW)
        await pilot.pause()
        shown = screen_text(app)
        for figure in (
            "train 1.",
            "val 1.",
            "◆ best 1.",
            "perplexity",
            "4,116 of 9,800",
            "lr ",
            "epoch 3.14",
        ):
            assert figure in shown, figure
        assert panel.border_subtitle == "nats per character"
        await pilot.resize_terminal(40, 20)
        await until(pilot, lambda: "train 1." in screen_text(app) and "perplexity" not in screen_text(app))


async def test_a_tagger_has_its_accuracy() -> None:
    app = Alone()
    found = learning()
    found.append(
        Evaluated(
            step=4116, time=NOW, val_loss=0.2, train_loss=0.1, best=True, metrics={"dev_accuracy": 0.954}
        )
    )
    async with app.run_test(size=(100, 30)) as pilot:
        app.query_one(LossPanel).show(row("running"), Progress.of(found), [], NOW)
        await pilot.pause()
        assert "accuracy 95.4%" in screen_text(app)


async def test_a_run_that_failed_before_its_first_step_has_its_reason_and_no_chart() -> None:
    app = Alone()
    async with app.run_test(size=(100, 30)) as pilot:
        app.query_one(LossPanel).show(row("failed", "There is no file [b]lost.txt."), Progress(), [], NOW)
        await pilot.pause()
        assert "There is no file [b]lost.txt." in screen_text(app)
        assert app.query_one(LossPanel).has_class("-empty")


async def test_a_run_that_starts_says_for_how_long_and_how_it_is_stopped() -> None:
    app = Alone()
    async with app.run_test(size=(80, 24)) as pilot:
        panel = app.query_one(LossPanel)
        panel.show(replace(row("running"), began=NOW - 12), Progress(), [], NOW)
        await pilot.pause()
        shown = " ".join(screen_text(app).split())
        assert "Starting: it reads the text, then measures" in shown
        assert "12 seconds so far. ^t stops it before its first step." in shown
        panel.show(row("failed", "There is no text."), Progress(), [], NOW)
        await pilot.pause()
        assert "so far" not in screen_text(app)


async def test_what_is_said_of_the_chart_follows_its_keys_at_once() -> None:
    app = Alone()
    found = [*learning(), Warned(step=100, time=NOW, message="The disk is nearly full.")]
    async with app.run_test(size=(120, 30)) as pilot:
        panel = app.query_one(LossPanel)
        panel.show(row("running"), Progress.of(found), [Curve("a", Progress.of(learning()), "other")], NOW)
        panel.query_one(LossChart).focus()
        await until(pilot, lambda: "! message" in screen_text(app))
        await pilot.press("m")
        assert str(panel.border_title).startswith("Gradient norm")
        await until(
            pilot, lambda: "━ gradient norm" in screen_text(app) and "○ validation" not in screen_text(app)
        )
        await pilot.press("m", "m", "a")
        assert str(panel.border_subtitle) == "characters a second, by epoch"
        await pilot.press("m", "u")
        assert str(panel.border_subtitle) == "bits per character, by epoch"


async def test_a_legend_of_many_runs_takes_two_lines_and_cuts_no_entry() -> None:
    app = Alone()
    others = [Curve(str(i), Progress.of(learning(seed=i)), f"harbour-number-{i}") for i in range(4)]
    async with app.run_test(size=(80, 30)) as pilot:
        panel = app.query_one(LossPanel)
        panel.show(row("running"), Progress.of(learning()), others, NOW)
        await until(pilot, lambda: all(f"harbour-number-{i} " in screen_text(app) for i in range(4)))
        assert "━ training   ○ validation   ◆ best" in screen_text(app)
        more = [Curve(str(i), Progress.of(learning(seed=i)), f"harbour-number-{i}") for i in range(4, 9)]
        panel.show(row("running"), Progress.of(learning()), others + more, NOW)
        await until(pilot, lambda: "harbour-number-4" in screen_text(app))
        line = next(line for line in screen_text(app).splitlines() if "harbour-number-4" in line)
        assert line.rstrip().endswith("…"), "more than two lines are cut visibly"
        panel.show(row("running"), Progress.of(learning()), others, NOW)
        await pilot.resize_terminal(80, 16)
        await until(pilot, lambda: "━ training" not in screen_text(app))
        assert "number-2" in screen_text(app), "a low panel has one line, of which the end is cut"
