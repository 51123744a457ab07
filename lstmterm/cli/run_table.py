"""The list of runs, as a table for people and as lines of JSON."""

import time

import click

from lstmterm.amounts import ago
from lstmterm.cli.reporting import as_json as line
from lstmterm.cli.table import print_table
from lstmterm.runs import storage
from lstmterm.runs.folder import Run
from lstmterm.runs.journal import JournalReader
from lstmterm.runs.progress import Progress
from lstmterm.visible import shorten


def print_runs(as_json: bool) -> None:
    """Every run with its state and its latest figures."""
    known = storage.all_runs()
    if as_json:
        for run in known:
            click.echo(line(facts(run)))
        return
    if not known:
        click.echo("No runs yet; `lstmterm train` begins one.", err=True)
        return
    headings = ("run", "status", "steps", "val_loss", "best at", "changed")
    print_table(headings, [_row(run) for run in known], right=("steps", "val_loss", "best at"))


def _row(run: Run) -> tuple[str, ...]:
    fact = facts(run)
    val, best = fact["val_loss"], fact["best_step"]
    return (
        shorten(run.id, 60),
        str(fact["status"]),
        f"{fact['step']:,} of {fact['steps']:,}",
        "" if val is None else f"{val:.4f}",
        "" if best is None else f"{best:,}",
        _changed(run),
    )


def facts(run: Run) -> dict[str, object]:
    """What the list says of a run."""
    progress = Progress()
    for event in JournalReader(run.journal).read():
        progress.take(event)
    best = progress.best
    return {
        "run": run.id,
        "name": run.name,
        "status": run.status(),
        "step": progress.step,
        "steps": progress.total,
        "val_loss": best[1] if best else None,
        "best_step": best[0] if best else None,
        "folder": str(run.folder),
    }


def _changed(run: Run) -> str:
    """How long ago the run last wrote something."""
    try:
        return ago(time.time() - run.journal.stat().st_mtime)
    except FileNotFoundError:
        return ""
