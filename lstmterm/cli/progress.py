"""Progress on a terminal, on stderr; nothing where nobody would see it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from lstmterm import amounts
from lstmterm.cli.table import console


@contextmanager
def reading(quiet: bool) -> Iterator[Callable[[str, int, int | None], None] | None]:
    """Show how far a text is read: a callback for the stage, and what of it is done and in all."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    with console(stderr=True).status("reading") as status:
        yield lambda stage, done, total: status.update(amounts.progress(stage, done, total))


@contextmanager
def progress_bar(doing: str, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Show a bar: a callback for how much is done and in all."""
    if quiet or not sys.stderr.isatty():
        yield lambda done, whole: None
        return
    columns = (TextColumn(doing), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, whole: bar.update(task, completed=done, total=whole)
