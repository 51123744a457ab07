"""The list of runs, as a table for people and as lines of JSON."""

import sys
import time

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lstmterm import runs
from lstmterm.headless import as_json as line
from lstmterm.journal import JournalReader
from lstmterm.progress import Progress
from lstmterm.runs import Run
from lstmterm.visible import shorten


def print_runs(as_json: bool) -> None:
    """Every run with its state and its latest figures."""
    known = runs.all_runs()
    if as_json:
        for run in known:
            click.echo(line(facts(run)))
        return
    if not known:
        click.echo("No runs yet; `lstmterm train` begins one.", err=True)
        return
    table = Table(
        "run", "status", "steps", "val_loss", "best at", "age", box=None, pad_edge=False, header_style="bold"
    )
    for run in known:
        fact = facts(run)
        val = fact["val_loss"]
        table.add_row(
            Text(shorten(run.id, 60)),
            str(fact["status"]),
            f"{fact['step']:,} of {fact['steps']:,}",
            "" if val is None else f"{val:.4f}",
            "" if fact["best_step"] is None else f"{fact['best_step']:,}",
            age(run),
        )
    width = None if sys.stdout.isatty() else 200
    Console(width=width, highlight=False, markup=False, emoji=False).print(table)


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


def age(run: Run) -> str:
    """How long ago the run last wrote something."""
    try:
        seconds = max(0.0, time.time() - run.journal.stat().st_mtime)
    except FileNotFoundError:
        return ""
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
