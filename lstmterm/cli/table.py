"""Rows of text: in columns on a terminal, separated by tabs in a pipe."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import click

from lstmterm.cli.output import console
from lstmterm.room import that_fit
from lstmterm.visible import shorten, visible, visible_lines

_NARROWEST = 36  # columns of the terminal for a text beside others
_FEWEST = 28  # columns at least of a text that is folded or cut, beside others
_GAP = 2  # columns between texts
_NO_LIMITS: Mapping[str, int] = MappingProxyType({})
_LONGEST_TITLE = 40
_LONGEST_VALUE = 2000  # characters


def print_table(
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    right: Sequence[str] = (),
    folded: str = "",
    cut: str = "",
    dim: Sequence[bool] = (),
    least_first: Sequence[str] = (),
    keep_empty: bool = False,
    widest: Mapping[str, int] = _NO_LIMITS,
) -> list[str]:
    """Print rows of cells, one per line; control characters cannot break a line or a column.

    On a terminal they have `headings`; the columns in `right` are right-aligned, the column `folded` may
    take several lines, the column `cut` is cut to what is left of the line, and rows marked in `dim` are
    dimmed. With `least_first`, empty columns are left out (with `keep_empty` only where they have no room), and on a
    narrow terminal those in it until the others fit whole, with room for a few words in `folded` and `cut`. No cell
    of a column in `widest` is wider than that. In a pipe only the cells are printed, whole.

    Returns the headings of the columns that had no room.
    """
    if not sys.stdout.isatty():
        for row in rows:
            click.echo("\t".join(visible(cell) for cell in row))
        return []
    from rich.table import Table
    from rich.text import Text

    left_out: list[str] = []
    most = [widest.get(heading) for heading in headings]
    rows = [[shorten(cell, n) if n else cell for cell, n in zip(row, most, strict=True)] for row in rows]
    if least_first:
        filled = [i for i in range(len(headings)) if keep_empty or any(row[i] for row in rows)]
        kept = _that_fit(headings, rows, filled, least_first, (folded, cut), console().width)
        left_out = [headings[i] for i in filled if i not in kept]
        headings, rows = [headings[i] for i in kept], [[row[i] for i in kept] for row in rows]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        side = "right" if heading in right else "left"
        table.add_column(heading, justify=side, no_wrap=heading not in (folded, cut))
    for i, row in enumerate(rows):
        style = "dim" if dim and dim[i] else ""
        cells = zip(headings, row, strict=True)
        table.add_row(
            *(Text(visible(cell), style, no_wrap=heading == cut or None) for heading, cell in cells)
        )
    console().print(table)
    return left_out


def _that_fit(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    columns: Sequence[int],
    least_first: Sequence[str],
    flexible: Sequence[str],
    width: int,
) -> list[int]:
    """Those of `columns` that fit into `width`: the empty ones are left out first, then those in `least_first`."""
    from rich.cells import cell_len

    needed = {
        i: _GAP + max(cell_len(visible(text)) for text in (headings[i], *(row[i] for row in rows)))
        for i in columns
    }
    for i in columns:
        if headings[i] in flexible:
            needed[i] = min(needed[i], _GAP + _FEWEST)
    empty = [i for i in columns if not any(row[i] for row in rows)]
    named = (headings.index(heading) for heading in least_first if heading in headings)
    return that_fit(needed, (*empty, *named), width + _GAP)


def print_columns(texts: Sequence[tuple[str, str]]) -> None:
    """Print titles and texts of several lines: side by side on a terminal that is wide enough, else in their order."""
    width = console().width // max(len(texts), 1) - _GAP
    if not sys.stdout.isatty() or width < _NARROWEST:
        for title, text in texts:
            click.echo(f"--- {visible(title)} ---\n{visible_lines(text)}")
        return
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold", expand=True)
    for title, _ in texts:
        table.add_column(Text(shorten(title, width)), ratio=1, overflow="fold")
    table.add_row(*(Text(visible_lines(text)) for _, text in texts))
    console().print(table)


def print_facts(facts: Iterable[tuple[str, str]]) -> None:
    """Print titles and values, one pair per line; on a terminal long values are folded."""
    rows = [(shorten(title, _LONGEST_TITLE), shorten(value, _LONGEST_VALUE)) for title, value in facts]
    if not sys.stdout.isatty():
        for title, value in rows:
            click.echo(f"{title}\t{value}")
        return
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="bold")
    table.add_column(overflow="fold")
    for title, value in rows:
        table.add_row(Text(title), Text(value))
    console().print(table)
