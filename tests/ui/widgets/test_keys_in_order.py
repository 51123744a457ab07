"""Keys that come at once."""

from textual import events
from textual.app import App
from textual.widgets import Input

from lstmterm.ui.app import LstmTerm
from lstmterm.ui.widgets.text_box import TextBox

BACKSPACES = ["backspace"] * len("3 minutes")


def _type(app: App[None], *keys: str) -> None:
    """Let keys arrive together, as a terminal's driver sends what it reads at once."""
    for key in keys:
        app.post_message(events.Key("space" if key == " " else key, key if len(key) == 1 else None))


async def test_letters_do_not_overtake_keys_with_a_binding() -> None:
    app = LstmTerm(follow=False)
    async with app.run_test() as pilot:
        time = app.query_one("#time", Input)
        time.focus()
        await pilot.pause()
        _type(app, *BACKSPACES, *"20 s", "home", *"1", "end", "left", "delete", *"minutes")
        await pilot.pause()
        assert time.value == "120 minutes"


async def test_keys_after_one_that_moves_the_focus_go_to_the_next_field() -> None:
    app = LstmTerm(follow=False)
    async with app.run_test() as pilot:
        name, time = app.query_one("#name", Input), app.query_one("#time", Input)
        name.focus()
        await pilot.pause()
        _type(app, *"tides", "tab", "ctrl+u", *"2 epochs", "shift+tab", *"x")
        await pilot.pause()
        assert (name.value, time.value) == ("tidesx", "2 epochs")


async def test_a_text_area_takes_keys_in_their_order() -> None:
    app = LstmTerm(follow=False)
    async with app.run_test() as pilot:
        await pilot.press("f4")
        await pilot.pause()
        box = app.query_one(TextBox)
        box.focus()
        await pilot.pause()
        _type(app, *"boats", "backspace", *"y", "enter", *"z", "left", "left", *"!")
        await pilot.pause()
        assert box.text == "boaty!\nz"
