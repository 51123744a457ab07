"""The lines of the table of runs on the screen: a run each, and one above the runs of a sweep."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial

from rich.console import JustifyMethod
from rich.text import Text
from textual.widgets import DataTable

from lstmterm.runs.rows import Column, Row
from lstmterm.ui.train.runs_columns import MARKS, cell, heading, widths
from lstmterm.ui.train.sweep_rows import about_sweep, grouped

_Line = tuple[str, list[Text]]  # its key, and the cells


def fill(
    table: DataTable[Text], rows: list[Row], columns: Sequence[Column], order: str, marked: Collection[str]
) -> None:
    """Replace what a table shows, and keep what is in view; the cursor stays on its line or, where that went, in its place.

    The columns get their widths here: Textual measures them later, and may draw the lines before that.
    """
    under, place, in_view = key_under(table), table.cursor_row, table.scroll_offset
    cut = widths(columns, rows, order, table.size.width, table.cell_padding)
    lines = [*_lines(rows, columns, marked, cut)]
    headings = [Text(" " * MARKS), *(Text(heading(column, order)) for column in columns)]
    table.clear(columns=True)
    for at, (label, name) in enumerate(
        zip(headings, ["", *(column.name for column in columns)], strict=True)
    ):
        width = max(text.cell_len for text in (label, *(cells[at] for _, cells in lines)))
        table.add_column(label, key=name, width=width)
    for key, cells in lines:
        table.add_row(*cells, key=key)
    keys = [key for key, _ in lines]
    if keys:
        table.move_cursor(row=keys.index(under) if under in keys else min(place, len(keys) - 1))
    scroll_back = partial(table.scroll_to, *in_view, animate=False, immediate=True)
    scroll_back()
    if table.cursor_row == place:  # which may be out of view, and which Textual brings there
        table.call_after_refresh(scroll_back)


def key_under(table: DataTable[Text]) -> str:
    """The key of the line under the cursor: a run's id, or a sweep; empty without one."""
    if not table.row_count:
        return ""
    return str(table.coordinate_to_cell_key(table.cursor_coordinate).row_key.value)


def _lines(
    rows: list[Row], columns: Sequence[Column], marked: Collection[str], cut: Mapping[str, int]
) -> Iterator[_Line]:
    sides: list[JustifyMethod] = ["right" if column.right else "left" for column in columns]
    for group, members in grouped(rows):
        if group:
            about = zip(about_sweep(group, members, columns, cut), sides, strict=True)
            yield f"sweep {group}", [Text("┌"), *(Text(text, "bold", justify=side) for text, side in about)]
        for row in members:
            run = row.summary.id
            sign = "●" if run in marked else "★" if row.is_reference else "│" if group else " "
            cells = (
                Text(cell(column, row, cut[column.name]), justify=side)
                for column, side in zip(columns, sides, strict=True)
            )
            yield run, [Text(sign), *cells]
