"""A text whose characters carry numbers, shown as colours and signs of a scale, with a cursor. It may grow."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from lstmterm.ui.widgets.keys import key
from lstmterm.ui.widgets.scale import Scale, signs_of
from lstmterm.ui.widgets.text_rows import NEWLINE, TextRows


class ColouredText(ScrollView, can_focus=True):
    """A wrapped text; only the rows on the screen are drawn.

    The level of a character is a byte: 0 if it has no number, else a step of the scale from 1. A character
    that is drawn together with combining ones has the colour of the highest level among them. On a diverging
    scale the middle step is of numbers near zero. On demand a row of signs, one for each step, stands under
    each row of the text.
    """

    DEFAULT_CSS = "ColouredText { overflow-x: hidden; scrollbar-gutter: stable; }"
    BINDINGS = [
        key("left", "move(-1)", "Previous", "colours.before", "The previous character", show=False),
        key("right", "move(1)", "Next", "colours.after", "The next character", show=False),
        key("ctrl+left,b", "word(-1)", "Word before", "colours.word_before", "The word before", show=False),
        key("ctrl+right,w", "word(1)", "Word after", "colours.word_after", "The next word", show=False),
        key("up", "row(-1)", "Above", "colours.above", "The line above", show=False),
        key("down", "row(1)", "Below", "colours.below", "The line below", show=False),
        key("pageup", "page(-1)", "Page up", "colours.page_up", "A page up", show=False),
        key("pagedown", "page(1)", "Page down", "colours.page_down", "A page down", show=False),
        key("home", "row_end(0)", "Line start", "colours.row_start", "The start of the line", show=False),
        key("end", "row_end(1)", "Line end", "colours.row_end", "The end of the line", show=False),
        key("ctrl+home", "text_end(0)", "Start", "colours.start", "The start of the text", show=False),
        key("ctrl+end", "text_end(1)", "End", "colours.end", "The end of the text", show=False),
        *(
            key(
                f"shift+{arrow}",
                f"extend('{action}', {by})",
                "Select",
                f"colours.select_{arrow.replace('+', '_')}",
                f"Select {what}",
                show=False,
            )
            for arrow, action, by, what in (
                ("left", "move", -1, "the character before"),
                ("right", "move", 1, "the next character"),
                ("up", "row", -1, "to the line above"),
                ("down", "row", 1, "to the line below"),
            )
        ),
        key("n", "mark(1)", "Next", "colours.next", "The next marked place"),
        key("N", "mark(-1)", "Back", "colours.back", "The marked place before"),
        key("d", "signs", "Digits", "colours.signs", "Digits under the text, or none"),
    ]

    @dataclass
    class Moved(Message):
        """The cursor is on another character, or the text is another one."""

        position: int

    @dataclass
    class SignsChanged(Message):
        """Signs are shown under the text, or no longer."""

        shown: bool

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.text = ""
        self.has_signs = False  # under each row
        self._signs = "·"  # of the steps
        self.cursor = 0  # the position of a character
        self._anchor: int | None = None  # where the selection begins, its other end is the cursor
        self._levels = b""
        self._steps, self._diverging = 1, False
        self._marks: Sequence[int] = ()
        self._rows = TextRows("", 80)
        self._width = 0
        self._column: int | None = None  # to which the cursor returns while it goes up and down
        self._scale: Scale | None = None
        self._strips: dict[int, Strip] = {}

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _: self._take_scale())

    def show(self, text: str) -> None:
        """Show another text, without numbers, its cursor at the start."""
        self.text, self._levels, self._marks, self._anchor = text, bytes(len(text)), (), None
        self._wrap()
        self.scroll_to(0, 0, animate=False, force=True)
        self._go(0)

    def colour(
        self, levels: bytes, steps: int, marks: Sequence[int], *, diverging: bool = False, signs: str = ""
    ) -> None:
        """Colour the text by a level for each character; `marks` are positions in their order to jump to.

        `signs` has a sign for each step, in one column; without, they are digits (see `signs_of`).
        """
        if len(levels) != len(self.text):
            raise ValueError(f"{len(levels)} levels for {len(self.text)} characters")
        self._levels, self._steps, self._marks, self._diverging = levels, steps, marks, diverging
        self._signs = signs or signs_of(steps, diverging)
        self._take_scale()

    def append(self, text: str, levels: bytes | None = None) -> None:
        """Add text at the end, with a level for each character, on the same scale.

        The view follows it if the end was in view; the cursor stays where it is.
        """
        if levels is None:
            levels = bytes(len(text))
        if len(levels) != len(text):
            raise ValueError(f"{len(levels)} levels for {len(text)} characters")
        if not text:
            return
        first = not self.text
        at_end = self.scroll_offset.y >= self.max_scroll_y
        self.text += text
        self._levels += levels
        if self._width:
            changed = self._rows.append(text)
            for row in [row for row in self._strips if row >= changed]:
                del self._strips[row]
            self._take_height()
            if at_end:
                self.scroll_end(animate=False, force=True, immediate=True, x_axis=False)
        self.refresh()
        if first:
            self.post_message(self.Moved(self.cursor))

    def _take_scale(self) -> None:
        self._scale = None  # made when it is next drawn
        self._redraw()

    def _redraw(self) -> None:
        self._strips.clear()
        self.refresh()

    def action_signs(self) -> None:
        """Show the signs of the steps under the text, or no longer."""
        self.has_signs = not self.has_signs
        self._take_height()
        self._redraw()
        self._scroll_to_cursor(roomy=True)
        self.post_message(self.SignsChanged(self.has_signs))

    # --- layout ---------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        width = self.scrollable_content_region.width
        if width and width != self._width:
            self._width = width
            self._wrap()
            self._scroll_to_cursor()

    def _wrap(self) -> None:
        if self._width:
            self._rows = TextRows(self.text, self._width)
            self._take_height()
        self._redraw()

    @property
    def _high(self) -> int:
        """The lines of the screen that a row takes."""
        return 2 if self.has_signs else 1

    def _take_height(self) -> None:
        if self._width:
            self.virtual_size = Size(self._width, len(self._rows) * self._high)

    def _scroll_to_cursor(self, *, roomy: bool = False) -> None:
        """Bring the cursor into view; `roomy`: with some lines above and below, if it was out of view."""
        y = self._rows.row_of(self.cursor) * self._high
        height = self.scrollable_content_region.height
        if roomy and not self.scroll_offset.y <= y < self.scroll_offset.y + height:
            self.scroll_to(y=y - height // 3, animate=False, force=True)
        else:
            self.scroll_to_region(Region(0, y, 1, self._high), animate=False, force=True)

    def render_lines(self, crop: Region) -> list[Strip]:
        if self.scrollable_content_region.width not in (0, self._width):  # no Resize event: see Conversation
            self.call_next(self.on_resize)
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        row, under = divmod(y + self.scroll_offset.y, self._high)
        width = self.scrollable_content_region.width
        if not self._width or row >= len(self._rows) or not self.text:
            return Strip.blank(width, self.rich_style)
        if under:
            return self._signs_of(row).adjust_cell_length(width, self.rich_style)
        if row not in self._strips:
            self._strips[row] = self._drawn(row).adjust_cell_length(width, self.rich_style)
        return self._strips[row]

    def _drawn(self, row: int) -> Strip:
        if self._scale is None:
            self._scale = Scale.of(self.app, self._steps, diverging=self._diverging)
        styles, usual = self._scale.styles, self.rich_style
        faint = usual + styles[0]
        selected = range(*(self.selection or (0, 0)))
        segments: list[Segment] = []
        piece, before = "", usual
        for cell in self._rows.cells(row):
            level = max(self._levels[cell.start : cell.end])
            style = faint if cell.shown == NEWLINE and level < 2 else usual + styles[level]
            if cell.start <= self.cursor < cell.end:
                style = usual + self._scale.cursor
            elif cell.start in selected:
                style += Style(reverse=True)
            if style != before:
                segments.append(Segment(piece, before))
                piece, before = "", style
            piece += cell.shown
        segments.append(Segment(piece, before))
        return Strip([segment for segment in segments if segment.text])

    def _signs_of(self, row: int) -> Strip:
        """The signs of a row's characters, each under its first column; the lowest step of a scale is a dot."""
        signs = " " + self._signs
        line = ""
        for cell in self._rows.cells(row):
            line += signs[max(self._levels[cell.start : cell.end])].ljust(cell.width)
        return Strip([Segment(line, self.rich_style + Style(dim=True))])

    @property
    def in_view(self) -> tuple[int, int]:
        """From which character to which the rows on the screen go."""
        if not self.text:
            return 0, 0
        top, height = self.scroll_offset.y, max(self.scrollable_content_region.height, 1)
        first = min(top // self._high, len(self._rows) - 1)
        last = min((top + height - 1) // self._high, len(self._rows) - 1)
        return self._rows.span(first)[0], self._rows.span(last)[1]

    # --- the cursor -----------------------------------------------------------------------------------

    def go_to(self, position: int) -> None:
        """Put the cursor on the character at `position`, and bring it into view."""
        self._go(position, roomy=True)

    def _go(self, position: int, *, roomy: bool = False, column: int | None = None) -> None:
        before, self.cursor = self.cursor, min(max(position, 0), max(len(self.text) - 1, 0))
        if self._anchor is not None:
            self._anchor = None
            self._strips.clear()
        self._column = column
        for place in (before, self.cursor):
            self._strips.pop(self._rows.row_of(place), None)
        self._scroll_to_cursor(roomy=roomy)
        self.refresh()
        self.post_message(self.Moved(self.cursor))

    @property
    def selection(self) -> tuple[int, int] | None:
        """From which character to which is selected, the one under the cursor included; None if nothing is."""
        if self._anchor is None:
            return None
        return min(self._anchor, self.cursor), max(self._anchor, self.cursor) + 1

    def word_at(self, position: int) -> tuple[int, int]:
        """From which character to which the word at a position goes; that character alone if it is in none."""
        start = end = position
        while start > 0 and self.text[start - 1].isalnum():
            start -= 1
        while end < len(self.text) and self.text[end].isalnum():
            end += 1
        return (start, end) if start <= position < end else (position, position + 1)

    def action_extend(self, action: str, by: int) -> None:
        """Move the cursor as an action does, and select from where it was."""
        anchor = self.cursor if self._anchor is None else self._anchor
        if action == "row":
            self.action_row(by)
        else:
            self.action_move(by)
        self._anchor = anchor
        self._redraw()

    def action_move(self, by: int) -> None:
        self._go(self.cursor + by)

    def action_word(self, by: int) -> None:
        """Go to the start of the word before or after."""
        text, here = self.text, self.cursor
        if by > 0:
            while here < len(text) and text[here].isalnum():
                here += 1
            while here < len(text) and not text[here].isalnum():
                here += 1
        else:
            while here > 0 and not text[here - 1].isalnum():
                here -= 1
            while here > 0 and text[here - 1].isalnum():
                here -= 1
        self._go(here)

    def action_row(self, by: int) -> None:
        """Go to the same column some rows above or below."""
        if not self.text:
            return
        column = self._rows.column_of(self.cursor) if self._column is None else self._column
        row = min(max(self._rows.row_of(self.cursor) + by, 0), len(self._rows) - 1)
        self._go(self._rows.position_at(row, column), column=column)

    def action_page(self, by: int) -> None:
        self.action_row(by * max(self.scrollable_content_region.height // self._high - 1, 1))

    def action_row_end(self, which: int) -> None:
        start, end = self._rows.span(self._rows.row_of(self.cursor))
        self._go(end - 1 if which else start)

    def action_text_end(self, which: int) -> None:
        self._go(len(self.text) - 1 if which else 0)

    def action_mark(self, by: int) -> None:
        """Go to the next marked place, or the one before, cyclically."""
        marks = self._marks
        if marks:
            number = bisect_right(marks, self.cursor) if by > 0 else bisect_left(marks, self.cursor) - 1
            self.go_to(marks[number % len(marks)])

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        row = -1 if offset is None else (offset.y + self.scroll_offset.y) // self._high
        if offset is not None and 0 <= row < len(self._rows) and self.text:
            self._go(self._rows.position_at(row, offset.x))
