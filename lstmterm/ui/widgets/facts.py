"""Facts in two columns: titles, and values that wrap beside them."""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.console import Group
from rich.table import Table
from rich.text import Text

from lstmterm.visible import visible

_TITLES = 14  # columns that the titles take at most; the values get the rest

Facts = Sequence[tuple[str, str]]  # titles and values; an empty title continues the row above


def in_lines(rows: Facts) -> Iterator[tuple[str, str]]:
    """The same facts with a row for each line of a value."""
    for title, value in rows:
        for number, line in enumerate(value.splitlines()):
            yield "" if number else title, line


def facts(*groups: Facts) -> Group:
    """Groups of facts with a line between them; long titles take several lines, and empty values are left out."""
    drawn = [
        [(visible(title.replace("_", " ")), visible(value)) for title, value in group] for group in groups
    ]
    widest = max((cell_len(title) for group in drawn for title, value in group if value), default=0)
    tables = list[Table | Text]()
    for group in drawn:
        table = Table.grid(padding=(0, 2))
        table.add_column(width=min(widest, _TITLES), style="dim")
        table.add_column(overflow="fold")
        for title, value in group:
            if value:
                table.add_row(Text(title), Text(value))
        if table.row_count:
            tables += [Text(), table] if tables else [table]
    return Group(*tables)
