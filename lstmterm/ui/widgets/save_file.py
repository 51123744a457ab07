"""Saving a text to a file whose name is asked for."""

import functools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual.app import App

from lstmterm import atomic, paths
from lstmterm.errors import InputError, RunError, no_folder
from lstmterm.ui.services import Panel
from lstmterm.ui.widgets.dialogs import Ask, Question

# Lone surrogates that do not stand for a byte, which no file can hold.
_UNENCODABLE = re.compile("[\ud800-\udc7f\udd00-\udfff]")


async def save_file(panel: Panel, question: str, name: str, text: str | Callable[[Path], str]) -> None:
    """Ask where to save `text`, and before a file is replaced; save it, and notify the user.

    `text` may also be what makes it for a path; it may raise `RunError`.
    """
    path = await asked_path(panel.app, question, name)
    if path is None:
        return
    try:
        content = text if isinstance(text, str) else text(path)
        data = _UNENCODABLE.sub("\ufffd", content).encode("utf-8", "surrogateescape")
        atomic.write_bytes(path.resolve(), data, shared=True)
    except (RunError, OSError) as error:
        panel.services.notify(str(error), "error")
    else:
        panel.services.notify(f"Saved to {path}.")


async def asked_path(app: App[Any], question: str, name: str, *, or_folder: bool = False) -> Path | None:
    """The path of a file to write, asked for; None after escape.

    It is confirmed if the file exists. `name` is offered; with `or_folder` also a folder for it can be named.
    """
    name = Path(name).name
    answer: str | None = name
    while True:
        check = functools.partial(check_file, or_folder=or_folder)
        answer = await app.push_screen_wait(Ask(question, answer, check))
        if not answer:
            return None
        path = paths.expanded(answer).absolute()
        if path.is_dir():
            path /= name
        replace = Question(f"{path} exists. Replace it?", "Replace", "Another name")
        if not path.exists() or await app.push_screen_wait(replace):
            return path


def check_file(answer: str, *, or_folder: bool = False) -> None:
    """Raise `InputError` unless `answer` can be the path of a file, a new one or one to replace."""
    path = paths.expanded(answer)
    if or_folder and answer.strip() and path.is_dir():
        return
    if not answer.strip() or path.is_dir():
        raise InputError("Type a file name.")
    if not path.absolute().parent.is_dir():
        raise no_folder(path.absolute().parent)
    if path.exists() and not path.is_file():
        raise InputError("This is not a regular file and cannot be replaced. Choose another name.")
