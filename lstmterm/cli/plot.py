"""`plot`: a run's curve, on the terminal or in a file."""

import shutil
import sys
from pathlib import Path

import click

from lstmterm.cli import completion


@click.command()
@click.argument("run", shell_complete=completion.runs)
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), help="Write its figures to a CSV file.")
@click.option("--svg", "svg_file", type=click.Path(path_type=Path), help="Draw it to an SVG file.")
@click.option(
    "--png",
    "png_file",
    type=click.Path(path_type=Path),
    help="Draw it to a PNG file (needs the 'plot' extra).",
)
@click.option("--bits", is_flag=True, help="Losses in bits instead of nats.")
@click.option("--log", is_flag=True, help="Losses on a logarithmic axis.")
@click.option(
    "--width", type=click.IntRange(20, 400), help="Columns of the drawing (default: the terminal's)."
)
@click.option("--height", type=click.IntRange(6, 200), help="Lines of the drawing (default: 20).")
def plot(
    run: str,
    csv_file: Path | None,
    svg_file: Path | None,
    png_file: Path | None,
    bits: bool,
    log: bool,
    width: int | None,
    height: int | None,
) -> None:
    """Draw the curve of RUN on the terminal, or into the files that are named ('-' is stdout)."""
    from lstmterm.errors import InputError
    from lstmterm.runs import curve_files, recording, storage
    from lstmterm.runs.progress import Progress
    from lstmterm.visible import visible

    found = storage.find(run)
    progress = Progress()
    for event in recording.history(found):
        progress.take(event)
    if not progress.steps and not progress.evaluated:
        raise InputError(f"The run {found.id} has no curve yet: it has not made a step.")
    files = [(csv_file, ".csv"), (svg_file, ".svg"), (png_file, ".png")]
    for path, suffix in files:
        if path is None:
            continue
        written = curve_files.curve(progress, suffix, title=found.name, bits=bits, log=log)
        if str(path) == "-":
            sys.stdout.buffer.write(written)
        else:
            curve_files.keep(path, written)
            click.echo(f"Written to {visible(str(path))}.", err=True)
    if not any(path for path, _ in files):
        size = shutil.get_terminal_size((100, 24))
        _draw(progress, found.name, bits, log, width or size.columns, height or min(20, size.lines - 3))


def _draw(progress: object, name: str, bits: bool, log: bool, width: int, height: int) -> None:
    """The curve in characters; in colour where the terminal has it."""
    from rich.console import Console
    from rich.text import Text

    from lstmterm.runs.chart import draw, whole_chart
    from lstmterm.runs.progress import Progress
    from lstmterm.visible import visible

    assert isinstance(progress, Progress)
    styles = {
        "raw": "blue dim",
        "train": "bold blue",
        "val": "bold yellow",
        "best": "bold yellow",
        "level": "dim",
        "axis": "dim",
        "label": "",
    }
    console = Console(highlight=False, markup=False, emoji=False, width=max(width, 20), soft_wrap=True)
    unit = "bits" if bits else "nats"
    console.print(Text(f"{visible(name)}: loss in {unit} a {progress.unit}, by step", style="bold"))
    window, traces, levels = whole_chart(progress, width, height, bits=bits, log=log)
    for row in draw(window, traces, levels):
        console.print(Text.assemble(*((text, styles.get(shows, "")) for text, shows in row)))
    console.print(Text("━ training  ⠿ each record  ○ validation  ◆ best", style="dim"))
    console.print(Text(progress.verdict()))
