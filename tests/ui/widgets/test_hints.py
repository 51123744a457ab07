"""Keys on the border of a box that can be clicked."""

from typing import Any

import pytest
from textual.app import App
from textual.content import Content
from textual.widgets import Static

from lstmterm import paths
from lstmterm.ui.train.runs_table import RunsTable
from lstmterm.ui.widgets.dialogs import TextDialog
from lstmterm.ui.widgets.help_screen import HelpScreen
from lstmterm.ui.widgets.hints import fitting_hints, hints
from tests.ui.conftest import keep_model, make_app, screen_text, settle, until
from tests.ui.widgets.alone import Alone


@pytest.mark.parametrize(
    ("part", "name"),
    [
        ("esc close", "escape"),
        ("enter go there", "enter"),
        ("⏎ go there", "enter"),
        ("^l text", "ctrl+l"),
        ("/ filter", "slash"),
        ("y copy", "y"),
        ("v 1/4", "v"),
        ("F11 why", "f11"),
        ("alt+t talk", "alt+t"),
        ("for all", ""),
        ("5 stretches in 2 drafts", ""),
        ("at least 200 stretches", ""),
        ("↑ ↓ more of the text", ""),
        ("", ""),
    ],
)
def test_a_part_that_begins_with_a_key_is_that_key(part: str, name: str) -> None:
    shown = hints(f"{part} · [red]")
    assert shown.plain == f"{part} · [red]"
    found = {
        str(span.style.meta.get("@click", "")) for span in shown.spans if not isinstance(span.style, str)
    }
    assert found == ({f"screen.press_key('{name}')"} if name else set())


async def click(pilot: Any, words: str) -> None:
    """Click on words, wherever they are."""
    lines = screen_text(pilot.app).splitlines()
    row = next(number for number, line in reversed([*enumerate(lines)]) if words in line)
    await pilot.click(offset=(lines[row].index(words), row))


async def test_a_click_on_a_hint_of_a_dialog_does_what_the_key_does(monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []
    monkeypatch.setattr(App, "copy_to_clipboard", lambda _, text: copied.append(text))
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(TextDialog("Log", Content("reading")))
        await until(pilot, lambda: "y copy" in screen_text(app))
        await click(pilot, "y copy")
        await until(pilot, lambda: copied == ["reading"])
        await click(pilot, "esc close")
        await until(pilot, lambda: not isinstance(app.screen, TextDialog))
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await click(pilot, "esc close")
        await until(pilot, lambda: not isinstance(app.screen, HelpScreen))


async def test_a_click_on_a_letter_types_nothing_into_the_line_with_the_focus(recorded: None) -> None:
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        app.query_one("#runs").focus()
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, RunsTable) and app.screen.rows)
        table = app.screen
        assert isinstance(table, RunsTable)
        table.query_one("#runs-filter").focus()
        before = table.order
        await click(pilot, "s sort")
        await until(pilot, lambda: table.order != before)
        assert not table.query_one("#runs-filter").value  # type: ignore[attr-defined]


async def test_the_reasons_of_the_plan_open_on_a_click() -> None:
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await until(pilot, lambda: "^b why" in screen_text(app))
        await click(pilot, "^b why")
        await until(pilot, lambda: isinstance(app.screen, TextDialog))


async def test_the_key_on_the_side_of_inspect_turns_to_the_next_figures() -> None:
    keep_model("bard")
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await app.show_tab("inspect")
        for title, key in (("Histogram of bits", "v 1/4"), ("Most surprising words", "v 2/4")):
            await until(pilot, lambda key=key: key in screen_text(app))
            assert title not in screen_text(app)
            await click(pilot, key)
            await until(pilot, lambda title=title: title in screen_text(app))


async def test_the_side_of_inspect_shows_the_key_that_is_set() -> None:
    paths.settings().parent.mkdir(parents=True)
    paths.settings().write_text('[keys]\n"inspect.view" = "f12"\n')
    keep_model("bard")
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await app.show_tab("inspect")
        await until(pilot, lambda: "F12 1/4" in screen_text(app))


async def test_parts_that_do_not_fit_are_left_out_whole() -> None:
    text = "esc close · y copy · n note"
    app = Alone(Static)
    async with app.run_test(size=(80, 24)) as pilot:
        box = app.query_one(Static)

        async def shown(columns: int, *texts: str) -> str:
            box.styles.width = columns
            await until(pilot, lambda: box.outer_size.width == columns)
            return fitting_hints(box, *texts).plain

        assert await shown(40, text) == text
        assert await shown(len(text) + 5, text) == "esc close · y copy"
        assert await shown(20, text) == "esc close"
        assert await shown(5, text) == "esc close", "the first always stays"
        assert await shown(len(text) + 5, text, "esc · y · n") == "esc · y · n", "the shorter text is whole"
