"""Text from outside in widgets."""

from textual import events
from textual.content import Content
from textual.message import Message

from lstmterm.ui.widgets.plain import Line, PlainInput, plain, plain_lines
from tests.ui.widgets.alone import Alone


def test_control_characters_are_seen_and_nothing_is_markup() -> None:
    assert plain("[red]a\x1b\nb").plain == "[red]a␛␊b"
    assert plain_lines("[red]a\x1b\nb").plain == "[red]a␛\nb"
    assert not plain("[red]a[/red]").spans
    assert len(plain("a" * 50, 10).plain) == 10


async def test_a_line_is_drawn_only_when_its_text_changes() -> None:
    app = Alone(Line)
    drawn: list[str] = []
    async with app.run_test():
        line = app.query_one(Line)
        line.update = lambda content, layout: drawn.append(str(content))  # type: ignore[method-assign, assignment]
        for text in ("a", "a", "b", "b"):
            line.set_text(Content(text))
    assert drawn == ["a", "b"]


async def test_what_is_pasted_becomes_visible_and_a_quiet_value_is_no_change() -> None:
    class Hearing(Alone):
        heard = 0

        def on_input_changed(self, message: Message) -> None:
            self.heard += 1

    app = Hearing(PlainInput)
    async with app.run_test() as pilot:
        field = app.query_one(PlainInput)
        field.set_quietly("a\x1b")
        await pilot.pause()
        assert (field.value, app.heard) == ("a␛", 0)
        assert field.cursor_position == 2
        field.post_message(events.Paste("b\x00\n"))
        await pilot.pause()
        assert field.value.endswith("b␀")
        assert app.heard == 1


async def test_what_is_typed_after_a_chosen_value_comes_at_its_end() -> None:
    app = Alone(lambda: PlainInput("10"))
    async with app.run_test() as pilot:
        field = app.query_one(PlainInput)
        field.focus()
        field.choose("100\x1b")
        await pilot.press("x")
        assert field.value == "100␛x"
