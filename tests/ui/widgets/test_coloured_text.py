"""A text whose characters carry numbers: its colours and its cursor."""

import pytest
from textual.pilot import Pilot

from lstmterm.ui.widgets.coloured_text import ColouredText
from tests.ui.conftest import screen_text, until
from tests.ui.textual_private import strips
from tests.ui.widgets.alone import Alone

TEXT = "The sea owes us\na bucket. e\u0301漢\tx\n\nend"


async def view(
    pilot: Pilot[None], text: str = TEXT, levels: bytes | None = None, marks: tuple[int, ...] = ()
) -> ColouredText:
    widget = pilot.app.query_one(ColouredText)
    await pilot.pause()
    widget.show(text)
    widget.colour(bytes([1]) * len(text) if levels is None else levels, 4, marks)
    widget.focus()
    await pilot.pause()
    return widget


async def test_keys_move_the_cursor() -> None:
    async with Alone(ColouredText).run_test(size=(40, 10)) as pilot:
        widget = await view(pilot, marks=(4, 16, 30))
        moves = {
            "right": 1, "left": 0, "ctrl+right": 4, "w": 8, "ctrl+left": 4, "b": 0, "end": 15, "home": 0,
            "down": 16, "up": 0, "n": 4, "N": 0,
        }  # fmt: skip
        for key, place in moves.items():
            if key == "N":
                await pilot.press("n", "N", "home")
            else:
                await pilot.press(key)
            assert widget.cursor == place, key
        await pilot.press("ctrl+end")
        assert widget.cursor == len(TEXT) - 1
        await pilot.press("n")
        assert widget.cursor == 4, "after the last mark comes the first"
        await pilot.press("N")
        assert widget.cursor == 30
        await pilot.press("ctrl+home", "left")
        assert widget.cursor == 0


async def test_up_and_down_keep_the_column() -> None:
    async with Alone(ColouredText).run_test(size=(40, 10)) as pilot:
        widget = await view(pilot, "abcdefgh\n\nabc\nabcdefgh")
        widget.go_to(6)
        await pilot.press("down", "down", "down")
        assert widget.cursor == 14 + 6


async def test_a_click_goes_to_the_character() -> None:
    async with Alone(ColouredText).run_test(size=(40, 10)) as pilot:
        widget = await view(pilot)
        await pilot.click(ColouredText, offset=(12, 1))
        assert widget.text[widget.cursor] == "漢"
        await pilot.click(ColouredText, offset=(30, 0))
        assert widget.text[widget.cursor] == "\n"


async def test_each_character_has_the_colour_of_its_level() -> None:
    async with Alone(ColouredText).run_test(size=(40, 4)) as pilot:
        widget = await view(pilot, "xae\u0301b\n", bytes([1, 2, 1, 4, 3, 1]))
        widget.go_to(0)
        await pilot.pause()
        grounds = [segment.style.bgcolor for segment in strips(pilot.app)[0] if segment.style]
        styles = widget._scale.styles  # type: ignore[union-attr]
        assert grounds[1:4] == [styles[level].bgcolor for level in (2, 4, 3)], "the highest of a cluster"


async def test_a_row_of_signs_stands_under_each_row() -> None:
    async with Alone(ColouredText).run_test(size=(40, 6)) as pilot:
        text = "x漢\te\u0301b\nend"
        widget = await view(pilot, text, bytes([1, 2, 3, 1, 4, 0, 2, 3, 0, 4]))
        await pilot.press("d")
        await until(pilot, lambda: screen_text(pilot.app).splitlines()[1].startswith("·"))
        rows = screen_text(pilot.app).splitlines()
        assert [row.rstrip() for row in rows[:4]] == ["x漢 e\u0301b↵", "·1 23 1", "end", "2 3"]
        await pilot.click(ColouredText, offset=(2, 3))
        assert widget.cursor == len(text) - 1, "a click on a sign"
        widget.colour(bytes([1] * 9 + [3]), 3, (), diverging=True)
        await until(pilot, lambda: screen_text(pilot.app).splitlines()[3].rstrip() == "aa1")
        widget.show("line\n" * 50)
        await pilot.press("ctrl+end")
        await until(pilot, lambda: widget.scroll_offset.y == widget.max_scroll_y == 100 - 6)
        await pilot.press("pageup", "d")
        await until(pilot, lambda: widget.virtual_size.height == 50)
        assert widget.scroll_offset.y <= widget._rows.row_of(widget.cursor) < widget.scroll_offset.y + 6


