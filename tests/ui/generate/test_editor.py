"""Free editing of a text: what survives, where the cursor is, and how it is left."""

from typing import Any

import pytest
from textual import events, work
from textual.app import App

from lstmterm.drafts.edits import edit
from lstmterm.drafts.tree import Tree
from lstmterm.ui.generate.editor import LONGEST, Editor, _parts
from tests.ui.conftest import screen_text, until

ANY = "a\tb\r\nliteral \\n\x0c\x1b[31m\u2028\ud800\ncut"


class Editing(App[None]):
    """Edits a text, as a tab would."""

    CSS_PATH = "../../../lstmterm/ui/app.tcss"

    def __init__(self, *given: Any) -> None:
        super().__init__()
        self.given = given
        self.results: list[str | None] = []

    def on_mount(self) -> None:
        self.edit()

    @work
    async def edit(self) -> None:
        self.results.append(await self.push_screen_wait(Editor(*self.given)))

    @property
    def editor(self) -> Editor:
        return next(screen for screen in self.screen_stack if isinstance(screen, Editor))


async def edited(*given: Any, keys: str) -> tuple[str | None, Editing]:
    """What the editor returns after these keys."""
    app = Editing(*given)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, Editor) and app.editor.box.has_focus)
        await pilot.press(*keys.split())
        await until(pilot, lambda: app.results)
    return app.results[0], app


@pytest.mark.parametrize(
    ("keys", "result"),
    [
        ("ctrl+s", ANY),
        ("escape", None),
        ("x ctrl+s", ANY + "x"),
        ("x ctrl+z escape", None),
        ("x escape n y backspace ctrl+s", ANY + "x"),
        ("x escape y", None),
        ("tab ctrl+j enter ctrl+s", ANY + "\t\n\n"),
        ("backspace backspace backspace backspace backspace ctrl+s", ANY[:-5]),
        ("shift+up shift+up shift+up shift+home delete ctrl+s", ""),
    ],
)
async def test_every_character_survives_and_leaving_asks_if_something_changed(
    keys: str, result: str | None
) -> None:
    assert (await edited(ANY, keys=keys))[0] == result


@pytest.mark.parametrize(
    ("position", "keys", "result"),
    [
        (0, "x", "xone\n\ntwo"),
        (3, "x", "onex\n\ntwo"),
        (4, "x", "one\nx\ntwo"),
        (5, "x delete", "one\n\nxwo"),
        (99, "x", "one\n\ntwox"),
    ],
)
async def test_the_cursor_stands_at_the_position(position: int, keys: str, result: str) -> None:
    assert (await edited("one\n\ntwo", position, keys=f"{keys} ctrl+s"))[0] == result


async def test_a_long_text_is_shown_around_the_cursor_with_its_place() -> None:
    text = "".join(f"line {number}\n" for number in range(12_000))
    app = Editing(text, text.index("line 6000"))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "line 6000" in screen_text(app))
        await until(pilot, lambda: "line 6,001 of 12,001, column 1 · 120,890 characters" in screen_text(app))
        app.editor.box.post_message(events.Paste("new\rlines\r\n"))
        await until(pilot, lambda: "line 6,003 of 12,003, column 1 · 120,900 characters" in screen_text(app))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: app.results)
    assert app.results == [text.replace("line 6000\n", "new\nlines\nline 6000\n")]


LONG = "The sea is calm. " * 6_000


@pytest.mark.parametrize("position", [0, 50_000, len(LONG)])
async def test_of_a_very_long_line_the_part_around_the_cursor_is_edited(position: int) -> None:
    app = Editing(LONG, position)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: "only the text around the cursor is shown" in screen_text(app))
        place = f"line 1 of 1, column {position + 1:,} · 102,000 characters"
        await until(pilot, lambda: place in screen_text(app))
        assert len(app.editor.box.text) <= LONGEST
        await pilot.press("x", "ctrl+s")
        await until(pilot, lambda: app.results)
    assert app.results == [f"{LONG[:position]}x{LONG[position:]}"]


async def test_a_very_long_line_that_is_pasted_is_kept_and_taken_out_of_sight() -> None:
    app = Editing("one\ntwo", 3)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, Editor) and app.editor.box.has_focus)
        app.editor.box.post_message(events.Paste(LONG))
        await until(pilot, lambda: "only the text around the cursor is shown" in screen_text(app))
        await until(pilot, lambda: "line 1 of 2, column 102,004" in screen_text(app))
        assert len(app.editor.box.text) <= LONGEST
        await pilot.press("!", "escape")
        await until(pilot, lambda: "Discard what you changed?" in screen_text(app))
        await pilot.press("n", "ctrl+s")
        await until(pilot, lambda: app.results)
    assert app.results == [f"one{LONG}!\ntwo"]


def test_the_part_reaches_to_the_long_lines_around() -> None:
    text = f"{'a' * 30_000}\nhere\n\n{'b' * 30_000}\nthere\n{'c' * 30_000}"
    for position in (30_003, 30_007):
        before, part, after = _parts(text, position)
        assert before + part + after == text
        assert part == f"{'a' * (LONGEST // 2)}\nhere\n\n{'b' * (LONGEST // 2)}"
    assert _parts("short\n" * 100_000, 5) == ("", "short\n" * 100_000, "")


async def test_an_edit_is_a_change_of_the_draft() -> None:
    tree = Tree()
    result, _ = await edited("one", 3, keys="! ctrl+s")
    assert result == "one!"
    change = edit(tree, result)
    assert change is not None
    assert change.text == "one!"
