"""A sweep in a process of its own: started in the background, followed and stopped by its id."""

import time
from collections.abc import Callable, Sequence

import click

from lstmterm.cli.notes import command, interrupt_says, note
from lstmterm.cli.reporting import reporter, show
from lstmterm.errors import RunError
from lstmterm.runs import launching, recording
from lstmterm.runs.folder import Run
from lstmterm.runs.sweeps import SweepProcess
from lstmterm.visible import visible

LOOK_EVERY = 0.1  # seconds
CONTINUES = "The same command continues the sweep."


def detach(sweep: SweepProcess, words: Sequence[str]) -> int:
    """Make the sweep's runs in a process of its own; returns once the first of them trains, or the process ended."""
    if sweep.is_held():
        raise sweep.taken()
    child = launching.launch_sweep(words, sweep)
    continues = f"The sweep continues in the background. Stop it: {command('stop', sweep.group)}"
    with interrupt_says(f"lstmterm: Interrupted. {continues}"):
        while child.poll() is None and not (sweep.is_held() and any(map(_trains, sweep.runs()))):
            time.sleep(LOOK_EVERY)
    if code := child.poll():
        note(_last_line(sweep) or f"lstmterm: The sweep {sweep.group} ended at once and printed nothing.")
        sweep.forget()
        return code if code > 0 else 128 - code
    click.echo(visible(sweep.group))
    note(f"Follow it: {command('attach', sweep.group)}")
    note(f"Stop it: {command('stop', sweep.group)}. {CONTINUES}")
    note(
        f"List its runs: {listing(sweep.group)}. The same command without --detach prints the table at the end."
    )
    return 0


def attach(sweep: SweepProcess, as_json: bool, leave: Callable[[], None]) -> int:
    """Follow the runs of a sweep, one after another, until it ends. Ctrl-C leaves it running."""
    leaving = f"The sweep continues. Follow it again: {command('attach', sweep.group)}"
    with interrupt_says(leaving, 0):
        while sweep.is_held():
            if run := _training(sweep):
                if not as_json:
                    note(f"The run {run.id}:")
                show(recording.follow(run), reporter(as_json, quiet=False), closed=leave)
            time.sleep(LOOK_EVERY)
    last = _last_line(sweep)
    if last.startswith("lstmterm:"):
        note(last)
    note(f"The sweep {sweep.group} is not running. List its runs: {listing(sweep.group)}")
    return 0


def stop(sweep: SweepProcess, patience: float) -> int:
    """Ask a sweep to stop, and the run that trains to save; both can be continued."""
    if not sweep.is_held():
        note(f"The sweep {sweep.group} is not running.")
        return 0
    deadline = time.monotonic() + patience
    while sweep.is_held():
        sweep.request_stop()  # again and again: a process that starts withdraws requests to earlier ones
        if time.monotonic() > deadline:
            raise RunError(f"The sweep {sweep.group} was asked to stop, but has not stopped yet.")
        time.sleep(LOOK_EVERY)
    note(f"Stopped. {CONTINUES}")
    return 0


def listing(group: str) -> str:
    """The command that lists the runs of a sweep."""
    return f"lstmterm runs --filter sweep:{group}"


def _training(sweep: SweepProcess) -> Run | None:
    """The run of a sweep that trains now."""
    return next((run for run in sweep.runs() if run.status() == "running"), None)


def _trains(run: Run) -> bool:
    """Whether a run has begun to train; one that is being removed has no journal."""
    return run.is_held() and run.journal.exists()


def _last_line(sweep: SweepProcess) -> str:
    """The last line that the background process printed; empty if there is none."""
    try:
        lines = sweep.log.read_text("utf-8", "replace").strip().splitlines()
    except FileNotFoundError:
        return ""
    return lines[-1] if lines else ""