async def test_control_characters_are_symbols_and_markup_is_text() -> None:
    async with Alone(ColouredText).run_test(size=(40, 4)) as pilot:
        await view(pilot, "[red]x\x1b[2J\x07")
        assert screen_text(pilot.app).splitlines()[0].rstrip() == "[red]x␛[2J␇"


async def test_long_texts_and_lines_are_shown_at_once() -> None:
    async with Alone(ColouredText).run_test(size=(40, 10)) as pilot:
        widget = await view(pilot, "x" * 10_000 + "\n" + "the sea\n" * 10_000)
        await pilot.press("ctrl+end")
        await pilot.pause()
        assert widget.scroll_offset.y == widget.max_scroll_y
        assert len(widget._strips) < 40, "only rows on the screen are drawn"
        await pilot.press("pageup")
        assert 0 < widget.cursor < len(widget.text) - 1


async def test_it_is_wrapped_again_for_another_width() -> None:
    async with Alone(ColouredText).run_test(size=(40, 10)) as pilot:
        await view(pilot, "The sea owes us a bucket")
        await pilot.resize_terminal(15, 10)
        await until(pilot, lambda: screen_text(pilot.app).splitlines()[1].rstrip() == "us a bucket")
        assert screen_text(pilot.app).splitlines()[0].rstrip() == "The sea owes"


async def test_a_text_grows_and_the_view_follows_its_end() -> None:
    async with Alone(ColouredText).run_test(size=(20, 4)) as pilot:
        widget = await view(pilot, "")
        text = "".join(f"row {i} e\u0301漢\n" for i in range(30))
        for start in range(0, len(text), 7):
            piece = text[start : start + 7]
            widget.append(piece, bytes([1 + start % 4]) * len(piece))
        await until(pilot, lambda: "row 29" in screen_text(pilot.app))
        assert widget.text == text
        assert widget.cursor == 0

        def drawn() -> list[list[tuple[str, object]]]:
            """Texts and colours, without the scrollbar."""
            return [
                [(s.text, s.style.bgcolor) for s in strip.crop(0, 18) if s.style]
                for strip in strips(pilot.app)
            ]

        grown = drawn()
        levels = widget._levels
        widget.show(text)
        widget.colour(levels, 4, ())
        widget.scroll_end(animate=False, immediate=True)
        await pilot.pause()
        assert drawn() == grown
        widget.scroll_to(y=5, animate=False, immediate=True)
        await pilot.pause()
        widget.append("more\n" * 5)
        await pilot.pause()
        assert widget.scroll_offset.y == 5, "a reader who scrolled up stays there"


async def test_the_first_text_that_is_added_puts_the_cursor_on_its_start() -> None:
    moved: list[int] = []

    class Telling(Alone):
        def on_coloured_text_moved(self, message: ColouredText.Moved) -> None:
            moved.append(message.position)

    async with Telling(ColouredText).run_test(size=(40, 10)) as pilot:
        widget = pilot.app.query_one(ColouredText)
        widget.append("ab")
        widget.append("")
        widget.append("c", b"\x01")
        await until(pilot, lambda: "abc" in screen_text(pilot.app))
        assert moved == [0]
        with pytest.raises(ValueError, match="2 levels for 1 characters"):
            widget.append("d", bytes(2))


async def test_moves_are_posted() -> None:
    moved: list[int] = []

    class Telling(Alone):
        def on_coloured_text_moved(self, message: ColouredText.Moved) -> None:
            moved.append(message.position)

    async with Telling(ColouredText).run_test(size=(40, 10)) as pilot:
        await view(pilot)
        await pilot.press("right", "down")
        assert moved == [0, 1, 17]


async def test_an_empty_text_has_no_cursor_to_move() -> None:
    async with Alone(ColouredText).run_test(size=(40, 10)) as pilot:
        widget = await view(pilot, "")
        await pilot.press("right", "down", "end", "n", "pagedown", "w", "b", "ctrl+end")
        await pilot.click(ColouredText)
        assert widget.cursor == 0


def test_there_is_a_level_for_each_character() -> None:
    with pytest.raises(ValueError, match="1 levels for 0 characters"):
        ColouredText().colour(b"\x01", 4, ())
