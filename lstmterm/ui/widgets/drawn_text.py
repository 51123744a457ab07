"""A wrapped text on the screen, with a cursor: where its rows stand, and how they are drawn. It may grow."""

from collections.abc import Iterable
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Input, TextArea

from lstmterm.ui.widgets.scale import Scale
from lstmterm.ui.widgets.shown_text import ShownText
from lstmterm.ui.widgets.text_cursor import TextCursor
from lstmterm.ui.widgets.text_parts import Part
from lstmterm.ui.widgets.text_rows import NEWLINE
from lstmterm.ui.widgets.text_styles import UNKNOWN, TextStyles

PARTS = ("typed", "written", "edited", "note")
_NOT_UNDERLINED = Style(underline=False)
_MOST_STRIPS = 240  # rows that are kept as they were drawn


class DrawnText(ScrollView):
    """Only the rows on the screen are drawn. The end stays in view as the text grows while the user is there."""

    DEFAULT_CSS = """
    DrawnText {
        overflow-x: hidden; scrollbar-gutter: stable;
        .text--typed { color: $accent; text-style: bold; }
        .text--written { color: $foreground; }
        .text--edited { color: $accent; text-style: italic; }
        .text--note { color: $foreground 55%; text-style: italic; }
        .text--chosen { background: $primary 35%; text-style: bold; }
    }
    """
    COMPONENT_CLASSES = {f"text--{name}" for name in (*PARTS, "chosen")}

    def __init__(
        self, *, past_end: bool = False, measure: int | None = None, newlines: bool = True, **options: Any
    ) -> None:
        """`past_end`: the cursor may stand after the last character, where writing goes on.

        `measure` is the most columns that the text takes; it is centred where there are more. `newlines`:
        show also those that have no number.
        """
        super().__init__(**options)
        self.has_signs = False  # under each row
        self.following = True  # whether the end is kept in view
        self._shown = ShownText(open_end=past_end)
        self._cursor = TextCursor(past_end=past_end)
        self._measure, self._newlines = measure, newlines
        self._room, self._width, self._margin = 0, 0, 0  # columns: all, of the text, left of it
        self._signs = "·"  # of the steps
        self._steps, self._diverging = 1, False
        self._chosen: int | None = None  # the number of the underlined stretch that the cursor is in
        self._styles: TextStyles | None = None
        self._strips: dict[int, Strip] = {}

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._restyle()

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _: self._restyle())
        self.watch(self.screen, "focused", self._focus_moved, init=False)

    @property
    def text(self) -> str:
        """The whole text."""
        return self._shown.text

    @property
    def cursor(self) -> int:
        """The position of the cursor."""
        return self._cursor.position

    @property
    def selection(self) -> tuple[int, int] | None:
        """From which character to which is selected, the one under the cursor included; None if nothing is."""
        return self._cursor.selection(len(self.text))

    def _replace_from(self, position: int, text: str, levels: bytes | None, parts: Iterable[Part]) -> None:
        length, rows = len(self.text), len(self._shown.rows)
        follows = self.following or (
            not self._cursor.past_end and self._width > 0 and self.scroll_offset.y >= self.max_scroll_y
        )
        after = self.cursor == length and self._cursor.past_end
        changed = self._shown.replace_from(position, text, levels, parts)
        self._forget_rows(changed, rows)
        if after or self.cursor > self._cursor.last(len(self.text)):
            self._cursor.go(len(self.text), len(self.text))
        elif self._cursor.anchor is not None and self._cursor.anchor >= len(self.text):
            self._cursor.anchor = None
        self._take_height()
        if follows:
            self._scroll_to_end()
        self.refresh()

    # --- layout ---------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        room = self.scrollable_content_region.width
        if room and room != self._room:
            top = self._shown.rows.span(min(self.scroll_offset.y // self._high, len(self._shown.rows) - 1))[0]
            seen = self._in_view(self._shown.rows.row_of(self.cursor))
            self._room, width = room, min(room, self._measure or room)
            self._margin = (room - width) // 2
            if width != self._width:
                self._width = width
                self._shown.wrap(width)
            self._take_height()
            self._redraw()
            if not seen and not self.following:
                self.scroll_to(y=self._shown.rows.row_of(top) * self._high, animate=False, force=True)
        else:
            seen = False
        if self.following:
            self._scroll_to_end()
        if seen:
            self._scroll_to_cursor()

    @property
    def _high(self) -> int:
        """The lines of the screen that a row takes."""
        return 2 if self.has_signs else 1

    def _take_height(self) -> None:
        if self._width:
            self.virtual_size = Size(self._room, len(self._shown.rows) * self._high)

    def _in_view(self, row: int) -> bool:
        top, height = self.scroll_offset.y, self.scrollable_content_region.height
        return top <= row * self._high < top + height

    def _scroll_to_cursor(self, *, roomy: bool = False) -> None:
        """Bring the cursor into view; `roomy`: with some lines above and below, if it was out of view."""
        row = self._shown.rows.row_of(self.cursor)
        if roomy and not self._in_view(row):
            height = self.scrollable_content_region.height
            self.scroll_to(y=row * self._high - height // 3, animate=False, force=True)
        else:
            self.scroll_to_region(Region(0, row * self._high, 1, self._high), animate=False, force=True)

    def _scroll_to_end(self) -> None:
        if self._width:
            self.scroll_end(animate=False, force=True, immediate=True, x_axis=False)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self.following = round(new_value) >= self.max_scroll_y

    @property
    def in_view(self) -> tuple[int, int]:
        """From which character to which the rows on the screen go."""
        if not self.text:
            return 0, 0
        rows, top = self._shown.rows, self.scroll_offset.y
        height = max(self.scrollable_content_region.height, 1)
        first, last = (min(line // self._high, len(rows) - 1) for line in (top, top + height - 1))
        return rows.span(first)[0], rows.span(last)[1]

    # --- the cursor -----------------------------------------------------------------------------------

    @property
    def shows_cursor(self) -> bool:
        """Whether the cursor is drawn: unless the focus is where there is another one."""
        focused = self.screen.focused
        return focused is self or not isinstance(focused, DrawnText | Input | TextArea)

    def _focus_moved(self) -> None:
        row = self._shown.rows.row_of(self.cursor)
        self._forget_rows(row, row + 1)
        self.refresh()

    # --- drawing --------------------------------------------------------------------------------------

    def _restyle(self) -> None:
        self._styles = None  # made when it is next drawn
        self._redraw()

    def _redraw(self) -> None:
        self._strips.clear()
        self.refresh()

    def _forget_rows(self, first: int, stop: int) -> None:
        """Draw rows `first` to `stop` again when they are next seen."""
        if stop - first > len(self._strips):
            self._strips = {row: strip for row, strip in self._strips.items() if not first <= row < stop}
        else:
            for row in range(first, stop):
                self._strips.pop(row, None)

    def _forget_recoloured(self, levels: bytearray) -> None:
        """Draw those rows again when they are next seen whose characters had other `levels` before."""

        def same(row: int) -> bool:
            part = slice(*self._shown.rows.span(row))
            return levels[part] == self._shown.levels[part]

        self._strips = {row: strip for row, strip in self._strips.items() if same(row)}

    def _component(self, name: str) -> Style:
        if name == "selected":
            return Style(bgcolor=self.screen.get_visual_style("screen--selection").rich_style.bgcolor)
        style = (self.visual_style + self.get_visual_style(f"text--{name}", partial=True)).rich_style
        return Style(bgcolor=style.bgcolor, bold=style.bold) if name == "chosen" else style

    def render_lines(self, crop: Region) -> list[Strip]:
        # A page does not always get a Resize event: querying the layout between two frames can keep
        # the next frame from noticing that the page is new. But a page is never seen without being drawn.
        if self.scrollable_content_region.width not in (0, self._room):
            self.call_next(self.on_resize)
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        row, under = divmod(y + self.scroll_offset.y, self._high)
        if not self._width or row >= len(self._shown.rows) or not (self.text or self._cursor.past_end):
            return Strip.blank(self.scrollable_content_region.width, self.rich_style)
        selection = self.text_selection
        span = None if selection is None else selection.get_span(row)
        strip = self._strips.get(row) if span is None and not under else None
        if strip is None:
            drawn = self._signs_of(row) if under else self._drawn(row, span or (0, 0))
            margin = [Segment(" " * self._margin, self.rich_style)] if self._margin else []
            strip = Strip([*margin, *drawn]).adjust_cell_length(self._room, self.rich_style)
            if span is None and not under:
                if len(self._strips) >= _MOST_STRIPS:
                    self._strips.clear()
                self._strips[row] = strip
        return strip.apply_offsets(-self._margin, row)

    def _drawn(self, row: int, with_mouse: tuple[int, int]) -> list[Segment]:
        """A row; `with_mouse` are those of its symbols that are selected so, -1 for its end."""
        if self._styles is None:
            scale = Scale.of(self.app, self._steps, diverging=self._diverging)
            self._styles = TextStyles(self.rich_style, scale, self._component)
        shown, styles = self._shown, self._styles
        cursor = self.cursor if self.shows_cursor else -1
        selected = range(*(self.selection or (0, 0)))
        first, stop = with_mouse
        segments: list[Segment] = []
        piece, before, place = "", self.rich_style, 0
        for cell in shown.rows.cells(row):
            level, part, symbol = shown.level_of(cell), shown.parts.at(cell.start), cell.shown
            number = shown.spans.at(cell.start)
            style = styles.of(
                level,
                part,
                underlined=number is not None,
                chosen=number is not None and number == self._chosen,
                selected=first <= place and (place < stop or stop == -1),
            )
            if symbol == NEWLINE and level < 2 and shown.text[cell.start] == "\n":
                symbol, style = (
                    (symbol, styles.faint) if self._newlines or level else (" ", style + _NOT_UNDERLINED)
                )
            if cell.start <= cursor < cell.end:
                style = styles.cursor
            elif cell.start in selected:
                style += styles.reversed
            if style != before:
                segments.append(Segment(piece, before))
                piece, before = "", style
            piece += symbol
            place += len(symbol)
        segments.append(Segment(piece, before))
        if cursor == len(self.text) and row == len(shown.rows) - 1:
            segments.append(Segment(" ", styles.cursor))
        return [segment for segment in segments if segment.text]

    def _signs_of(self, row: int) -> list[Segment]:
        """The signs of a row's characters, each under its first column; the lowest step of a scale is a dot."""
        signs = " " + self._signs
        line = "".join(
            (" " if level == UNKNOWN else signs[min(level, len(signs) - 1)]).ljust(cell.width)
            for cell in self._shown.rows.cells(row)
            for level in [self._shown.level_of(cell)]
        )
        return [Segment(line, self.rich_style + Style(dim=True))]
