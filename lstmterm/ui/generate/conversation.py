"""A growing text: prompts, the texts that a model wrote after them, and notes in between.

Lines are wrapped once; only the last paragraph is wrapped again as it grows. Only the lines on the
screen are drawn. A reader who scrolled up stays there while more is written.
"""

from dataclasses import dataclass, field
from typing import Any

from textual.content import Content
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.style import Style

from lstmterm.ui.widgets.keys import key
from lstmterm.visible import visible_lines

_COMMIT = 40  # wrapped lines of a paragraph after which its beginning is final


@dataclass
class _Paragraph:
    """Runs of text, each of one kind, without line ends."""

    runs: list[tuple[str, str]] = field(default_factory=list)
    broken: bool = False  # no line end follows: the next paragraph continues this one

    def add(self, text: str, kind: str) -> None:
        if self.runs and self.runs[-1][1] == kind:
            self.runs[-1] = (self.runs[-1][0] + text, kind)
        else:
            self.runs.append((text, kind))


class Conversation(ScrollView, can_focus=True):
    """Append-only; the kinds of text are "prompt", "text" and "note"."""

    # Lines are wrapped for the width left of the scrollbar, whether it is shown yet or not.
    DEFAULT_CSS = "Conversation { height: 1fr; overflow-x: hidden; scrollbar-gutter: stable; }"
    COMPONENT_CLASSES = {f"conversation--{kind}" for kind in ("prompt", "text", "note")}
    BINDINGS = [
        key("end", "scroll_end", "Newest", "page.end", "Go to the end and follow it", show=False),
        key("home", "scroll_home", "Start", "page.home", "Go to the beginning", show=False),
    ]

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._paragraphs: list[_Paragraph] = [_Paragraph()]
        self._lines: list[Content] = []  # wrapped, of all but the last paragraph
        self._tail: list[Content] = []  # wrapped, of the last paragraph
        self.following = True  # whether the end is kept in view
        self._width = 0
        self._strips: dict[int, Strip] = {}

    @property
    def text(self) -> str:
        """The whole text as it was given."""
        parts = ["".join(text for text, _ in p.runs) + ("" if p.broken else "\n") for p in self._paragraphs]
        return "".join(parts).removesuffix("\n")

    @property
    def is_empty(self) -> bool:
        return len(self._paragraphs) == 1 and not self._paragraphs[0].runs

    def add(self, text: str, kind: str = "text") -> None:
        """Append text; the view follows if the reader is at the end."""
        for row in range(len(self._lines), len(self._lines) + len(self._tail)):
            self._strips.pop(row, None)  # the last paragraph is redrawn, also if this text ends it
        first, *rest = text.split("\n")
        self._paragraphs[-1].add(first, kind)
        for piece in rest:
            self._finish()
            self._paragraphs[-1].add(piece, kind)
        self._wrap_tail()
        self._update_size()

    def start_block(self) -> None:
        """Start a new line after an empty one."""
        if self.is_empty:
            return
        if self._paragraphs[-1].runs:
            self.add("\n")
        if any(run for p in self._paragraphs[-2:-1] for run in p.runs):
            self.add("\n")

    def clear(self) -> None:
        """Remove the text."""
        self._paragraphs, self._lines, self._tail = [_Paragraph()], [], []
        self._strips.clear()
        self.following = True
        self._update_size()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self.following = round(new_value) >= self.max_scroll_y - 1

    def _finish(self) -> None:
        """Complete the last paragraph and start another."""
        self._lines += self._wrapped(self._paragraphs[-1])
        self._tail = []
        self._paragraphs.append(_Paragraph())

    def _wrap_tail(self) -> None:
        if not self._width:  # not laid out yet; `on_resize` will wrap everything
            return
        self._tail = self._wrapped(self._paragraphs[-1])
        if len(self._tail) > _COMMIT:
            self._commit()

    def _commit(self) -> None:
        """Split a very long paragraph: its last line becomes the start of the next one."""
        last = self._tail[-1].plain
        paragraph, rest = self._paragraphs[-1], _Paragraph()
        text, kind = paragraph.runs[-1]
        if len(last) > len(text) or "\t" in text[-len(last) :]:
            return
        paragraph.runs[-1] = (text[: len(text) - len(last)], kind)
        paragraph.broken = True
        rest.add(text[len(text) - len(last) :], kind)
        self._lines += self._tail[:-1]
        self._tail = self._tail[-1:]
        self._paragraphs.append(rest)

    def _wrapped(self, paragraph: _Paragraph) -> list[Content]:
        """The lines of a paragraph at the current width; at least one."""
        content = Content.assemble(
            *(
                (visible_lines(text).replace("\t", "    "), self._style_of(kind))
                for text, kind in paragraph.runs
            )
        )
        return content.wrap(max(self._width, 8)) or [Content("")]

    def _style_of(self, kind: str) -> Style:
        return self.get_visual_style(f"conversation--{kind}", partial=True)

    def _update_size(self) -> None:
        if not self._width:
            return
        self.virtual_size = Size(self._width, len(self._lines) + len(self._tail))
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

    def notify_style_update(self) -> None:
        super().notify_style_update()
        if self._width:
            self._rewrap(self._width)

    def _rewrap(self, width: int) -> None:
        """Wrap everything again, for another width or other colours."""
        self._width = width
        self._lines = [line for p in self._paragraphs[:-1] for line in self._wrapped(p)]
        self._tail = self._wrapped(self._paragraphs[-1])
        self._strips.clear()
        self._update_size()

    def render_line(self, y: int) -> Strip:
        row = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        selection = self.text_selection
        span = None if selection is None else selection.get_span(row)
        if row >= len(self._lines) + len(self._tail):
            return Strip.blank(width, self.rich_style)
        strip = self._strips.get(row) if span is None else None
        if strip is None:
            line = self._lines[row] if row < len(self._lines) else self._tail[row - len(self._lines)]
            if span is not None:
                start, end = span
                line = line.stylize(
                    self.screen.get_visual_style("screen--selection"),
                    start,
                    len(line.plain) if end == -1 else end,
                )
            segments = line.render_segments(self.visual_style)
            strip = Strip(segments).adjust_cell_length(width, self.rich_style)
            if span is None:
                self._strips[row] = strip
        return strip.apply_offsets(0, row)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The text selected with the mouse."""
        shown = "\n".join(line.plain for line in [*self._lines, *self._tail])
        return selection.extract(shown), "\n"
