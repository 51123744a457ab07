"""A line that shows how a number goes up and down over the rows of a text that are in view."""

from typing import Any

import numpy as np
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from lstmterm.ui.widgets.coloured_text import ColouredText

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # braille bits by row and column
_LABELS = 5  # columns


class Sparkline(Widget):
    """The characters in view from left to right; each column of dots spans from their lowest to their highest value.

    It follows the text as it scrolls. The cursor's column is marked.
    """

    COMPONENT_CLASSES = {"spark--line", "spark--label", "spark--cursor"}

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._text: ColouredText | None = None
        self._values: np.ndarray | None = None
        self._bounds = (0.0, 1.0)

    def follow(self, text: ColouredText) -> None:
        """Follow this text as it scrolls."""
        self._text = text
        for name in ("scroll_y", "virtual_size"):
            self.watch(text, name, self._redraw, init=False)

    def _redraw(self) -> None:
        self.refresh()

    def show(self, values: np.ndarray | None, bounds: tuple[float, float]) -> None:
        """Show values of all characters of the text, (N,), between two bounds; None: nothing."""
        self._values, self._bounds = values, bounds
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width, height = self.size.width - _LABELS, self.size.height
        start, end = (0, 0) if self._text is None else self._text.in_view
        if self._values is None or self._text is None or width < 4 or end > len(self._values) or start >= end:
            return Strip.blank(self.size.width, self.rich_style)
        label, line, cursor = (
            self.get_component_rich_style(f"spark--{part}") for part in ("label", "line", "cursor")
        )
        row = drawn(self._values[start:end], self._bounds, width, height)[y]
        title = {0: f"{self._bounds[1]:.3g}", height - 1: f"{self._bounds[0]:.3g}"}.get(y, "")
        at = int((self._text.cursor - start) * width / (end - start))
        styles = [cursor + Style(reverse=True) if x == at else line for x in range(width)]
        pieces = [Segment(f"{title:>{_LABELS - 1}} ", label), *map(Segment, row, styles)]
        return Strip(pieces).simplify()


def drawn(values: np.ndarray, bounds: tuple[float, float], width: int, height: int) -> list[str]:
    """`values`, (n,), in braille: `height` lines of `width` characters."""
    dots, rows = 2 * width, 4 * height
    starts = np.arange(dots) * len(values) // dots
    stops = np.maximum((np.arange(dots) + 1) * len(values) // dots, starts + 1)
    low, high = bounds
    cells = np.zeros((height, width), np.int64)
    before: tuple[int, int] | None = None
    for x, (start, stop) in enumerate(zip(starts.tolist(), stops.tolist(), strict=True)):
        part = values[start:stop]
        part = part[np.isfinite(part)]
        if not len(part):
            before = None
            continue
        shares = (high - np.array([part.max(), part.min()])) / (high - low)
        top, bottom = (int(r) for r in np.clip(np.rint(shares * (rows - 1)), 0, rows - 1))
        if before is not None:  # joined with the column before
            top, bottom = min(top, before[1]), max(bottom, before[0])
        for row in range(top, bottom + 1):
            cells[row // 4, x // 2] |= _DOTS[row % 4][x % 2]
        before = top, bottom
    return ["".join(chr(0x2800 + int(cell)) for cell in line) for line in cells]
