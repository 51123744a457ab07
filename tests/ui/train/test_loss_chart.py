"""The chart by itself: what is in view after zooming and panning."""

import pytest

from lstmterm.runs.progress import Progress
from lstmterm.ui.train.loss_chart import Curve, LossChart
from tests.ui.conftest import screen_text, until
from tests.ui.journals import learning
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
