"""A text whose characters carry numbers: its colours and its cursor."""

from typing import Any

import pytest
from rich.style import Style
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Button, Input

from lstmterm.ui.widgets import drawn_text
from lstmterm.ui.widgets.coloured_text import ColouredText
from lstmterm.ui.widgets.text_parts import Part
from lstmterm.ui.widgets.text_styles import UNKNOWN
from tests.ui.conftest import screen_text, until
from tests.ui.textual_private import filtered_strips, strips
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
        styles = widget._styles._scale.styles  # type: ignore[union-attr]
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
        assert widget.scroll_offset.y <= widget._shown.rows.row_of(widget.cursor) < widget.scroll_offset.y + 6


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
        levels = bytes(widget._shown.levels)
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


def underlined(app: App[None], below: int = 0) -> str:
    """The characters that are underlined, a line of them for each line of the screen `below` one that has some."""
    lines = (
        "".join(segment.text for segment in strip if segment.style and segment.style.underline)
        for strip in strips(app)[below:]
    )
    return "\n".join(filter(None, lines))


def styled(app: App[None], **having: bool) -> str:
    """The characters whose style has this."""
    return "".join(
        segment.text
        for strip in strips(app)
        for segment in strip
        if segment.style and all(getattr(segment.style, name) == value for name, value in having.items())
    )


def characters(app: App[None], row: int = 0) -> list[tuple[str, Style]]:
    """The characters of a row of the screen, and how they look."""
    return [(c, segment.style or Style()) for segment in strips(app)[row] for c in segment.text]


def cursors(app: App[None]) -> list[int]:
    """The rows of the screen with a text's cursor."""
    looks = [text._styles.cursor for text in app.query(ColouredText) if text._styles]
    return [
        row
        for row, strip in enumerate(list(strips(app))[:4])
        if any(
            segment.style and segment.style.bgcolor == look.bgcolor for segment in strip for look in looks[:1]
        )
    ]


class Page(Alone):
    """A text as it is written: the cursor may stand after its end."""

    def __init__(self, **options: Any) -> None:
        super().__init__(lambda: ColouredText(**{"past_end": True, "newlines": False, **options}))
        self.told: list[object] = []

    @property
    def page(self) -> ColouredText:
        return self.query_one(ColouredText)

    def on_coloured_text_span_chosen(self, message: ColouredText.SpanChosen) -> None:
        self.told.append(message.number)

    def on_coloured_text_chosen(self, message: ColouredText.Chosen) -> None:
        self.told.append(f"chosen {message.position}")


async def test_parts_have_styles_of_their_own_where_no_level_colours_them() -> None:
    app = Page()
    async with app.run_test(size=(60, 6)) as pilot:
        page = app.page
        page.show("The sea owes", parts=[Part(0, 3, "typed"), Part(3, 12, "written")], position=12)
        page.append(" us", part="written")
        page.append(" (stopped)", part="note")
        await until(pilot, lambda: "(stopped)" in screen_text(app))
        assert styled(app, bold=True).strip() == "The", "and the cursor, which is a block"
        assert styled(app, italic=True) == " (stopped)"
        page.colour(bytes([2] * 25), 4, ())
        await until(pilot, lambda: styled(app, italic=True) == "")
        assert styled(app, bold=True).strip() == ""
        page.colour(bytes(25), 1, ())
        await until(pilot, lambda: styled(app, italic=True) == " (stopped)")


async def test_newlines_are_shown_only_where_they_have_a_number() -> None:
    app = Page()
    async with app.run_test(size=(20, 6)) as pilot:
        app.page.append("one\ntwo\n", part="written")
        await until(pilot, lambda: "two" in screen_text(app))
        assert "↵" not in screen_text(app)
        app.page.colour(bytes([1] * 8), 3, ())
        await until(pilot, lambda: screen_text(app).count("↵") == 2)


