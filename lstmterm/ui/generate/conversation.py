"""A growing text: prompts, the texts that a model wrote after them, and notes in between.

Only the last rows are wrapped again as it grows, and only the rows on the screen are drawn. A reader who
scrolled up stays there while more is written. Stretches of the texts can be marked; they are underlined.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from lstmterm.ui.widgets.keys import key
from lstmterm.ui.widgets.text_rows import TextRows

_KINDS = ("prompt", "text", "note")
_UNDERLINED = Style(underline=True)


@dataclass
class _Paragraph:
    """A line of the text without its end, and the kinds of its parts."""

    start: int  # its position in the whole text
    rows: TextRows
    row: int  # the number of its first row
    parts: list[tuple[int, str]] = field(default_factory=list)  # where a part begins, and its kind

    @property
    def text(self) -> str:
        return self.rows.text

    def kind_at(self, place: int) -> str:
        return self.parts[bisect_right(self.parts, place, key=lambda part: part[0]) - 1][1]


class Conversation(ScrollView, can_focus=True):
    """Append-only; the kinds of text are "prompt", "text" and "note".

    Marks are (start, end) positions in the whole text, in their order; neither is within another.
    """

    # Lines are wrapped for the width left of the scrollbar, whether it is shown yet or not.
    DEFAULT_CSS = "Conversation { height: 1fr; overflow-x: hidden; scrollbar-gutter: stable; }"
    COMPONENT_CLASSES = {f"conversation--{name}" for name in (*_KINDS, "chosen")}
    BINDINGS = [
        key("end", "scroll_end", "Newest", "page.end", "Go to the end and follow it", show=False),
        key("home", "scroll_home", "Start", "page.home", "Go to the beginning", show=False),
        key("n", "mark(1)", "Next copied", "page.next", "The next underlined stretch, and where it is from"),
        key("N", "mark(-1)", "Copied before", "page.back", "The underlined stretch before", show=False),
        key("enter", "open_mark", "Source", "page.source", "The training text around the chosen stretch"),
    ]

    @dataclass
    class MarkChosen(Message):
        """A mark was chosen, by its number; `opened` to see more of it."""

        number: int
        opened: bool = False

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._paragraphs: list[_Paragraph] = []
        self.following = True  # whether the end is kept in view
        self._width = 0
        self._strips: dict[int, Strip] = {}
        self._styles: dict[str, Style] = {}
        self._marks: list[tuple[int, int]] = []
        self._chosen: int | None = None  # the number of a mark
        self._start_afresh()

    def _start_afresh(self) -> None:
        self._paragraphs = [_Paragraph(0, TextRows("", self._columns), 0)]

    @property
    def _columns(self) -> int:
        """The width of rows with the column that a row leaves free, which is not shown."""
        return max(self._width, 8) + 1

    @property
    def text(self) -> str:
        """The whole text as it was given."""
        return "\n".join(paragraph.text for paragraph in self._paragraphs)

    @property
    def length(self) -> int:
        """The characters of the text."""
        last = self._paragraphs[-1]
        return last.start + len(last.text)

    @property
    def is_empty(self) -> bool:
        return not self.length

    # --- the text -------------------------------------------------------------------------------------

    def add(self, text: str, kind: str = "text") -> None:
        """Append text; the view follows if the reader is at the end."""
        first, *rest = text.split("\n")
        self._extend(first, kind)
        for piece in rest:
            last = self._paragraphs[-1]
            row = last.row + len(last.rows)
            self._paragraphs.append(_Paragraph(self.length + 1, TextRows("", self._columns), row))
            self._extend(piece, kind)
        self._update_size()

    def _extend(self, text: str, kind: str) -> None:
        """Append text without a line end."""
        last = self._paragraphs[-1]
        if text and (not last.parts or last.parts[-1][1] != kind):
            last.parts.append((len(last.text), kind))
        before = len(last.rows)
        changed = last.rows.append(text)
        for row in range(changed, max(before, len(last.rows))):
            self._strips.pop(last.row + row, None)

    def start_block(self) -> None:
        """Start a new line after an empty one."""
        if self.is_empty:
            return
        if self._paragraphs[-1].text:
            self.add("\n")
        if any(paragraph.text for paragraph in self._paragraphs[-2:-1]):
            self.add("\n")

    def clear(self) -> None:
        """Remove the text."""
        self._start_afresh()
        self._strips.clear()
        self._marks.clear()
        self._chosen = None
        self.following = True
        self._update_size()

    @property
    def chosen(self) -> int | None:
        """The number of the chosen mark."""
        return self._chosen

    # --- marks ----------------------------------------------------------------------------------------

    def mark(self, kept: int, marks: Sequence[tuple[int, int]]) -> None:
        """Keep the first `kept` marks, and replace the others by these."""
        gone, added = self._marks[kept:], list(marks)
        if gone == added:
            return
        self._marks[kept:] = added
        if self._chosen is not None and self._chosen >= len(self._marks):
            self._chosen = None
        first = min(start for start, _ in gone + added)
        self._redraw(first, max(end for _, end in gone + added))

    def _redraw(self, start: int, end: int) -> None:
        """Draw the rows of characters `start` to `end` again."""
        if self._width:
            for row in range(self._row_of(start), self._row_of(max(end - 1, start)) + 1):
                self._strips.pop(row, None)
            self.refresh()

    def action_mark(self, by: int) -> None:
        """Choose the next mark or the one before, cyclically; the last one first."""
        if self._marks:
            here = self._chosen if self._chosen is not None else (-1 if by > 0 else 0)
            number = (here + by) % len(self._marks)
            self.choose(len(self._marks) - 1 if self._chosen is None else number)

    def choose(self, number: int | None) -> None:
        """Choose a mark by its number, and bring it into view; None for none."""
        for each in (self._chosen, number):
            if each is not None:
                self._redraw(*self._marks[each])
        self._chosen = number
        if number is not None:
            row = self._row_of(self._marks[number][0])
            self.scroll_to_region(Region(0, row, 1, 1), animate=False, force=True)
            self.post_message(self.MarkChosen(number))
        self.refresh_bindings()

    def action_open_mark(self) -> None:
        if self._chosen is not None:
            self.post_message(self.MarkChosen(self._chosen, opened=True))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "open_mark":
            return self._chosen is not None
        return bool(self._marks) if action == "mark" else True

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None or offset.y + self.scroll_offset.y >= self._height:
            return
        paragraph, row = self._paragraph_at(offset.y + self.scroll_offset.y)
        place = paragraph.start + paragraph.rows.position_at(row, offset.x)
        number = self._mark_at(place)
        if number is not None:
            self.choose(number)

    def _mark_at(self, place: int) -> int | None:
        number = bisect_right(self._marks, place, key=lambda mark: mark[1])
        return number if number < len(self._marks) and self._marks[number][0] <= place else None

    # --- layout ---------------------------------------------------------------------------------------

    @property
    def _height(self) -> int:
        last = self._paragraphs[-1]
        return last.row + len(last.rows)

    def _paragraph_at(self, row: int) -> tuple[_Paragraph, int]:
        """The paragraph of a row, and the row's number in it."""
        number = bisect_right(self._paragraphs, row, key=lambda paragraph: paragraph.row) - 1
        paragraph = self._paragraphs[number]
        return paragraph, row - paragraph.row

    def _row_of(self, place: int) -> int:
        number = bisect_right(self._paragraphs, place, key=lambda paragraph: paragraph.start) - 1
        paragraph = self._paragraphs[number]
        return paragraph.row + paragraph.rows.row_of(place - paragraph.start)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self.following = round(new_value) >= self.max_scroll_y - 1

    def _update_size(self) -> None:
        if not self._width:
            return
        self.virtual_size = Size(self._width, self._height)
        if self.following:
            self.scroll_end(animate=False, force=True, immediate=True, x_axis=False)
        self.refresh()

    def follow(self) -> None:
        """Go to the end and keep it in view."""
        self.following = True
        self._update_size()

    def render_lines(self, crop: Region) -> list[Strip]:
        # A page does not always get a Resize event: querying the layout between two frames can keep
        # the next frame from noticing that the page is new. But a page is never seen without being drawn.
        if self.scrollable_content_region.width not in (0, self._width):
            self.call_next(self.on_resize)
        return super().render_lines(crop)

    def on_resize(self) -> None:
        width = self.scrollable_content_region.width
        if width and width != self._width:
            self._rewrap(width)
        else:
            self._update_size()

    def _rewrap(self, width: int) -> None:
        """Wrap everything again."""
        self._width = width
        row = 0
        for paragraph in self._paragraphs:
            paragraph.rows, paragraph.row = TextRows(paragraph.text, self._columns), row
            row += len(paragraph.rows)
        self._strips.clear()
        self._update_size()

    # --- drawing --------------------------------------------------------------------------------------

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._strips.clear()
        self._styles.clear()

    def _style_of(self, name: str) -> Style:
        if name not in self._styles:
            partial = self.get_visual_style(f"conversation--{name}", partial=True)
            self._styles[name] = (self.visual_style + partial).rich_style
        return self._styles[name]

    def render_line(self, y: int) -> Strip:
        row = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        selection = self.text_selection
        span = None if selection is None else selection.get_span(row)
        if row >= self._height:
            return Strip.blank(width, self.rich_style)
        strip = self._strips.get(row) if span is None else None
        if strip is None:
            strip = self._drawn(row, span).adjust_cell_length(width, self.rich_style)
            if span is None:
                self._strips[row] = strip
        return strip.apply_offsets(0, row)

    def _drawn(self, row: int, selected: tuple[int, int] | None) -> Strip:
        """A row; `selected` are the characters of it that are selected with the mouse, -1 for its end."""
        paragraph, inner = self._paragraph_at(row)
        start, stop = selected or (0, 0)
        place = 0  # in what is shown
        segments: list[Segment] = []
        piece, before = "", self.rich_style
        for cell in paragraph.rows.cells(inner):
            style = self._style_at(paragraph, cell.start)
            if start <= place and (place < stop or stop == -1):
                style += self.screen.get_visual_style("screen--selection").rich_style
            if style != before:
                segments.append(Segment(piece, before))
                piece, before = "", style
            piece += cell.shown
            place += len(cell.shown)
        segments.append(Segment(piece, before))
        return Strip([segment for segment in segments if segment.text])

    def _style_at(self, paragraph: _Paragraph, place: int) -> Style:
        kind = paragraph.kind_at(place)
        style = self._style_of(kind)
        if kind != "text" or self._mark_at(place := paragraph.start + place) is None:
            return style
        if self._chosen is not None:
            start, end = self._marks[self._chosen]
            if start <= place < end:
                style += self._style_of("chosen")
        return style + _UNDERLINED

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The text selected with the mouse."""
        rows = (p.rows.cells(row) for p in self._paragraphs for row in range(len(p.rows)))
        return selection.extract("\n".join("".join(cell.shown for cell in cells) for cells in rows)), "\n"
