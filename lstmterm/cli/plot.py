"""`plot`: a run's curve, on the terminal or in a file."""

import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lstmterm.cli import completion

if TYPE_CHECKING:
    from lstmterm.runs.progress import Progress
    from lstmterm.runs.summary import Summary


@click.command()
@click.argument("run", shell_complete=completion.runs)
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), help="Write the figures to a CSV file.")
@click.option(
    "--svg", "svg_file", type=click.Path(path_type=Path), help="Write an SVG image (needs matplotlib)."
)
@click.option("--pdf", "pdf_file", type=click.Path(path_type=Path), help="Write a PDF (needs matplotlib).")
@click.option(
    "--png", "png_file", type=click.Path(path_type=Path), help="Write a PNG image (needs matplotlib)."
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
    pdf_file: Path | None,
    png_file: Path | None,
    bits: bool,
    log: bool,
    width: int | None,
    height: int | None,
) -> None:
    """Draw the curves of RUN on the terminal, or write them to files ('-' is stdout)."""
    from lstmterm.errors import InputError
    from lstmterm.runs import curve_files, storage
    from lstmterm.runs.progress import Progress
    from lstmterm.runs.summary import summarize
    from lstmterm.visible import visible

    found = storage.find(run)
    progress = Progress.of(found.events())
    if not progress.steps and not progress.evaluated:
        raise InputError(f"The run {found.id} has no curves yet: it has not made a step.")
    files = {".csv": csv_file, ".svg": svg_file, ".pdf": pdf_file, ".png": png_file}
    for suffix, path in files.items():
        if path is None:
            continue
        content = curve_files.encoded(progress, suffix, title=found.name, bits=bits, log=log)
        if str(path) == "-":
            sys.stdout.buffer.write(content)
        else:
            curve_files.save(path, content)
            click.echo(f"Written to {visible(str(path))}.", err=True)
    if not any(files.values()):
        size = shutil.get_terminal_size((100, 24))
        shape = width or size.columns, height or min(20, size.lines - 3)
        _draw(progress, summarize(found), shape, bits, log)


def _draw(progress: "Progress", summary: "Summary", shape: tuple[int, int], bits: bool, log: bool) -> None:
    """Print the curves in characters; in colour where the terminal has it."""
    from rich.console import Console
    from rich.text import Text

    from lstmterm.runs.chart import draw
    from lstmterm.runs.curves import LEGEND, whole_chart
    from lstmterm.runs.verdict import verdict
    from lstmterm.visible import visible, visible_lines

    styles = {
        "raw": "blue dim",
        "train": "bold blue",
        "val": "bold yellow",
        "best": "bold yellow",
        "level": "dim",
        "axis": "dim",
    }
    width, height = shape
    console = Console(highlight=False, markup=False, emoji=False, width=max(width, 20), soft_wrap=True)
    unit = "bits" if bits else "nats"
    console.print(Text(f"{visible(summary.name)}: loss in {unit} per {progress.unit}, by step", style="bold"))
    for row in draw(*whole_chart(progress, width, height, bits=bits, log=log)):
        console.print(Text.assemble(*((text, styles.get(shows, "")) for text, shows in row)))
    console.print(Text("  ".join(f"{mark} {name}" for _, mark, name in LEGEND), style="dim"))
    meaning = verdict(
        progress, summary.status, f"`lstmterm resume {shlex.quote(summary.id)}`", summary.reason
    )
    console.print(Text(visible_lines(meaning)))