async def test_the_cursor_stands_after_the_end_as_a_block_and_goes_with_it() -> None:
    app = Page()
    async with app.run_test(size=(20, 4)) as pilot:
        page = app.page

        def block() -> tuple[int, int]:
            """The row and column of the cursor."""
            cursor = page._styles.cursor.bgcolor if page._styles else None
            return next(
                (row, sum(s.cell_length for s in segments[:k]))
                for row, segments in enumerate(list(map(list, strips(app))))
                for k, segment in enumerate(segments)
                if segment.style and segment.style.bgcolor == cursor and segment.style.bold
            )

        await until(pilot, lambda: page._styles is not None)
        assert block() == (0, 0)
        for piece, place in (("The sea", (0, 7)), ("\n", (1, 0)), ("漢", (1, 2)), ("\nx\ny\n", (3, 0))):
            page.append(piece, part="written")
            await until(pilot, lambda place=place: block() == place)
            assert page.cursor == len(page.text)
        page.focus()
        await pilot.press("left", "left")
        assert page.text[page.cursor] == "y"
        page.append("z")
        assert page.text[page.cursor] == "y", "a cursor in the text stays there"
        await pilot.press("right", "right", "right", "right")
        assert page.cursor == len(page.text)
        await pilot.press("ctrl+home", "end", "left", "end", "end")
        assert page.cursor == len(page.text), "the end of a row, then that of the text"


async def test_a_reader_who_went_up_stays_there_until_the_end_is_asked_for() -> None:
    app = Page()
    async with app.run_test(size=(20, 6)) as pilot:
        page = app.page
        page.focus()
        for i in range(30):
            page.append(f"row {i}\n")
        await until(pilot, lambda: "row 29" in screen_text(app))
        for key in ("up", "pageup"):
            await pilot.press(key)
            top = page.scroll_offset.y
            page.append("more\n" * 9)
            await pilot.pause()
            assert page.scroll_offset.y == top, key
            await pilot.press("ctrl+end")
            await until(pilot, lambda: page.scroll_offset.y == page.max_scroll_y)
        page.scroll_to(y=3, animate=False)
        page.append("more\n" * 9)
        await pilot.pause()
        assert page.scroll_offset.y == 3, "also one who scrolls without the cursor"
        await pilot.press("end")
        page.append("the newest")
        await until(pilot, lambda: "the newest" in screen_text(app))
        page.scroll_to(y=3, animate=False)
        page.follow()
        page.append(" of all")
        await until(pilot, lambda: "the newest of all" in screen_text(app))


async def test_a_text_is_replaced_from_a_character_on() -> None:
    app = Page()
    async with app.run_test(size=(20, 6)) as pilot:
        page = app.page
        text = "".join(f"row {i}\n" for i in range(30))
        page.show(text, parts=[Part(0, len(text), "written")], position=len(text))
        await until(pilot, lambda: "row 29" in screen_text(app))
        page.underline(0, [(0, 5), (20, 30), (180, 190)])
        start = text.index("row 20")
        page.replace_from(start, "another\n", parts=[Part(start, start + 8, "edited")])
        await until(pilot, lambda: "another" in screen_text(app))
        assert page.cursor == len(page.text) == start + 8, "a cursor after the end stays after it"
        assert "row 19" in screen_text(app)
        assert styled(app, italic=True).strip() == "another"
        assert len(page._shown.spans) == 2
        page.go_to(text.index("row 3"))
        page.scroll_to(y=2, animate=False)
        page.replace_from(start, "short")
        await pilot.pause()
        assert (page.cursor, page.scroll_offset.y) == (text.index("row 3"), 2)
        page.replace_from(7, "")
        await pilot.pause()
        assert page.cursor == 7
        assert "row 1" not in screen_text(app)
        page.show("", position=9)
        await pilot.pause()
        assert page.cursor == 0


async def test_stretches_are_underlined_while_the_text_grows() -> None:
    app = Page()
    async with app.run_test(size=(60, 12)) as pilot:
        page = app.page
        page.append("The", part="typed")
        page.append(" sea owes us\na bucket and more", part="written")
        page.underline(0, [(3, 7), (18, 24)])
        await until(pilot, lambda: underlined(app) == " sea\nbucket")
        page.append(" ⟨a note⟩ ", part="note")
        page.append("of it", part="written")
        page.underline(1, [(18, 33), (20, 45)])
        await until(pilot, lambda: underlined(app) == " sea\nbucket and more ⟨a note⟩ of")
        page.underline(1, [(43, 48)])
        await until(pilot, lambda: underlined(app) == " sea\nof it")
        await pilot.resize_terminal(12, 12)
        await until(pilot, lambda: underlined(app) == " sea\nof it")
        page.show("")
        page.append("abcdefgh")
        await pilot.pause()
        assert underlined(app) == ""


