"""Texts that are given in several lengths, of which the longest that fits is shown; the room for them on a border."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.widget import Widget

_CORNERS = 6  # columns of a border that its text leaves free


def border_columns(box: Widget) -> int:
    """The columns for a text on the border of a box."""
    return max(box.outer_size.width - _CORNERS, 1)


def first_fitting(columns: int, texts: Sequence[str]) -> str:
    """The first of several texts that fits; the last if none does."""
    return next((text for text in texts if cell_len(text) <= columns), texts[-1])
