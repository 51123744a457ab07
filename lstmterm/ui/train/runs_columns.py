"""What a table of runs on the screen shows of a run, and in which columns unless the user chose others."""

from collections.abc import Sequence

from rich.cells import cell_len

from lstmterm.room import that_fit
from lstmterm.runs.columns import DEFAULT, LEAST_FIRST, Column, Row, chosen
from lstmterm.visible import shorten, shorten_middle

SHOWN = f"name {DEFAULT.removeprefix('run ')}"  # ids are long
MARKS = 2  # columns for what a run is marked with
WIDEST_NAME, _WIDEST = 24, 32  # columns of a cell


def cell(column: Column, row: Row) -> str:
    """What a column shows of a run."""
    text = column.shown(row)
    return shorten_middle(text, WIDEST_NAME) if column.name == "name" else shorten(text, _WIDEST)


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
        name: 2 * padding + max(widest, cell_len(heading(column, order)))
        for name, column in columns.items()
        if (widest := max(cell_len(cell(column, row)) for row in rows))
    }
    return [columns[name] for name in that_fit(needed, LEAST_FIRST, width - MARKS - 2 * padding)]
