"""The small dialogs: what each key returns."""

import pytest
from textual.content import Content
from textual.widgets import Button, Static

from lstmterm.errors import InputError
from lstmterm.ui.widgets.dialogs import Ask, Question, TextDialog, delete_question
from tests.ui.widgets.alone import Alone, result_of


@pytest.mark.parametrize(
    ("keys", "answer"),
    [(["y"], True), (["shift+tab", "enter"], True), (["n"], False), (["escape"], False), (["enter"], False)],
)
async def test_a_question_is_confirmed_only_on_purpose(keys: list[str], answer: bool) -> None:
    """Enter presses the button that has the focus, which is No."""
    assert await result_of(Question("Delete it?", "Delete"), *keys) is answer


async def test_a_question_is_plain_text() -> None:
    app = Alone(Static)
    async with app.run_test() as pilot:
        app.push_screen(delete_question("run", "[red]x"))
        await pilot.pause()
        assert "Delete the run [red]x?" in str(app.screen.query(Static).first().content)
        assert str(app.screen.query_one("#yes", Button).label) == "Delete"


async def test_a_line_is_returned_once_its_check_accepts_it() -> None:
    def check(text: str) -> None:
        if len(text) < 3:
            raise InputError("It is too short.")

    assert await result_of(Ask("Name?", "a", check), *"b", "enter", *"c", "enter") == "abc"
    assert await result_of(Ask("Name?", "abc", check), "escape") is None
    assert await result_of(Ask("Name?", "abc", check), "tab", "tab", "enter") is None, "Cancel"
    assert await result_of(Ask("Name?", "abc", check), "tab", "enter") == "abc", "OK"


async def test_a_text_can_be_copied() -> None:
    app = Alone(Static)
    async with app.run_test() as pilot:
        app.push_screen(TextDialog("Log", Content("step 1\nstep 2")))
        await pilot.pause()
        await pilot.press("y")
        assert app.clipboard == "step 1\nstep 2"
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(app.screen, TextDialog)
