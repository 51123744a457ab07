"""`runs`, `attach`, `stop` and `resume`."""

import time

import click

from lstmterm import atomic, paths
from lstmterm.cli import completion, run_export, run_marks, start_time
from lstmterm.cli.background import detach_resume
from lstmterm.cli.knobs import run_options
from lstmterm.cli.notes import command, interrupt_says, note
from lstmterm.cli.run_end import RunEnd
from lstmterm.errors import RunError
from lstmterm.planning import torchrun
from lstmterm.planning.length import Length
from lstmterm.runs import getting_ready, launching, recording, storage, sweeps
from lstmterm.runs.columns import COLUMNS, DEFAULT, chosen, in_order
from lstmterm.runs.folder import Run
from lstmterm.runs.query import parse
from lstmterm.runs.summary import summarize

_STOP_PATIENCE = 120.0  # seconds to wait for a run to save and stop


@click.group(invoke_without_command=True)
@click.option(
    "--columns",
    metavar="NAMES",
    help=f"Columns of the table (default: {DEFAULT}), and settings by their options, such as hidden or lr; 'all' for "
    "all columns.",
)
@click.option(
    "--sort",
    metavar="COLUMN",
    help="Sort by a column; '-val' puts the largest first (default: the newest first).",
)
@click.option(
    "--filter",
    "query",
    metavar="QUERY",
    default="",
    help="List matching runs: 'text:harbour val<1.5 hidden=256 tag:good'.",
)
@click.option("--json", "as_json", is_flag=True, help="Print each run as a line of JSON.")
@click.pass_context
def runs(ctx: click.Context, columns: str | None, sort: str | None, query: str, as_json: bool) -> None:
    """List training runs, the newest first; archived runs are listed only on request.

    A query is words and conditions, all of which must hold: `text:harbour` (contains), `state=failed` (equals),
    `val<1.5`, `when<2d`, `speed>70k`; a minus sign negates, as in `-tag:bad`. Settings are asked for by their options,
    as in `hidden=256` or `lr<1e-2`.
    """
    if ctx.invoked_subcommand is not None:
        return
    from lstmterm import settings
    from lstmterm.cli import run_table

    wanted = parse(query)
    names = columns or settings.load().columns
    chosen_columns = [*COLUMNS] if names == "all" else chosen(names or DEFAULT)
    known = run_table.known_rows(quiet=as_json)
    rows = wanted.kept(known)
    rows = in_order(rows, sort) if sort else rows
    if as_json:
        run_table.print_json(rows)
    elif rows:
        run_table.print_rows(rows, chosen_columns, fitted=not names)
    else:
        run_table.note_empty(known, wanted, query)


for _command in (run_marks.tag, run_marks.untag, run_marks.note_command, run_marks.archive, run_marks.unarchive,
                 run_marks.pin, run_marks.diff, run_export.export):  # fmt: skip
    runs.add_command(_command)


@runs.command("remove")
@run_marks.selection
def remove(references: tuple[str, ...], query: str | None, yes: bool) -> None:
    """Delete runs; the models they published stay. If one of them is running, none is deleted."""
    for run in run_marks.selected(references, query, "Delete", yes=yes, running=False):
        sweeps.remove(run)
        note(f"Removed {run.id}.")


@click.command()
@click.argument("run", shell_complete=completion.runs)
@click.option("--json", "as_json", is_flag=True, help="Print every event as a line of JSON.")
def attach(run: str, as_json: bool) -> int:
    """Follow RUN until it ends. Ctrl-C leaves it running. With a sweep's id, follow its runs one after another."""
    from lstmterm.cli import sweep_process
    from lstmterm.cli.reporting import reporter, show

    if sweep := sweeps.find(run):
        return sweep_process.attach(sweep, as_json, _leave)
    found = storage.find_whole(run)
    leaving = f"The run continues. Follow it again: {command('attach', found.id)}"
    with interrupt_says(leaving, 0):
        show(recording.follow(found), reporter(as_json, quiet=False), closed=_leave)
    if not found.folder.exists():
        note(getting_ready.NOTHING_KEPT)
    elif found.outcome() == "interrupted":
        note(f"It was interrupted. Resume it: {command('resume', found.id)}")
    return 0


