"""The chart by itself: what is in view after zooming and panning."""

import re

import pytest

from lstmterm.amounts import figure
from lstmterm.runs import events
from lstmterm.runs.progress import Progress
from lstmterm.ui.train.loss_chart import Curve, LossChart
from tests.ui.conftest import screen_text, until
from tests.ui.journals import NOW, learning
from tests.ui.widgets.alone import Alone


async def test_zoom_and_pan_stay_within_the_run_and_lose_no_point() -> None:
    app = Alone(LossChart)
    progress = Progress.of(learning())
    async with app.run_test(size=(80, 20)) as pilot:
        chart = app.query_one(LossChart)
        chart.show(Curve("harbour", progress), [])
        chart.focus()
        whole = chart.window().x
        assert (whole.low, whole.high) == (0, 4116)
        for key in (*["plus"] * 40, *["left"] * 40, *["right"] * 80):
            await pilot.press(key)
            x = chart.window().x
            assert 0 <= x.low < x.high <= 4116
        assert chart.window().x.high == 4116
        assert chart.window().x.high - chart.window().x.low == pytest.approx(8, rel=0.2)
        await pilot.press(*["minus"] * 40)
        assert chart.view is None
        assert len(progress.steps) == 343


async def test_another_run_is_shown_whole() -> None:
    app = Alone(LossChart)
    async with app.run_test(size=(80, 20)) as pilot:
        chart = app.query_one(LossChart)
        chart.show(Curve("a", Progress.of(learning())), [])
        chart.zoom(0.5)
        assert chart.view is not None
        chart.show(Curve("b", Progress.of(learning())), [])
        assert chart.view is None
        await pilot.pause()


async def test_axes_switch_between_linear_and_logarithmic_nats_and_bits() -> None:
    app = Alone(LossChart)
    async with app.run_test(size=(80, 20)) as pilot:
        chart = app.query_one(LossChart)
        chart.show(Curve("a", Progress.of(learning())), [])
        chart.focus()
        nats = chart.window().y
        await pilot.press("l", "x", "u")
        assert chart.window().y.log
        assert chart.window().x.log
        assert chart.window().x.low == 1
        await pilot.press("l", "x")
        assert chart.window().y.high > nats.high
        await pilot.pause()
        assert "trigram 2.91" in screen_text(app)


async def test_a_chart_with_too_little_room_or_no_run_is_blank() -> None:
    app = Alone(LossChart)
    async with app.run_test(size=(80, 20)) as pilot:
        chart = app.query_one(LossChart)
        assert screen_text(app).strip() == ""
        chart.show(Curve("a", Progress.of(learning())), [])
        await pilot.resize_terminal(11, 3)
        await until(pilot, lambda: chart.size == (11, 3))
        assert screen_text(app).strip() == ""
        await pilot.resize_terminal(80, 20)
        await until(pilot, lambda: "trigram" in screen_text(app))


async def test_the_pointer_shows_the_values_of_all_runs_and_what_happened_there() -> None:
    app = Alone(LossChart)
    other = Progress.of(learning(seed=7, done=0.8))
    warned = events.Warned(step=4116, time=NOW, message="The disk is nearly full.")
    chosen = Progress.of([*learning(), warned])
    async with app.run_test(size=(120, 30)) as pilot:
        chart = app.query_one(LossChart)
        chart.show(
            Curve("a", chosen, "harbour"), [Curve("b", other, "bard"), Curve("c", Progress(), "empty")]
        )
        chart.focus()
        await pilot.press("full_stop")
        await until(pilot, lambda: "step 4,116" in screen_text(app))
        shown = screen_text(app)
        assert f"harbour ━ {figure(chosen.train_loss)}  ○ {figure(chosen.validations[-1][1])}" in shown
        val = [loss for step, loss in other.validations if step <= 4116][-1]
        assert f"△ {figure(val)}" in shown
        assert "none yet" in shown
        assert "! The disk is nearly full." in shown
        await pilot.press("comma")
        await until(pilot, lambda: "step 4,116" not in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: "none yet" not in screen_text(app))


async def test_the_values_beside_the_pointer_are_whole_however_long_the_names_are() -> None:
    app = Alone(LossChart)
    chosen = Progress.of(learning())
    async with app.run_test(size=(60, 20)) as pilot:
        chart = app.query_one(LossChart)
        runs = [Curve(str(i), chosen, f"harbour-hidden16-dropout0-s{i}") for i in range(3)]
        chart.show(runs[0], runs[1:])
        for share in (0.45, 0.5, 0.55, 0.9):
            chart.pointer = float(round(share * chosen.step))
            await until(pilot, lambda: f"step {chart.pointer:,.0f}" in screen_text(app))
            whole = re.findall(r"-s[012] ━ \d\.\d{3}  [○△□] \d\.\d{3} ", screen_text(app))
            assert len(whole) == 3, share


async def test_a_compared_run_has_its_validation_losses_and_a_mark_and_a_dash_of_its_own() -> None:
    app = Alone(LossChart)
    async with app.run_test(size=(120, 30)) as pilot:
        chart = app.query_one(LossChart)
        others = [
            Curve(str(i), Progress.of(learning(seed=i, steps=9000 + 900 * i)), str(i)) for i in range(6)
        ]
        chart.show(Curve("a", Progress.of(learning()), "a"), others)
        await until(pilot, lambda: "▷" in screen_text(app))
        traces = [trace for trace in chart._traces(others[0]) if trace.shows.startswith("other")]
        looks = {(trace.shows, trace.dash) for trace in traces if trace.form == "line"}
        assert len(looks) == 6
        assert len({trace.mark for trace in traces if trace.form == "marks"}) == 6


async def test_other_figures_and_other_axes_by_key() -> None:
    app = Alone(LossChart)
    progress = Progress.of(learning())
    async with app.run_test(size=(80, 20)) as pilot:
        chart = app.query_one(LossChart)
        chart.show(Curve("a", progress, "harbour"), [])
        chart.focus()
        for name in ("gradient norm", "learning rate", "speed", "loss"):
            await pilot.press("m")
            assert chart.measure.name == name
        ends = []
        for _ in range(4):
            await pilot.press("a")
            ends.append(round(chart.window().x.high, 2))
        assert ends == [round(4116 / 1310.5, 2), 4116 * 768, pytest.approx(4116 / 46 / 60, rel=0.3), 4116]
        await pilot.press("s")
        assert chart.smoothing == "strong"
        for name in ("none", "light", "usual"):
            await pilot.press("s")
            assert chart.smoothing == name


async def test_a_long_warning_beside_the_pointer_is_broken_between_words() -> None:
    app = Alone(LossChart)
    said = "No improvement in 3 evaluations: stopping early. The best model of 港, from step 2,750, is kept."
    progress = Progress.of([*learning(), events.Warned(step=4116, time=NOW, message=said)])
    async with app.run_test(size=(70, 20)) as pilot:
        chart = app.query_one(LossChart)
        chart.show(Curve("a", progress, "harbour"), [])
        chart.focus()
        await pilot.press("full_stop")
        await until(pilot, lambda: "! No improvement" in screen_text(app))
        rows = screen_text(app).splitlines()
        shown = " ".join(" ".join(rows).replace("│", " ").split())
        assert "The best model of ?, from step" in shown, "a wide character would move what is right of it"
        assert "is kept." in " ".join(rows)
        assert len({row.rfind("│") for row in rows[:8]}) == 1, "the line of the pointer is straight"
