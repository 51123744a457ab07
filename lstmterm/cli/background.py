"""Starting a run in the background: `--detach`."""

import dataclasses
import time
from collections.abc import Mapping

import click

from lstmterm import atomic, installed
from lstmterm.cli.notes import command, interrupt_says, note
from lstmterm.corpora.sources import default_name
from lstmterm.planning import torchrun
from lstmterm.planning.request import TrainRequest
from lstmterm.runs import getting_ready, launching, on_end, storage
from lstmterm.runs.folder import Run

CONTINUES = "The run continues in the background. Stop it:"


def detach_train(
    request: TrainRequest, as_json: bool, quiet: bool, nice: int, end_command: str | None = None
) -> int:
    """Train in a process of its own; returns once it has its run."""
    if request.source == "-":
        raise click.UsageError(
            "A run in the background cannot read stdin; give a file, or leave --detach out."
        )
    installed.refuse_without_torch()
    name = request.name or default_name(request.source)
    run = storage.new_run(name)
    words = [*dataclasses.replace(request, name=name).to_arguments(), "--run-id", run.id]
    return _detach(run, words + _at_end(end_command), as_json, quiet, nice)


def detach_resume(
    run: Run,
    minutes: float | None,
    deadline: bool,
    moved: Mapping[str, str],
    as_json: bool,
    quiet: bool,
    nice: int,
    end_command: str | None = None,
) -> int:
    """Resume a run in a process of its own, as `session.resuming` does; returns once it has its run."""
    more = [] if minutes is None else ["--minutes", str(minutes)]
    more += ["--deadline"] * deadline
    files = [word for option, file in moved.items() for word in (f"--{option}", file)]
    return _detach(run, ["resume", run.id, *more, *files, *_at_end(end_command)], as_json, quiet, nice)


def _at_end(command: str | None) -> list[str]:
    """The option `--on-end`. Raises `InputError` for a command that cannot be run."""
    if command is None:
        return []
    on_end.words(command)
    return ["--on-end", command]


def _detach(run: Run, words: list[str], as_json: bool, quiet: bool, nice: int) -> int:
    """Start the command; wait until it holds the run's folder, or has ended before it could."""
    torchrun.refuse("--detach starts one process of its own")
    options = ["--json"] * as_json + ["--quiet"] * quiet + (["--nice", str(nice)] if nice else [])
    child = launching.launch([*words, *options], run.id)
    with interrupt_says(f"lstmterm: Interrupted. {CONTINUES} {command('stop', run.id)}"):
        while not run.is_held() and child.poll() is None:
            time.sleep(0.1)
    if code := child.poll():
        return _show_why(run, code)
    if not run.folder.exists():
        note(getting_ready.NOTHING_KEPT)
        return 0
    click.echo(run.id)
    note(f"Follow it: {command('attach', run.id)}")
    return 0


def _show_why(run: Run, code: int) -> int:
    """Show the last line that the child printed; a run that never began leaves nothing."""
    printed = run.log.read_text("utf-8", "replace").strip().splitlines()
    note(printed[-1] if printed else f"lstmterm: {_without_a_word(run, code)}")
    if not run.has_spec():
        storage.remove(run)
    return code if code > 0 else 128 - code


def _without_a_word(run: Run, code: int) -> str:
    """What to say of a child that printed nothing."""
    if atomic.is_full(run.folder):
        return f"The run ended at once, and the disk of {run.folder} is full; free some space and start it again."
    why = f"was killed by signal {-code}" if code < 0 else f"ended at once with exit code {code}"
    return f"The run {why} and printed nothing; start it without --detach to see more."
