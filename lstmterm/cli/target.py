"""The file that a command writes where the user names it."""

from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from lstmterm import paths
from lstmterm.errors import InputError, no_folder, taken

STDOUT = Path("-")
overwrite_option = click.option("--overwrite", is_flag=True, help="Replace an existing file.")


class Target(click.ParamType):
    """A path to write to, with the home folder for `~`; '-' is stdout, which can be excluded."""

    name = "file"

    def __init__(self, *, stdout: bool = True) -> None:
        self._stdout = stdout

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        path = paths.expanded(value)
        if path == STDOUT and not self._stdout:
            self.fail("It is written to a file, not to stdout; name one.", param, ctx)
        return path

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Files: the shell completes them."""
        return [CompletionItem(incomplete, type="file")]


def check(path: Path | None, overwrite: bool) -> None:
    """Raise `InputError` if a file cannot be written at `path`, or one is there already; None and stdout pass.

    A command calls it before it begins, so that nothing is computed in vain.
    """
    if path is None or path == STDOUT:
        return
    if path.is_dir():
        raise InputError(f"{path} is a folder; name a file in it.")
    if path.exists() and not overwrite:
        raise taken(path)
    if not path.absolute().parent.is_dir():
        raise no_folder(path.absolute().parent)
