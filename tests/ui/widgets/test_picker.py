"""Choosing from a list that typing filters."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from textual.content import Content
from textual.pilot import Pilot
from textual.widgets import Static

from lstmterm.ui.widgets.picker import Picker, Row
from tests.ui.conftest import make_app, screen_text, until
from tests.ui.widgets.alone import Alone, result_of

FRUIT = {"apple": "Trees", "pear": "Trees", "melon": "Fields"}


class Fruit(Picker):
    def rows(self, typed: str) -> Iterator[Row]:
        return (Row(name, Content(name), group=group) for name, group in FRUIT.items() if typed in name)

    def as_typed(self, typed: str) -> str | None:
        return typed if typed == "other" else None


@asynccontextmanager
async def opened() -> AsyncIterator[tuple[Fruit, Pilot[None]]]:
    """The picker on the screen."""
    app = Alone(Static)
    async with app.run_test() as pilot:
        picker = Fruit("Fruit")
        app.push_screen(picker)
        await pilot.pause()
        yield picker, pilot


async def test_enter_takes_the_highlighted_row_and_escape_none() -> None:
    assert await result_of(Fruit("Fruit"), "enter") == "apple"
    assert await result_of(Fruit("Fruit", "pear"), "enter") == "pear", "the one chosen before"
    assert await result_of(Fruit("Fruit"), "down", "down", "enter") == "melon", "a heading is passed over"
    assert await result_of(Fruit("Fruit"), *"mel", "enter") == "melon"
    assert await result_of(Fruit("Fruit"), *"other", "enter") == "other"
    assert await result_of(Fruit("Fruit"), "escape") is None


async def test_rows_stand_under_the_headings_of_their_groups() -> None:
    async with opened() as (picker, _):
        listed = [str(option.prompt) for option in picker.choices.options]
        assert listed == ["Trees", "apple", "pear", "Fields", "melon"]
        assert [picker.row(option) is None for option in picker.choices.options] == [
            True,
            False,
            False,
            True,
            False,
        ]


async def test_keys_that_come_after_the_choice_do_nothing() -> None:
    for late in ("escape", "enter", "a"):
        assert await result_of(Fruit("Fruit"), *"mel", "enter", late) == "melon"


async def test_a_choice_counts_as_it_was_listed() -> None:
    async with opened() as (picker, pilot):
        melon = picker.choices.options[-1]
        picker.line.value = "app"
        await pilot.pause()
        assert (row := picker.row(melon)) is not None
        assert row.target == "melon"


async def test_its_border_names_the_keys_that_choose_and_cancel() -> None:
    async with opened() as (picker, _):
        shown = Content.from_markup(picker.query_one(".picker").border_subtitle or "")
        assert shown.plain.split() == ["enter", "choose", "·", "esc", "cancel"]


async def test_where_nothing_matches_it_says_so() -> None:
    async with opened() as (picker, pilot):
        picker.line.value = "stone"
        await pilot.pause()
        assert [str(option.prompt) for option in picker.choices.options] == ["Nothing matches."]
        assert picker.choices.highlighted is None
        await pilot.press("enter")
        assert picker.is_current
        picker.line.value = ""
        await pilot.pause()
        assert picker.choices.option_count == 5


async def test_it_is_as_high_as_its_rows_and_stays_so_while_they_are_filtered() -> None:
    async with opened() as (picker, pilot):
        box = picker.query_one(".picker")
        assert picker.choices.size.height == 5
        height = box.outer_size.height
        picker.line.value = "mel"
        await pilot.pause()
        assert box.outer_size.height == height
        await pilot.resize_terminal(80, 12)
        assert box.outer_size.height <= 12


@pytest.mark.parametrize("columns", [40, 80])
async def test_the_keys_on_its_border_are_whole(columns: int) -> None:
    class More(Fruit):
        HINT = "enter choose · tab complete · esc cancel"

    app = make_app()
    async with app.run_test(size=(columns, 20)) as pilot:
        app.push_screen(More("Fruit"))
        await until(pilot, lambda: "enter choose · tab complete" in screen_text(app))
        assert ("esc cancel" in screen_text(app)) == (columns == 80)
        border = next(line for line in screen_text(app).splitlines() if "tab complete" in line)
        assert "…" not in border
