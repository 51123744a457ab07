"""What a table of runs on the screen shows of a run, and in which columns unless the user chose others."""

from collections.abc import Sequence

from rich.cells import cell_len

from lstmterm.room import that_fit
from lstmterm.runs.columns import DEFAULT, LEAST_FIRST, chosen
from lstmterm.runs.rows import Column, Row
from lstmterm.visible import shorten, shorten_middle, visible

SHOWN = f"name {DEFAULT.removeprefix('run ')}"  # ids are long
MARKS = 2  # columns for what a run is marked with
_NAME, _WIDEST = 24, 32  # columns of a cell in a table that has no room to spare


def cell(column: Column, row: Row, width: int = 0) -> str:
    """What a column shows of a run, in `width` columns or the usual ones."""
    width = width or _usual_width(column)
    text = column.shown(row)
    return shorten_middle(text, width) if column.name == "name" else shorten(text, width)


def heading(column: Column, order: str) -> str:
    """A column's heading, with an arrow if the runs are sorted by it."""
    by = order.removeprefix("-")
    return (
        f"{column.heading} {'▴' if order.startswith('-') else '▾'}" if by == column.name else column.heading
    )


def usual(rows: Sequence[Row], order: str, width: int, padding: int) -> list[Column]:
    """The usual columns that are not empty and have room in `width`, each with `padding` at both sides."""
    columns = {column.name: column for column in chosen(SHOWN)}
    if not rows or not width:
        return [*columns.values()]
    needed = {
        name: 2 * padding + _widest(column, rows, order)
        for name, column in columns.items()
        if any(cell(column, row) for row in rows)
    }
    return [columns[name] for name in that_fit(needed, LEAST_FIRST, _room(width, padding))]


def widths(
    columns: Sequence[Column], rows: Sequence[Row], order: str, width: int, padding: int
) -> dict[str, int]:
    """The most columns of a cell by the name of its column; cut texts get what a table of `width` leaves, from the left."""
    found = {column.name: _usual_width(column) for column in columns}
    left = _room(width, padding) - sum(2 * padding + _widest(column, rows, order) for column in columns)
    for column in columns:
        longest = max((cell_len(visible(column.shown(row))) for row in rows), default=0)
        more = max(min(longest - found[column.name], left), 0)
        found[column.name] += more
        left -= more
    return found


def _usual_width(column: Column) -> int:
    return _NAME if column.name == "name" else _WIDEST


def _widest(column: Column, rows: Sequence[Row], order: str) -> int:
    return max(cell_len(text) for text in (heading(column, order), *(cell(column, row) for row in rows)))


def _room(width: int, padding: int) -> int:
    """The columns for all but the marks."""
    return width - MARKS - 2 * padding
