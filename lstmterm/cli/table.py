"""Rows of text: in columns for a person at a terminal, set apart by tabs for a program behind a pipe."""

import sys
from collections.abc import Iterable, Sequence

import click

from lstmterm.visible import visible


def print_table(
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    right: Sequence[str] = (),
    folded: str = "",
    dim: Sequence[bool] = (),
) -> None:
    """Print rows of cells, a line each; no cell can break its line or its column.

    For a person they stand below `headings`, numbers to the `right`; the column `folded` may take
    several lines, and the rows marked in `dim` step back. A program gets the cells alone.
    """
    if not sys.stdout.isatty():
        for row in rows:
            click.echo("\t".join(visible(cell) for cell in row))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, justify="right" if heading in right else "left", no_wrap=heading != folded)
    for i, row in enumerate(rows):
        table.add_row(*(Text(visible(cell), style="dim" if dim and dim[i] else "") for cell in row))
    Console(highlight=False, markup=False, emoji=False).print(table)
