"""Progress on a terminal, on stderr; nothing where nobody would see it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from lstmterm import amounts
from lstmterm.cli.output import console, cursor_kept
from lstmterm.visible import shorten, visible

Stages = Callable[[str, int, int | None], None]  # takes what is done, how much of it, and of how much


@contextmanager
def reading(quiet: bool) -> Iterator[Stages | None]:
    """Show how far a text is read: a callback for the stage, and what of it is done and in all."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    with cursor_kept(), console(stderr=True).status(Text("reading")) as status:
        yield lambda stage, done, total: status.update(Text(visible(amounts.progress(stage, done, total))))


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
    columns = (name, BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with cursor_kept(), Progress(*columns, console=console(stderr=True), transient=True) as bar:
        task, present = bar.add_task(visible(of), total=None), ""

        def show(stage: str, done: int, total: int | None) -> None:
            nonlocal present
            if stage != present:
                present = stage
                bar.reset(task, description=visible(f"{of}: {stage}"))
            bar.update(task, completed=done, total=total)

        yield show


@contextmanager
def download_bars(quiet: bool) -> Iterator[Stages | None]:
    """Show a bar for each file that is downloaded."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    name = TextColumn("{task.description}", markup=False)
    tasks: dict[str, TaskID] = {}
    columns = (name, BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with cursor_kept(), Progress(*columns, console=console(stderr=True), transient=True) as bar:

        def show(file: str, done: int, total: int | None) -> None:
            if file not in tasks:
                tasks[file] = bar.add_task(shorten(file, 30), total=total)
            bar.update(tasks[file], completed=done, total=total)

        yield show
