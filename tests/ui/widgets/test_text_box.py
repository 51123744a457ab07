"""The box for a text: what is pasted, and the keys that it leaves to the tab."""

from textual import events
from textual.app import App, ComposeResult

from lstmterm.ui.widgets.text_box import TextBox


class Box(App[None]):
    BINDINGS = [("f6", "note('f6')"), ("f7", "note('f7')")]
    noted = ""

    def compose(self) -> ComposeResult:
        yield TextBox()

    def action_note(self, key: str) -> None:
        self.noted += key


async def test_pasted_text_is_made_visible_and_replaces_the_selection() -> None:
    app = Box()
    async with app.run_test() as pilot:
        box = app.query_one(TextBox)
        box.focus()
        await pilot.press("a", "b", "shift+left")
        box.post_message(events.Paste("x\x1b\r\ny"))
        await pilot.pause()
        assert (box.text, box.cursor_location) == ("ax␛\ny", (1, 1))
        await pilot.press("left", "f6", "f7", "ctrl+z")
        assert (box.text, app.noted) == ("ab", "f6f7")
