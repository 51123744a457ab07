"""Progress on a terminal, on stderr; nothing where nobody would see it."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.live import Live
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.spinner import Spinner
from rich.text import Text

from lstmterm import amounts
from lstmterm.cli.output import console, cursor_kept
from lstmterm.visible import shorten, visible

Stages = Callable[[str, int, int | None], None]  # takes what is done, how much of it, and of how much


_REDRAW = 0.1  # seconds between two drawings, at least


@contextmanager
def drawn(render: Callable[[], RenderableType]) -> Iterator[tuple[Console, Callable[[], None]]]:
    """Show what `render` returns in the last lines of the terminal: a console for lines above it, and what draws it.

    It is drawn where progress is made, now and then. Rich would draw it in a thread of its own, which Python
    waits for without end where there is too little memory for it to begin.
    """
    last = -_REDRAW
    with (
        cursor_kept(),
        Live(
            console=console(stderr=True),
            get_renderable=render,
            auto_refresh=False,
            transient=True,
        ) as live,
    ):

        def draw() -> None:
            nonlocal last
            if time.monotonic() - last >= _REDRAW:
                last = time.monotonic()
                with contextlib.suppress(MemoryError):  # what is shown stays as it is
                    live.refresh()

        yield live.console, draw


@contextmanager
def reading(quiet: bool, *, at_once: bool = True) -> Iterator[Stages | None]:
    """Show how far a text is read: a callback for the stage, and what of it is done and in all.

    Without `at_once` nothing is shown before its first call.
    """
    if quiet or not sys.stderr.isatty():
        yield None
        return
    spinner = Spinner("dots", Text("reading" if at_once else ""), style="status.spinner")
    with drawn(lambda: spinner if spinner.text else "") as (_, draw):
        draw()

        def show(stage: str, done: int, total: int | None) -> None:
            spinner.text = Text(visible(amounts.progress(stage, done, total)))
            draw()

        yield show


@contextmanager
def progress_bar(doing: str, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Show a bar: a callback for how much is done and in all."""
    with stages_bar(doing, quiet) as show:
        yield lambda done, whole: show("", done, whole)


@contextmanager
def stages_bar(of: str, quiet: bool) -> Iterator[Stages]:
    """Show a bar for work on something, one stage after the other: a callback as that of `reading`."""
    if quiet or not sys.stderr.isatty():
        yield lambda stage, done, total: None
        return
    name = TextColumn("{task.description}", markup=False)
    with _bars(name, BarColumn(), TaskProgressColumn(), TimeRemainingColumn()) as (bar, draw):
        task, present = bar.add_task(visible(of), total=None), ""

        def show(stage: str, done: int, total: int | None) -> None:
            nonlocal present
            if stage != present:
                present = stage
                bar.reset(task, description=visible(f"{of}: {stage}"))
            bar.update(task, completed=done, total=total)
            draw()

        yield show


@contextmanager
def download_bars(quiet: bool) -> Iterator[Stages | None]:
    """Show a bar for each file that is downloaded."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    name = TextColumn("{task.description}", markup=False)
    tasks: dict[str, TaskID] = {}
    with _bars(name, BarColumn(), DownloadColumn(), TimeRemainingColumn()) as (bar, draw):

        def show(file: str, done: int, total: int | None) -> None:
            if file not in tasks:
                tasks[file] = bar.add_task(shorten(file, 30), total=total)
            bar.update(tasks[file], completed=done, total=total)
            draw()

        yield show


@contextmanager
def _bars(*columns: ProgressColumn) -> Iterator[tuple[Progress, Callable[[], None]]]:
    """Bars with these columns, and what draws them."""
    bars = Progress(*columns, console=console(stderr=True), auto_refresh=False)  # which `drawn` shows
    with drawn(bars.get_renderable) as (_, draw):
        yield bars, draw
