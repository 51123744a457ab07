"""A cursor in a wrapped text: where its keys take it, and what is selected with them."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from lstmterm.ui.widgets.keys import key
from lstmterm.ui.widgets.text_rows import TextRows

CURSOR_KEYS = [
    key("left", "move(-1)", "Previous", "colours.before", "The previous character", show=False),
    key("right", "move(1)", "Next", "colours.after", "The next character", show=False),
    key("ctrl+left,b", "word(-1)", "Previous word", "colours.word_before", "The previous word", show=False),
    key("ctrl+right,w", "word(1)", "Next word", "colours.word_after", "The next word", show=False),
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
            f"colours.select_{arrow}",
            f"Select {what}",
            show=False,
        )
        for arrow, action, by, what in (
            ("left", "move", -1, "the previous character"),
            ("right", "move", 1, "the next character"),
            ("up", "row", -1, "to the line above"),
            ("down", "row", 1, "to the line below"),
        )
    ),
]


class TextCursor:
    """A position in a text; with `past_end` it may also stand after the last character.

    Its methods return where a key would take it; `go` takes it there.
    """

    def __init__(self, *, past_end: bool = False) -> None:
        self.position = 0
        self.past_end = past_end
        self.anchor: int | None = None  # where the selection begins, its other end is the cursor
        self._column: int | None = None  # to which it returns while it goes up and down

    def go(self, position: int, length: int, *, column: int | None = None) -> None:
        """Stand on the character at `position`, or the nearest of a text of `length` characters."""
        self.position = min(max(position, 0), self.last(length))
        self.anchor, self._column = None, column

    def last(self, length: int) -> int:
        """The last place in a text of `length` characters."""
        return length if self.past_end else max(length - 1, 0)

    def selection(self, length: int) -> tuple[int, int] | None:
        """From which character to which is selected, the one under the cursor included; None if nothing is."""
        if self.anchor is None:
            return None
        return min(self.anchor, self.position), min(max(self.anchor, self.position) + 1, length)

    def by_word(self, text: str, by: int) -> int:
        """The start of the next word, or of the one before."""
        here = self.position
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
        return here

    def by_rows(self, rows: TextRows, by: int) -> tuple[int, int]:
        """The same column some rows below or above, and that column."""
        column = rows.column_of(self.position) if self._column is None else self._column
        row = min(max(rows.row_of(self.position) + by, 0), len(rows) - 1)
        return rows.position_at(row, column), column

    def at_row_end(self, rows: TextRows, which: int) -> int:
        """The start (0) or the end (1) of its row; of the text, where it stands at the end of a row already.

        Only a cursor that may stand after the last character goes from the end of a row to that of the text.
        """
        row, length = rows.row_of(self.position), len(rows.text)
        start, end = rows.span(row)
        if not which:
            return start
        if not self.past_end:
            return end - 1
        return length if end == length or self.position == end - 1 else end - 1

    def by_places(self, *places: Sequence[int], by: int) -> int | None:
        """The next of these places, or the one before, cyclically; each sequence ascends. None without places."""
        found: list[int] = []
        ends: list[int] = []
        for each in filter(len, places):
            number = bisect_right(each, self.position) if by > 0 else bisect_left(each, self.position) - 1
            if 0 <= number < len(each):
                found.append(each[number])
            ends.append(each[0] if by > 0 else each[-1])
        nearest = min if by > 0 else max
        return nearest(found or ends, default=None)


def word_at(text: str, position: int) -> tuple[int, int]:
    """From which character to which the word at a position goes; that character alone if it is in none."""
    start = end = position
    while start > 0 and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum():
        end += 1
    return (start, end) if start <= position < end else (position, position + 1)