def _leave() -> None:
    """The output is gone, so there is no reason to follow the run."""
    raise BrokenPipeError


@click.command()
@click.argument("run", shell_complete=completion.runs)
def stop(run: str) -> int:
    """Ask RUN, or the sweep with this id, to save and stop; it can be resumed.

    A run that still reads its data or measures the machine ends at once.
    """
    if sweep := sweeps.find(run):
        from lstmterm.cli import sweep_process

        return sweep_process.stop(sweep, _STOP_PATIENCE)
    found = storage.find_whole(run)
    if found.status() != "running":
        note(f"The run {found.id} is not running: it is {found.outcome()}.")
        return 0
    deadline, written = time.monotonic() + _STOP_PATIENCE, paths.size(found.journal)
    while found.status() == "running":
        found.request_stop()  # again and again: a process that starts withdraws requests to earlier ones
        if time.monotonic() > deadline:
            raise RunError(f"The run {found.id} was asked to stop, but has not stopped yet.")
        time.sleep(0.1)
    if not found.folder.exists():
        note(getting_ready.NOTHING_KEPT)
        return 0
    if found.was_stopped_untrained():
        note(f"{getting_ready.UNCHANGED} Resume it: {command('resume', found.id)}")
        return 0
    if paths.size(found.journal) == written and atomic.is_full(found.folder):
        raise RunError(
            f"The run {found.id} has ended, but its disk is full, so the end could not be written to its journal. "
            f"Free some space; {_continuing(found)}"
        )
    match found.outcome():
        case "finished":
            note(f"The run {found.id} finished before it could be stopped.")
        case "stopped":
            note(f"Stopped. Resume it: {command('resume', found.id)}")
        case _:
            why = summarize(found).reason or (f"see {found.log}" if found.log.exists() else "")
            lost = f"The run {found.id} ended without saving its latest steps"
            raise RunError(f"{lost}: {why}" if why else f"{lost}; {_continuing(found)}")
    return 0


def _continuing(run: Run) -> str:
    """The end of a sentence: how a run that ended continues."""
    if run.has_state():
        return f"`lstmterm resume {run.id}` continues from its last save."
    return "start the run again, since nothing was saved yet."


@click.command()
@click.argument("run", shell_complete=completion.runs)
@click.option("--minutes", type=float, help="Train for this much longer than planned.")
@click.option("--deadline", is_flag=True, help="Finish within the run's time, with fewer steps if necessary.")
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
    on_end: str | None,
    **files: str | None,
) -> int:
    """Resume RUN exactly where it stopped."""
    moved = {name: str(paths.expanded(file).absolute()) for name, file in files.items() if file is not None}
    more = None if minutes is None else Length("minutes", minutes)
    if torchrun.is_first():
        storage.refuse_unwritable()
    if detach:
        return detach_resume(storage.find_whole(run), minutes, deadline, moved, as_json, quiet, nice, on_end)
    found = storage.find_whole(run) if torchrun.is_first() else None  # the others may be on other machines
    again = f"Resume it: {command('resume', found.id)}" if found else ""
    with (
        RunEnd(on_end) as end,
        launching.started(found.id if found else None),
        interrupt_says(f"lstmterm: {getting_ready.INTERRUPTED_AGAIN} {again}"),
    ):
        with getting_ready.stoppable(found):
            from lstmterm.cli.foreground import Foreground
            from lstmterm.nn import joined_ranks, session

        with joined_ranks.joined() as all_ranks, Foreground(as_json, quiet, nice) as shown:
            if found is None:
                return shown.follow(all_ranks)
            end.watch(found)
            started, stop = start_time.STARTED, shown.should_stop
            with session.resuming(
                found, stop, started, more, shown.reading, all_ranks, moved, deadline=deadline
            ) as events:
                return shown.show(found, events)
