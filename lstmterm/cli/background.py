"""Starting a run in the background: `--detach`."""

import shlex
import subprocess
import time
from pathlib import Path

import click

from lstmterm import paths
from lstmterm.runs import launching, storage
from lstmterm.runs.folder import Run
from lstmterm.visible import visible


def detach_train(words: list[str], corpus: str, name: str | None) -> int:
    """The `train` command of `words` as a run of its own; returns once it trains."""
    if corpus == "-":
        raise click.UsageError(
            "A run in the background cannot read stdin; give a file, or leave --detach out."
        )
    named: list[str] = []
    if name is None:
        name = paths.plain_name(Path(corpus).stem if paths.is_file_argument(corpus) else corpus)
        named = ["--name", name]
    run_id = storage.new_id(name)
    rest = [word for word in words[1:] if word != "--detach"]
    child = launching.launch([words[0], *named, "--run-id", run_id, *rest], run_id)
    return _wait_for_start(Run(run_id, paths.runs() / run_id), child)


def detach_resume(words: list[str], run: Run) -> int:
    """The `resume` command of `words` in the background."""
    return _wait_for_start(run, launching.launch([w for w in words if w != "--detach"], run.id))


def _wait_for_start(run: Run, child: subprocess.Popen[bytes]) -> int:
    """Wait until the run holds its folder, or has ended before it could."""
    while not run.is_held():
        if child.poll() is not None:
            break
        time.sleep(0.1)
    if code := child.poll():
        return _say_why(run, code)
    click.echo(run.id)
    click.echo(f"Follow it: lstmterm attach {visible(shlex.quote(run.id))}", err=True)
    return 0


def _say_why(run: Run, code: int) -> int:
    """Show what the child said at its end; a run that never began leaves nothing."""
    said = run.log.read_text("utf-8", "replace").strip().splitlines()
    click.echo(visible(said[-1]) if said else f"lstmterm: The run ended at once ({code}).", err=True)
    if not (run.folder / "spec.json").exists():
        storage.remove(run)
    return code if code > 0 else 128 - code
