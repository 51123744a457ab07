"""A wrapped text with what is known of its characters: their levels, their parts, marks and underlined stretches."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from lstmterm.ui.widgets.text_parts import Part, Parts, Spans
from lstmterm.ui.widgets.text_rows import Cell, TextRows


class ShownText:
    """A text that may grow, or be replaced from a character on, without being wrapped as a whole again.

    The level of a character is a byte: 0 if it has no number, `UNKNOWN` if a model does not know it, else a step
    of a scale from 1.
    """

    def __init__(self, *, open_end: bool = False) -> None:
        self._open = open_end
        self.rows = TextRows("", 80, open_end=open_end)
        self.levels = bytearray()
        self.marks: Sequence[int] = ()  # positions to jump to, ascending
        self.parts = Parts()
        self.spans = Spans()

    @property
    def text(self) -> str:
        """The whole text."""
        return self.rows.text

    def wrap(self, width: int) -> None:
        """Wrap the text at another width."""
        self.rows = TextRows(self.text, width, open_end=self._open)

    def replace_from(
        self, position: int, text: str, levels: bytes | None = None, parts: Iterable[Part] = ()
    ) -> int:
        """Put `text` in the place of everything from a character on; returns the first row that may differ.

        `levels` has one for each character of `text`. The positions of `parts` are those in the whole text.
        Marks and underlined stretches that reach beyond the position are forgotten.
        """
        if levels is not None and len(levels) != len(text):
            raise ValueError(f"{len(levels)} levels for {len(text)} characters")
        if position < len(self.text):
            del self.levels[position:]
            self.parts.cut(position)
            self.spans.cut(position)
            self.marks = self.marks[: bisect_left(self.marks, position)]
        self.levels += bytes(len(text)) if levels is None else levels
        for part in parts:
            self.parts.add(part)
        return self.rows.replace_from(position, text)

    def colour(self, levels: bytes, marks: Sequence[int]) -> None:
        """Give each character another level, and the text other marks."""
        if len(levels) != len(self.text):
            raise ValueError(f"{len(levels)} levels for {len(self.text)} characters")
        self.levels, self.marks = bytearray(levels), marks

    def recolour(self, position: int, levels: bytes) -> tuple[int, int]:
        """Give the characters from a position on other levels; returns from which row to which they stand."""
        end = min(position + len(levels), len(self.text))
        self.levels[position:end] = levels[: end - position]
        return self.rows.row_of(position), self.rows.row_of(end) + 1

    def level_of(self, cell: Cell) -> int:
        """The highest level among the characters that are drawn together."""
        start, end, *_ = cell
        return self.levels[start] if end == start + 1 else max(self.levels[start:end])

    def position_of(self, row: int, offset: int) -> int:
        """The character that is drawn by the symbol at `offset` among those drawn in a row, or the row's end."""
        drawn = 0
        for cell in self.rows.cells(row):
            drawn += len(cell.shown)
            if offset < drawn:
                return cell.start
        return self.rows.span(row)[1]
