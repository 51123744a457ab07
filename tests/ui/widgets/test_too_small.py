"""Small terminals: one panel at a time, and one sentence where nothing fits."""

import pytest
from textual.containers import VerticalScroll

from lstmterm.ui.library.item_list import ItemList
from lstmterm.ui.train.loss_chart import LossChart
from lstmterm.ui.train.runs_list import RunsList
from tests.ui.conftest import idle, make_app, screen_text, settle, until


@pytest.mark.parametrize("size", [(39, 24), (80, 9)])
async def test_a_terminal_that_is_too_small_gets_one_sentence_until_it_is_enlarged(
    size: tuple[int, int],
) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        app.query_one("#time").focus()
        await pilot.resize_terminal(*size)
        await until(
            pilot, lambda: f"this terminal is {size[0]}x{size[1]}" in " ".join(screen_text(app).split())
        )
        assert "New model" not in screen_text(app)
        await pilot.resize_terminal(40, 10)
        await until(pilot, lambda: "New model" in screen_text(app))
        assert app.focused is app.query_one("#time"), "the focus is where it was"
        assert "Help" in screen_text(app)


@pytest.mark.parametrize("size", [(60, 20), (40, 10)])
async def test_below_70_columns_the_panel_with_the_focus_is_the_one_that_is_shown(
    recorded: None, size: tuple[int, int]
) -> None:
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        assert "Loss" not in screen_text(app)
        for widget, title in ((RunsList, "Runs"), (LossChart, "Loss · harbour")):
            app.query_one(widget).focus()
            await until(pilot, lambda title=title: f"─ {title} ─" in screen_text(app).splitlines()[1])
            assert "New model" not in screen_text(app)
        app.query_one("#start").focus()
        await until(pilot, lambda: "Start   Stop" in screen_text(app))
        await pilot.press("f6")
        await until(pilot, lambda: "─ Library ─" in screen_text(app) and isinstance(app.focused, ItemList))
        await idle(pilot)
        app.query_one("#card", VerticalScroll).focus()
        await until(pilot, lambda: "─ Library ─" not in screen_text(app))
        await pilot.press("f2")
        await pilot.press("ctrl+g")
        await until(pilot, lambda: "All settings" in screen_text(app) and "Done" in screen_text(app))
        assert "--encoding" in screen_text(app), "the list of settings has room"


async def test_from_70_columns_the_panels_are_beside_each_other(recorded: None) -> None:
    app = make_app()
    async with app.run_test(size=(70, 20)) as pilot:
        await settle(pilot)
        assert "New model" in screen_text(app)
        assert "Loss · harbour" in screen_text(app)
