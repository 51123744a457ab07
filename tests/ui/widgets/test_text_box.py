"""The box for a text: what is pasted, what it holds, and the keys that it leaves to the tab."""

from textual import events
from textual.app import App, ComposeResult

from lstmterm.ui.widgets.text_box import TextBox
from tests.ui.conftest import screen_text, until

ANY = "a\tb\r\nc\\n\x0c\x0b\x1c\x85\u2028\u202e\ufeff\x7f\ud800\udcff\U000e0041é字\n"


class Box(App[None]):
    BINDINGS = [("f6", "note('f6')"), ("f7", "note('f7')")]
    AUTO_FOCUS = "TextBox"
    noted = ""

    def compose(self) -> ComposeResult:
        yield TextBox()

    def action_note(self, key: str) -> None:
        self.noted += key


async def test_pasted_text_replaces_the_selection_its_lines_end_alike_and_controls_are_symbols() -> None:
    app = Box()
    async with app.run_test() as pilot:
        box = app.query_one(TextBox)
        await pilot.press("a", "b", "shift+left")
        box.post_message(events.Paste("x\x1b\r\ny"))
        await until(pilot, lambda: box.text == "ax\x1b\ny")
        assert box.cursor_location == (1, 1)
        assert screen_text(app).startswith(" ax␛ ")
        await pilot.press("left", "f6", "f7", "ctrl+z")
        assert (box.text, app.noted) == ("ab", "f6f7")


async def test_every_character_survives_and_only_newlines_end_lines() -> None:
    app = Box()
    async with app.run_test() as pilot:
        box = app.query_one(TextBox)
        box.text = ANY
        assert (box.text, box.document.line_count) == (ANY, 3)
        await pilot.press("x", "ctrl+z", "ctrl+y", "backspace")
        assert box.text == ANY
        shown = screen_text(app)
        assert not set(ANY) & set(shown) - set("abc\\né字\n")
        assert "b␍" in shown
        assert "c\\n␌␋␜\ufffd␤⇤" in shown


async def test_what_is_cut_and_copied_are_the_characters_themselves() -> None:
    app = Box()
    async with app.run_test() as pilot:
        box = app.query_one(TextBox)
        box.text = "a\x0cb\r"
        await pilot.press("shift+end", "ctrl+c")
        assert app.clipboard == box.selected_text == "a\x0cb\r"
        await pilot.press("ctrl+x")
        assert (app.clipboard, box.text) == ("a\x0cb\r", "")
        await pilot.press("ctrl+v", "ctrl+v")
        assert box.text == "a\x0cb\ra\x0cb\r"


async def test_a_terminal_too_narrow_for_a_character_is_no_error() -> None:
    app = Box()
    async with app.run_test(size=(2, 4)) as pilot:
        app.query_one(TextBox).placeholder = "Type a text."
        await pilot.pause()
        assert app.query_one(TextBox).content_size.width == 0
        await pilot.resize_terminal(20, 4)
        await until(pilot, lambda: "Type a text." in screen_text(app))
