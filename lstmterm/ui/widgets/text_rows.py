"""Where the characters of a text stand once it is wrapped at a width."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from rich.cells import cell_len

from lstmterm.visible import visible_lines

_TAB = 4  # columns between tab stops, from the start of a row
_UNSURE = 3  # rows at the end whose breaks may depend on what comes next
# Characters in one column each that never join with one another: Latin, Greek and Cyrillic letters, punctuation.
_NARROW = re.compile(r"[ -~¡-¬®-˿Ͱ-҂Ҋ-ԯ‐-‧‰-⁞€]*")
_SINGLE = re.compile(r"[ -~¡-¬®-˿Ͱ-҂Ҋ-ԯ‐-‧‰-⁞€、-〩ぁ-ゖァ-ヿ一-鿿！-～]*")  # and wide ones
NEWLINE = "↵"


class Cell(NamedTuple):
    """What is drawn together: a character with the combining ones after it."""

    start: int
    end: int  # of its characters in the text
    x: int
    width: int  # columns
    shown: str


class TextRows:
    """A text of any characters, wrapped at `width` columns, its newlines shown.

    Rows break after spaces, inside of words that are longer than a row, and between wide characters.
    The last column is left free, for a newline or for a space after which the text goes on in the next row.
    A row has at least five columns. With `open_end` the place after the last character has a row as well:
    an empty one after a newline.
    """

    def __init__(self, text: str, width: int, *, open_end: bool = False) -> None:
        self.text = text
        self._width = max(width - 1, _TAB)
        self._open = open_end
        self._starts: list[int] = [0]  # of the rows
        self._wrap()

    def append(self, text: str) -> int:
        """Add text at the end; returns the first row that is another one now, or new."""
        return self.replace_from(len(self.text), text)

    def replace_from(self, position: int, text: str) -> int:
        """Put `text` in the place of everything from a character on; returns the first row that may differ.

        Only the rows from there on are wrapped again, and the few before whose breaks depend on what follows.
        """
        row = max(self.row_of(position) - _UNSURE, 0)
        whole, self.text = self.text, ""  # the only reference: Python adds to it in place
        if position < len(whole):
            whole = whole[:position]
        whole += text
        self.text = whole
        del self._starts[row + 1 :]
        self._wrap()
        return row

    def _wrap(self) -> None:
        """Find the rows after the last one that is known."""
        text, start = self.text, self._starts[-1]
        while start < len(text):
            found = text.find("\n", start)
            stop = len(text) if found < 0 else found
            self._starts.extend(self._breaks(start, stop))
            if found < 0:
                break
            start = found + 1
            if start < len(text) or self._open:
                self._starts.append(start)

    def __len__(self) -> int:
        return len(self._starts)

    def row_of(self, position: int) -> int:
        """The row of a character."""
        return bisect_right(self._starts, position) - 1

    def span(self, row: int) -> tuple[int, int]:
        """The characters of a row, from start to end, its newline included."""
        end = self._starts[row + 1] if row + 1 < len(self._starts) else len(self.text)
        return self._starts[row], end

    def cells(self, row: int) -> list[Cell]:
        """What is drawn in a row, from left to right."""
        start, end = self.span(row)
        ends = end > start and self.text[end - 1] == "\n"
        cells = list(_cells(self.text, start, end - ends))
        if ends:
            x = cells[-1].x + cells[-1].width if cells else 0
            cells.append(Cell(end - 1, end, x, 1, NEWLINE))
        return cells

    def position_at(self, row: int, x: int) -> int:
        """The character at, or nearest to, column `x` of a row; with an open end also the place after the last."""
        cells = self.cells(row)
        if self._open and row == len(self._starts) - 1:
            nearest = len(self.text)
        else:
            nearest = cells[-1].start if cells else self._starts[row]
        return next((c.start for c in cells if x < c.x + c.width), nearest)

    def column_of(self, position: int) -> int:
        """The column of a character in its row, or that of one after the last character."""
        cells = self.cells(self.row_of(position))
        after = cells[-1].x + cells[-1].width if cells else 0
        return next((cell.x for cell in cells if position < cell.end), after)

    def _breaks(self, start: int, stop: int) -> Iterator[int]:
        """Where the rows after the first begin in a line of text."""
        text, width = self.text, self._width
        if not _NARROW.fullmatch(text, start, stop):
            yield from self._breaks_of_cells(start, stop)
            return
        while stop - start > width:
            hanging = start + width + 1 < stop  # a space may stand in the last column
            cut = text.rfind(" ", start, start + width + hanging) + 1
            start = cut if cut > start else start + width
            if start < stop:
                yield start

    def _breaks_of_cells(self, start: int, stop: int) -> Iterator[int]:
        x, after = 0, start  # after: the last place in this row where it may break
        for cell in _cells(self.text, start, stop):
            width = self._width_at(x, cell)
            if self.text[cell.start : cell.end] == " " and x == self._width and cell.end < stop:
                x, after = x + width, cell.end  # it stands in the last column
                continue
            while x and x + width > self._width:  # twice where a tab is too wide for the next row as well
                cut = after if after > start and width < 2 else cell.start
                yield cut
                x = sum(c.width for c in _cells(self.text, cut, cell.start))
                start = after = cut
                width = self._width_at(x, cell)
            x += width
            if cell.shown.isspace() or cell.width > 1:
                after = cell.end

    def _width_at(self, x: int, cell: Cell) -> int:
        """The columns of a cell that begins at column `x` of its row: a tab reaches to the next tab stop."""
        return _TAB - x % _TAB if self.text[cell.start] == "\t" else cell.width


def _cells(text: str, start: int, end: int) -> Iterator[Cell]:
    """The cells of a row, without a newline."""
    x = 0
    for a, b in _clusters(text, start, end):
        if text[a] == "\t":
            shown = " " * (_TAB - x % _TAB)
            width = len(shown)
        else:
            shown, width = _drawn(text[a:b])
        yield Cell(a, b, x, width, shown)
        x += width


def _clusters(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = text[start:end]
    if piece.isascii() or _SINGLE.fullmatch(piece):
        yield from zip(range(start, end), range(start + 1, end + 1), strict=True)
        return
    import regex

    for found in regex.finditer(r"\X", piece):
        if found[0] == "\r\n":
            yield start + found.start(), start + found.start() + 1
            yield start + found.start() + 1, start + found.end()
        else:
            yield start + found.start(), start + found.end()


@cache
def _drawn(cluster: str) -> tuple[str, int]:
    """How a character is drawn, and in how many columns: at least one."""
    shown = visible_lines(cluster)
    width = cell_len(shown)
    return (shown, width) if width else (f"◌{shown}", cell_len(f"◌{shown}"))
