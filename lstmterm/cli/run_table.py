"""The list of runs, as a table for people and as lines of JSON."""

import json
import time

import click

from lstmterm.amounts import ago
from lstmterm.cli.notes import note
from lstmterm.cli.table import print_table
from lstmterm.runs import storage
from lstmterm.runs.folder import Run
from lstmterm.runs.summary import Summary, summarize
from lstmterm.visible import shorten


def print_runs(as_json: bool) -> None:
    """Print every run with its status and its latest figures."""
    known = storage.all_runs()
    if as_json:
        for run in known:
            click.echo(json.dumps(_facts(run), allow_nan=False))
        return
    if not known:
        note("There are no runs yet; `lstmterm train` starts one.")
        return
    headings = ("run", "status", "steps", "val_loss", "best at", "changed")
    print_table(headings, [_row(summarize(run)) for run in known], right=("steps", "val_loss", "best at"))


def _row(summary: Summary) -> tuple[str, ...]:
    val, best = summary.val_loss, summary.best_step
    return (
        shorten(summary.id, 60),
        summary.status,
        f"{summary.step:,} of {summary.steps:,}",
        "" if val is None else f"{val:.4f}",
        "" if best is None else f"{best:,}",
        ago(time.time() - summary.changed) if summary.changed else "",
    )


def _facts(run: Run) -> dict[str, object]:
    """A run as an object of `runs --json`."""
    summary = summarize(run)
    return {
        "run": summary.id,
        "name": summary.name,
        "status": summary.status,
        "step": summary.step,
        "steps": summary.steps,
        "val_loss": summary.val_loss,
        "best_step": summary.best_step,
        "folder": str(run.folder),
    }
