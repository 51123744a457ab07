"""`runs export`: a run's figures for other programs."""

import sys
from pathlib import Path

import click

from lstmterm.cli import completion
from lstmterm.cli.notes import note
from lstmterm.cli.target import STDOUT, Target, check, overwrite_option
from lstmterm.runs import storage
from lstmterm.runs.progress import Progress

FORMATS = ("csv", "json", "tensorboard", "wandb-offline")


@click.command(short_help="Write the figures of a run to a file.")
@click.argument("run", shell_complete=completion.runs)
@click.argument("target", metavar="[FILE]", required=False, type=Target())
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="csv", show_default=True, help="What to write."
)
@overwrite_option
def export(run: str, target: Path | None, form: str, overwrite: bool) -> None:
    """Write the figures of RUN to FILE, or to stdout; for TensorBoard and Weights & Biases FILE is a folder.

    Their packages write their formats: `tensorboard --logdir FOLDER` shows the one, `wandb sync` uploads the other.
    """
    from lstmterm.errors import InputError
    from lstmterm.runs import curve_files, export

    found = storage.find_whole(run)
    if form == "tensorboard":
        written = export.to_tensorboard(found, target or Path("tensorboard"))
        note(f"Wrote {written}.")
        return
    if form == "wandb-offline":
        written = export.to_wandb(found, (target or Path()).absolute())
        note(f"Wrote {written}.")
        return
    check(target, overwrite)
    if form == "json":
        content = export.as_json(found).encode() + b"\n"
    else:
        progress = Progress.of(found.events(), whole=True)
        if not progress.steps and not progress.evaluated:
            raise InputError(f"The run {found.id} has no curves yet: it has not made a step.")
        content = curve_files.encoded(progress, ".csv", title=found.name)
    if target is None or target == STDOUT:
        sys.stdout.buffer.write(content)
    else:
        curve_files.save(target, content)
        note(f"Wrote {target}.")
