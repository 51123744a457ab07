"""The Train tab where one panel is shown at a time: what starting shows, and the way there and back."""

from typing import Any

import pytest

from lstmterm.runs import storage
from lstmterm.ui.app import LstmTerm
from lstmterm.ui.train.loss_chart import LossChart
from lstmterm.ui.train.loss_panel import LossPanel
from lstmterm.ui.widgets.keys_line import KeysLine
from tests.ui.conftest import keep_run, make_app, screen_text, settle, until
from tests.ui.journals import learning
from tests.ui.tagger.acting import keep_cipher_run
from tests.ui.textual_private import own_keys

SMALL = (60, 20)


def keys(app: LstmTerm) -> list[str]:
    """The keys at the bottom of the screen, from left to right."""
    return [f"{key.shown} {key.binding.description}" for _, key in app.query_one(KeysLine).placed()]


@pytest.mark.parametrize("tab", ["train", "tagger"])
async def test_a_run_that_starts_is_shown_and_escape_leads_back_to_the_form(launched: list, tab: str) -> None:
    app: Any = make_app()
    async with app.run_test(size=SMALL) as pilot:
        await app.show_tab(tab)
        await settle(pilot)
        if tab == "tagger":
            await pilot.press("f8")
            await settle(pilot)
        panel = app.query_one("#training" if tab == "tagger" else "#train")
        await until(pilot, lambda: panel.reading is not None)
        assert panel.form.has_focus_within
        assert not [each for each in keys(app) if each.endswith((" Run", " Form"))], "there is no run"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: launched)
        chart = panel.query_one(LossChart)
        getting_ready = panel.query_one(LossPanel)
        await until(pilot, lambda: app.focused is getting_ready)
        await until(pilot, lambda: "Starting: it reads the text" in screen_text(app))
        assert own_keys(getting_ready)
        await settle(pilot)
        assert "Starting: it reads the text" in screen_text(app)
        await until(pilot, lambda: "g Its log" in keys(app))
        assert keys(app)[0] == "esc Form"
        assert "c Compare" not in keys(app), "there is no curve"

        run = launched[0][1]
        keep_cipher_run(run) if tab == "tagger" else keep_run(run, learning(done=0.3))
        await settle(pilot)
        await until(pilot, lambda: app.focused is chart)
        await until(pilot, lambda: keys(app)[0] == "esc Form")
        assert any("\u2800" < symbol <= "\u28ff" for symbol in screen_text(app)), "a curve"

        await pilot.press("escape")
        await until(pilot, lambda: panel.form.has_focus_within and "Start" in screen_text(app))
        await until(pilot, lambda: "alt+v Run" in keys(app))
        await pilot.press("alt+v")
        await until(pilot, lambda: app.focused is chart)

        await pilot.resize_terminal(120, 36)
        await until(pilot, lambda: "esc Form" not in keys(app))
        await pilot.press("escape")
        assert app.focused is chart, "everything is in view"


async def test_a_curve_whose_run_is_followed_by_another_leaves_the_focus_to_it(
    recorded: None, launched: list
) -> None:
    app: Any = make_app()
    async with app.run_test(size=SMALL) as pilot:
        await settle(pilot)
        await pilot.press("alt+v")
        await until(pilot, lambda: app.focused is app.query_one(LossChart))
        assert storage.known_runs()
        app.query_one("#train").launch(["train", "harbour"], "other")
        await until(pilot, lambda: app.focused is app.query_one(LossPanel))
        await settle(pilot)
        assert "Starting: it reads the text" in screen_text(app)


async def test_the_form_stays_where_everything_is_in_view(launched: list) -> None:
    app: Any = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await until(pilot, lambda: app.query_one("#train").reading is not None)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: launched)
        await settle(pilot)
        assert app.query_one("#train").form.has_focus_within
        assert "Starting: it reads the text" in " ".join(screen_text(app).split())
