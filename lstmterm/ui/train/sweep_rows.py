"""The runs of a sweep in the table of runs: together, below a line about all of them."""

from itertools import groupby

from lstmterm.amounts import figure, plural
from lstmterm.runs.columns import Row
from lstmterm.visible import shorten

_LONGEST = 32  # columns of a sweep's id


def grouped(rows: list[Row]) -> list[tuple[str, list[Row]]]:
    """The rows, those of a sweep together where its first one is; of a run on its own the group is empty."""
    first: dict[str, int] = {}
    for at, row in enumerate(rows):
        first.setdefault(row.marks.group or row.summary.id, at)
    together = sorted(rows, key=lambda row: first[row.marks.group or row.summary.id])
    return [(group, [*members]) for group, members in groupby(together, lambda row: row.marks.group)]


def about_sweep(group: str, members: list[Row]) -> str:
    """The line above the runs of a sweep: its id, how many they are, and the best loss."""
    losses = [row.summary.val_loss for row in members if row.summary.val_loss is not None]
    best = f", best {figure(min(losses))}" if losses else ""
    return f"{shorten(group, _LONGEST)}: {plural(len(members), 'run')}{best}"
