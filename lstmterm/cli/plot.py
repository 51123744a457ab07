"""`plot`: a run's curve, on the terminal or in a file."""

import shutil
import sys
from pathlib import Path

import click

from lstmterm.cli import completion
from lstmterm.cli.knobs import decorator
from lstmterm.cli.notes import command, note
from lstmterm.cli.output import console
from lstmterm.cli.target import STDOUT, Target, check, overwrite_option
from lstmterm.errors import InputError
from lstmterm.runs import curve_files, storage
from lstmterm.runs.chart import draw
from lstmterm.runs.curves import legend_of, whole_chart
from lstmterm.runs.moments import Moment, moments_of
from lstmterm.runs.progress import Progress
from lstmterm.runs.summary import Summary, summarize
from lstmterm.runs.verdict import verdict
from lstmterm.visible import visible, visible_lines

_FILES = {  # format -> help
    "csv": "Write the figures to a CSV file.",
    "svg": "Write an SVG image (needs matplotlib).",
    "pdf": "Write a PDF (needs matplotlib).",
    "png": "Write a PNG image (needs matplotlib).",
}
_STYLES = {"raw": "blue dim", "train": "bold blue"}
_STYLES |= dict.fromkeys(("val", "best", "moment"), "bold yellow") | dict.fromkeys(("level", "axis"), "dim")
_MOST_MOMENTS = 12  # that are said in words


@click.command()
@click.argument("run", shell_complete=completion.runs)
@decorator(*(click.option(f"--{n}", type=Target(), help=h) for n, h in _FILES.items()))
@overwrite_option
@click.option("--bits", is_flag=True, help="Losses in bits instead of nats.")
@click.option("--log", is_flag=True, help="Losses on a logarithmic axis.")
@click.option(
    "--width", type=click.IntRange(20, 400), help="Columns of the drawing (default: the terminal's)."
)
@click.option("--height", type=click.IntRange(6, 200), help="Lines of the drawing (default: 20).")
def plot(
    run: str,
    overwrite: bool,
    bits: bool,
    log: bool,
    width: int | None,
    height: int | None,
    **files: Path | None,
) -> None:
    """Draw the curves of RUN on the terminal, or write them to files ('-' is stdout)."""
    for path in files.values():
        check(path, overwrite)
    found = storage.find_whole(run)
    progress = Progress.of(found.events(), whole=any(files.values()))
    if not progress.steps and not progress.evaluated:
        raise InputError(f"The run {found.id} has no curves yet: it has not made a step.")
    for name, path in files.items():
        if path is None:
            continue
        content = curve_files.encoded(progress, f".{name}", title=found.name, bits=bits, log=log)
        if path == STDOUT:
            sys.stdout.buffer.write(content)
        else:
            curve_files.save(path, content)
            note(f"Wrote {path}.")
    if not any(files.values()):
        size = shutil.get_terminal_size((100, 24))
        shape = width or size.columns, height or min(20, size.lines - 3)
        _draw(progress, summarize(found), shape, bits, log)


def _draw(progress: Progress, summary: Summary, shape: tuple[int, int], bits: bool, log: bool) -> None:
    """Print the curves in characters; in colour where the terminal has it."""
    from rich.text import Text

    width, height = shape
    terminal = console(width=max(width, 20), soft_wrap=True)
    unit = "bits" if bits else "nats"
    terminal.print(
        Text(f"{visible(summary.name)}: loss in {unit} per {progress.unit}, by step", style="bold")
    )
    for row in draw(*whole_chart(progress, width, height, bits=bits, log=log)):
        terminal.print(Text.assemble(*((text, _STYLES.get(shows, "")) for text, shows in row)))
    legend = "  ".join(f"{mark} {name}" for _, mark, name in legend_of(progress))
    terminal.print(Text(legend, style="dim"))
    for line in _happened([moment for moment in moments_of(progress) if moment.mark != "◆"]):
        terminal.print(Text(visible(line)))
    resume = f"`{command('resume', summary.id)}`" if summary.resumable else ""
    meaning = verdict(progress, summary.status, resume, summary.reason)
    terminal.print(Text(visible_lines(meaning)))


def _happened(moments: list[Moment]) -> list[str]:
    """What happened in a run, in words: the latest, in the order of their steps."""
    moments = sorted(moments, key=lambda moment: moment.step)
    is_long = len(moments) > _MOST_MOMENTS
    lines = [f"The last {_MOST_MOMENTS} of {len(moments):,} marks:"] if is_long else []
    for moment in moments[-_MOST_MOMENTS:]:
        at = f"Step {moment.step:,}: " if moment.mark == "!" else ""  # the others name their step
        lines.append(f"{moment.mark} {at}{moment.text}")
    return lines