async def test_keys_and_clicks_go_to_stretches_and_tell_which() -> None:
    app = Page()
    async with app.run_test(size=(30, 6)) as pilot:
        page = app.page
        page.focus()
        await pilot.press("n")
        page.append("".join(f"line {i}\n" for i in range(40)))
        page.underline(0, [(0, 4), (60, 64), (300, 307)])
        await pilot.press("n", "n", "N", "N", "enter")
        await until(pilot, lambda: app.told == [0, 1, 0, 2, "chosen 300"])
        assert "line 39" in screen_text(app)
        await pilot.press("right", "right", "right", "right", "right", "right", "right")
        await until(pilot, lambda: app.told[5:] == [None])
        await pilot.press("ctrl+home", "ctrl+end", "N")
        await until(pilot, lambda: app.told[6:] == [0, None, 2])
        assert styled(app, bold=True).strip() == page.text[300:307].replace("\n", " ").strip()
        await pilot.press("ctrl+home")
        await until(pilot, lambda: app.told[9:] == [0] and page.scroll_offset.y == 0)
        await pilot.click(ColouredText, offset=(6, 0))
        await pilot.click(ColouredText, offset=(1, 0), times=2)
        await until(pilot, lambda: app.told[10:] == [None, 0, "chosen 1"])
        assert app.screen.get_selected_text() is None, "two clicks do not select the whole text"
        page.underline(0, [])
        await until(pilot, lambda: app.told[13:] == [None])


async def test_marks_and_stretches_are_visited_in_the_order_of_the_text() -> None:
    app = Page()
    async with app.run_test(size=(30, 6)) as pilot:
        page = app.page
        page.focus()
        page.show("abcdefghijklmnop")
        page.colour(bytes(16), 3, (2, 9))
        page.underline(0, [(4, 6), (12, 14)])
        seen = []
        for key in "nnnnnNNNNN":
            await pilot.press(key)
            seen.append(page.cursor)
        assert seen == [2, 4, 9, 12, 2, 12, 9, 4, 2, 12]


async def test_what_is_selected_with_the_mouse_is_the_text_as_it_is() -> None:
    for options in ({}, {"measure": 18}):
        app = Page(**options)
        async with app.run_test(size=(20, 12)) as pilot:
            page = app.page
            page.append("the sea owes us\na\tbucket of that and of more", part="written")
            page.go_to(0)
            await pilot.pause()
            margin = page._margin
            assert await pilot.mouse_down(ColouredText, offset=(margin + 4, 0))
            await pilot.hover(ColouredText, offset=(margin + 3, 2))
            await pilot.mouse_up(ColouredText, offset=(margin + 3, 2))
            await until(pilot, app.screen.get_selected_text)
            selected = app.screen.get_selected_text()
            assert selected is not None
            assert selected == "sea owes us\na\tbucket of that", "not broken where its rows are"


@pytest.mark.parametrize("no_color", [False, True])
async def test_the_cursor_and_what_is_selected_are_seen(
    no_color: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    app = Page()
    async with app.run_test(size=(20, 4)) as pilot:
        app.page.append("the sea owes us", part="written")
        await pilot.pause()
        await pilot.mouse_down(ColouredText, offset=(4, 0))
        await pilot.hover(ColouredText, offset=(6, 0))
        await pilot.mouse_up(ColouredText, offset=(6, 0))
        await until(pilot, app.screen.get_selected_text)
        app.page.go_to(0)
        await until(pilot, lambda: app.page.cursor == 0)
        shown = [
            (s.text, s.style)
            for s in (filtered_strips(app) if no_color else strips(app))[0]
            if s.style and s.text.strip()
        ]
        assert [text for text, _ in shown] == ["t", "he ", "sea", " owes us"]
        looks = [(style.bgcolor, style.reverse) for _, style in shown]
        assert looks[0] != looks[1] != looks[2] != looks[3] == looks[1]
        assert no_color or all(style.color != style.bgcolor for _, style in shown), "it can be read"


async def test_the_text_has_a_measure_and_stands_in_the_middle() -> None:
    app = Page(measure=40)
    async with app.run_test(size=(100, 12)) as pilot:
        page = app.page
        page.show("word " * 30, position=150)
        await until(pilot, lambda: "word" in screen_text(app))
        rows = [row for row in screen_text(app).splitlines() if row.strip()]
        assert {len(row) - len(row.lstrip()) for row in rows} == {29}
        assert max(len(row.strip()) for row in rows) <= 39
        await pilot.click(ColouredText, offset=(29 + 5, 1))
        assert page.cursor == len(rows[0].strip() + " ") + 5
        await pilot.resize_terminal(30, 12)
        await until(pilot, lambda: page._margin == 0)


async def test_another_width_keeps_the_place() -> None:
    app = Page()
    async with app.run_test(size=(60, 6)) as pilot:
        page = app.page
        text = "".join(f"place {i} of many " for i in range(400))
        page.show(text, position=len(text))
        await until(pilot, lambda: "place 399" in screen_text(app))
        await pilot.resize_terminal(30, 6)
        await until(pilot, lambda: page._width < 30 and "399" in screen_text(app))
        page.go_to(text.index("place 200"))
        await until(pilot, lambda: "place 200" in screen_text(app))
        await pilot.resize_terminal(50, 6)
        await until(pilot, lambda: page._width > 40 and "place 200" in screen_text(app))
        page.scroll_to(y=40, animate=False)
        await pilot.pause()
        first = page.in_view[0]
        await pilot.resize_terminal(35, 6)
        await until(pilot, lambda: page._width < 40)
        start, end = page.in_view
        assert start <= first < end, "what a reader sees who scrolled away from the cursor"


async def test_text_added_before_the_page_is_shown_is_wrapped_correctly() -> None:
    app = Page()
    async with app.run_test(size=(40, 60)) as pilot:
        page = app.page
        page.display = False
        await pilot.pause()
        page.append("a" * 500)
        page.append("b" * 100)
        page.display = True
        await until(pilot, lambda: "b" in screen_text(app))
        lines = screen_text(app).split()
        assert len({len(line) for line in lines[:-1]}) == 1
        assert "".join(lines) == "a" * 500 + "b" * 100


async def test_only_some_rows_are_kept_as_they_were_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawn_text, "_MOST_STRIPS", 30)
    app = Page()
    async with app.run_test(size=(40, 10)) as pilot:
        app.page.show("the sea\n" * 1000)
        for y in range(0, 900, 100):
            app.page.scroll_to(y=y, animate=False)
            await pilot.pause()
            assert len(app.page._strips) <= 30


