"""The runs of a sweep in the table of runs: together, below a line about all of them."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from lstmterm.amounts import figure, plural
from lstmterm.runs.rows import Column, Row
from lstmterm.visible import shorten_middle


def grouped(rows: list[Row]) -> list[tuple[str, list[Row]]]:
    """The rows, those of a sweep together where its first one is; of a run on its own the group is empty."""
    first: dict[str, int] = {}
    for at, row in enumerate(rows):
        first.setdefault(row.marks.group or row.summary.id, at)
    together = sorted(rows, key=lambda row: first[row.marks.group or row.summary.id])
    return [(group, [*members]) for group, members in groupby(together, lambda row: row.marks.group)]


def about_sweep(
    group: str, members: Sequence[Row], columns: Sequence[Column], widths: Mapping[str, int]
) -> list[str]:
    """The line above the runs of a sweep: its id, cut to the width of its column, how many runs, the best loss."""
    losses = [row.summary.val_loss for row in members if row.summary.val_loss is not None]
    about = {"state": plural(len(members), "run"), "val": figure(min(losses), 4) if losses else ""}
    first, *others = (column.name for column in columns)
    return [shorten_middle(group, widths[first]), *(about.get(name, "") for name in others)]
