"""`runs`, `attach`, `stop` and `resume`."""

import json
import time
from typing import Any

import click

from lstmterm import ending, paths
from lstmterm.amounts import ago
from lstmterm.cli import completion, start_time
from lstmterm.cli.background import detach_resume
from lstmterm.cli.knobs import run_options
from lstmterm.cli.notes import command, note
from lstmterm.cli.table import print_table
from lstmterm.errors import RunError
from lstmterm.planning import torchrun
from lstmterm.planning.length import Length
from lstmterm.runs import launching, recording, storage
from lstmterm.runs.summary import Summary, summaries, summarize
from lstmterm.visible import shorten, visible

_STOP_PATIENCE = 120.0  # seconds to wait for a run to save and stop


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print each run as a line of JSON.")
@click.pass_context
def runs(ctx: click.Context, as_json: bool) -> None:
    """List training runs, the newest first."""
    if ctx.invoked_subcommand is not None:
        return
    from lstmterm.cli.progress import reading

    with reading(quiet=as_json, at_once=False) as progress:
        known = summaries(
            progress and (lambda run, done, size: progress(f"reading the journal of {run.id}", done, size))
        )
    if as_json:
        for summary in known:
            folder = str(paths.runs() / summary.id)
            click.echo(json.dumps(_facts(summary) | {"folder": folder}, allow_nan=False))
    elif known:
        headings = ("run", "status", "steps", "val_loss", "best at", "changed")
        rows = [_row(summary) for summary in known]
        print_table(headings, rows, right=("steps", "val_loss", "best at"))
    else:
        note("There are no runs yet; `lstmterm train` starts one.")


def _row(summary: Summary) -> tuple[str, ...]:
    val, best = summary.val_loss, summary.best_step
    if summary.status == "damaged":
        return shorten(summary.id, 60), shorten(summary.reason, 80), "", "", "", ""
    return (
        shorten(summary.id, 60),
        summary.status,
        f"{summary.step:,} of {summary.steps:,}",
        "" if val is None else f"{val:.4f}",
        "" if best is None else f"{best:,}",
        ago(time.time() - summary.changed) if summary.changed else "",
    )


def _facts(summary: Summary) -> dict[str, Any]:
    """A run as an object of `runs --json`."""
    shown = ("name", "status", "step", "steps", "val_loss", "best_step")
    problem = {"problem": summary.reason} if summary.status == "damaged" else {}
    return {"run": summary.id} | {name: getattr(summary, name) for name in shown} | problem


@runs.command("remove")
@click.argument("references", metavar="RUN...", nargs=-1, required=True, shell_complete=completion.runs)
def remove(references: tuple[str, ...]) -> None:
    """Delete runs; the models they published stay."""
    for run in [storage.find(reference) for reference in references]:
        storage.remove(run)
        note(f"Removed {run.id}.")


@click.command()
@click.argument("run", shell_complete=completion.runs)
@click.option("--json", "as_json", is_flag=True, help="Print every event as a line of JSON.")
def attach(run: str, as_json: bool) -> int:
    """Follow RUN until it ends. Ctrl-C leaves it running."""
    from lstmterm.cli.reporting import reporter, show

    found = storage.find_whole(run)
    leaving = f"The run continues. Follow it again: {command('attach', found.id)}"
    with ending.interrupt_means(visible(leaving), 0):
        show(recording.follow(found), reporter(as_json, quiet=False), closed=_leave)
    if found.outcome() == "interrupted":
        note(f"It was interrupted. Resume it: {command('resume', found.id)}")
    return 0


def _leave() -> None:
    """The output is gone, so there is no reason to follow the run."""
    raise BrokenPipeError


@click.command()
@click.argument("run", shell_complete=completion.runs)
def stop(run: str) -> int:
    """Ask RUN to save and stop; it can be resumed."""
    found = storage.find_whole(run)
    if found.status() != "running":
        note(f"The run {found.id} is not running: it is {found.outcome()}.")
        return 0
    deadline = time.monotonic() + _STOP_PATIENCE
    while found.status() == "running":
        found.request_stop()  # again and again: a process that starts withdraws requests to earlier ones
        if time.monotonic() > deadline:
            raise RunError(f"The run {found.id} was asked to stop, but has not stopped yet.")
        time.sleep(0.1)
    match found.outcome():
        case "finished":
            note(f"The run {found.id} finished before it could be stopped.")
        case "stopped":
            note(f"Stopped. Resume it: {command('resume', found.id)}")
        case _:
            reason = summarize(found).reason or f"see {found.log}"
            raise RunError(f"The run {found.id} ended without saving its latest steps: {reason}")
    return 0


@click.command()
@click.argument("run", shell_complete=completion.runs)
@click.option("--minutes", type=float, help="Train for this much longer than planned.")
@click.option("--deadline", is_flag=True, help="End in the run's time, with fewer steps if necessary.")
@click.option("--text", metavar="FILE", help="Where the run's text or tagged data is now, if it was moved.")
@click.option("--dev", metavar="FILE", help="Where the run's validation file is now.")
@click.option("--test", metavar="FILE", help="Where the run's test file is now.")
@run_options
def resume(
    run: str,
    minutes: float | None,
    deadline: bool,
    detach: bool,
    as_json: bool,
    quiet: bool,
    nice: int,
    **files: str | None,
) -> int:
    """Resume RUN exactly where it stopped."""
    moved = {name: str(paths.expanded(file).absolute()) for name, file in files.items() if file is not None}
    more = None if minutes is None else Length("minutes", minutes)
    if detach:
        return detach_resume(storage.find_whole(run), minutes, deadline, moved, as_json, quiet, nice)
    found = storage.find_whole(run) if torchrun.is_first() else None  # the others may be on other machines
    with launching.started(found.id if found else None):
        from lstmterm.cli.foreground import Foreground
        from lstmterm.nn import joined_ranks, session

        with joined_ranks.joined() as all_ranks, Foreground(as_json, quiet, nice) as shown:
            if found is None:
                return shown.follow(all_ranks)
            events = session.resume_run(
                found,
                shown.should_stop,
                start_time.STARTED,
                more,
                shown.reading,
                all_ranks,
                moved,
                deadline=deadline,
            )
            return shown.show(found, events)
