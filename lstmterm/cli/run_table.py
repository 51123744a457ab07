"""The table of runs that `runs` prints, and its JSON."""

import json
from collections.abc import Sequence
from typing import Any

import click

from lstmterm import paths
from lstmterm.cli.notes import note
from lstmterm.cli.table import print_table
from lstmterm.runs.columns import LEAST_FIRST
from lstmterm.runs.query import Query
from lstmterm.runs.rows import Column, Row, rows_of
from lstmterm.runs.summary import summaries

_WIDEST = {
    "run": 60,
    "state": 80,
    "text": 30,
    "note": 60,
    "reason": 200,
}  # of a cell on a terminal, of those that can be long


def known_rows(quiet: bool) -> list[Row]:
    """The rows of all runs, the newest first; reading long journals shows its progress unless `quiet`."""
    from lstmterm.cli.progress import reading

    with reading(quiet=quiet, at_once=False) as progress:
        return rows_of(
            summaries(
                progress
                and (lambda run, done, size: progress(f"reading the journal of {run.id}", done, size))
            )
        )


def print_rows(rows: Sequence[Row], columns: Sequence[Column], *, fitted: bool = False) -> None:
    """Print runs as a table; archived ones are dimmed.

    A terminal that is too narrow for all columns shows some, whole: with `fitted` the more important ones, and else
    mostly the first ones, since the user chose them; a message says which had no room.
    """
    by_name = {column.name: column.heading for column in columns}
    least_first = LEAST_FIRST if fitted else [*by_name][:0:-1]
    left_out = print_table(
        [column.heading for column in columns],
        [[column.shown(row) for column in columns] for row in rows],
        right=[column.heading for column in columns if column.right],
        dim=[row.marks.archived for row in rows],
        cut=by_name.get("reason", ""),
        least_first=[by_name[name] for name in least_first if name in by_name],
        keep_empty=not fitted,
        widest={column.heading: _WIDEST.get(column.name, 40) for column in columns},
    )
    if left_out and not fitted:
        note(f"There is no room for {', '.join(left_out)}; name fewer columns, or use a wider terminal.")


def print_json(rows: Sequence[Row]) -> None:
    """Print each run as a line of JSON."""
    for row in rows:
        click.echo(json.dumps(facts(row), allow_nan=False))


def facts(row: Row) -> dict[str, Any]:
    """A run as an object: losses in nats, times in seconds."""
    from lstmterm.runs.columns import column

    summary, marks = row.summary, row.marks
    shown = ("name", "status", "step", "steps", "val_loss", "best_step")
    values = {name: column(name).value(row) for name in ("kind", "text", "size", "batch", "bits", "speed")}
    return (
        {"run": summary.id}
        | {name: getattr(summary, name) for name in shown}
        | values
        | {"val_loss_reset": column("reset").value(row), "seconds": summary.seconds, "began": summary.began}
        | {"reason": summary.reason}
        | {"tags": list(marks.tags), "note": marks.note, "archived": marks.archived}
        | {"reference": row.is_reference, "group": marks.group, "cell": dict(marks.cell)}
        | {"folder": str(paths.runs() / summary.id)}
    )


def note_empty(rows: Sequence[Row], query: Query, text: str) -> None:
    """Say why a table of runs is empty."""
    if not rows:
        note("There are no runs yet; `lstmterm train` starts one.")
    elif text:
        note(f"None of the {len(rows)} runs matches {text!r}.")
    else:
        note("All runs are archived; `lstmterm runs --filter archived` lists them.")
