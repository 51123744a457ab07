"""A line whose arrow keys move in the list of its screen."""

from textual.app import App, ComposeResult
from textual.widgets import OptionList

from lstmterm.ui.widgets.list_line import ListLine


class Both(App[None]):
    def compose(self) -> ComposeResult:
        yield ListLine()
        yield OptionList(*(str(i) for i in range(30)))


async def test_arrows_move_in_the_list_while_the_line_keeps_the_focus_and_its_text() -> None:
    app = Both()
    async with app.run_test(size=(40, 12)) as pilot:
        line, listed = app.query_one(ListLine), app.query_one(OptionList)
        line.focus()
        listed.highlighted = 0
        await pilot.press("a", "down", "down", "b", "up")
        assert (line.value, listed.highlighted) == ("ab", 1)
        await pilot.press("pagedown")
        there = listed.highlighted
        assert there is not None
        assert there > 2
        await pilot.press("pageup")
        assert listed.highlighted == 1 or listed.highlighted == 0
        assert line.has_focus