async def test_an_empty_text_has_no_cursor_to_move() -> None:
    async with Alone(ColouredText).run_test(size=(40, 10)) as pilot:
        widget = await view(pilot, "")
        await pilot.press("right", "down", "end", "n", "pagedown", "w", "b", "ctrl+end")
        await pilot.click(ColouredText)
        assert widget.cursor == 0


def test_there_is_a_level_for_each_character() -> None:
    with pytest.raises(ValueError, match="1 levels for 0 characters"):
        ColouredText().colour(b"\x01", 4, ())


async def test_some_characters_get_other_levels_and_unknown_ones_are_faint() -> None:
    async with Alone(lambda: ColouredText(past_end=True)).run_test(size=(40, 10)) as pilot:
        widget = pilot.app.query_one(ColouredText)
        widget.replace_from(0, "abcdef", parts=[Part(0, 6, "typed")])
        widget.colour(bytes(6), 3, (), signs="·12")
        await pilot.pause()
        assert styled(pilot.app, bold=True).startswith("abcdef")
        widget.recolour(1, bytes([3, 0, UNKNOWN, 2]))
        await pilot.pause()
        assert [bool(style.bold) for _, style in characters(pilot.app)[:6]] == [
            True,
            False,
            True,
            False,
            False,
            True,
        ]
        faint, usual = characters(pilot.app)[3][1], characters(pilot.app)[4][1]
        assert faint.color != usual.color
        widget.focus()
        await pilot.press("d")
        assert screen_text(pilot.app).splitlines()[1].rstrip() == " 2  1"


class TwoCursors(App[None]):
    """A text, another one, and a field."""

    def compose(self) -> ComposeResult:
        yield ColouredText(past_end=True, id="one")
        yield ColouredText(past_end=True, id="two")
        yield Input()
        yield Button("go")


async def test_only_one_cursor_is_seen() -> None:
    app = TwoCursors()
    async with app.run_test(size=(40, 12)) as pilot:
        one, two = app.query_one("#one", ColouredText), app.query_one("#two", ColouredText)
        for text in (one, two):
            text.styles.height = 2
            text.append("abc")
        one.focus()
        await until(pilot, lambda: (one.shows_cursor, two.shows_cursor) == (True, False))
        assert cursors(app) == [0]
        two.focus()
        await until(pilot, lambda: two.shows_cursor)
        assert cursors(app) == [2]
        app.query_one(Input).focus()
        await until(pilot, lambda: not two.shows_cursor)
        assert cursors(app) == []
        app.query_one(Button).focus()
        await until(pilot, lambda: two.shows_cursor)
        assert cursors(app) == [0, 2], "where nothing is typed the places are shown"
