"""Saving a text to a file whose name is asked for."""

from pathlib import Path

from textual.app import App

from lstmterm import atomic
from lstmterm.errors import InputError
from lstmterm.ui.widgets.dialogs import Ask


async def save_file(app: App, question: str, name: str, text: str) -> Path | None:
    """Ask where to save `text`, and save it; the file's path, or None if it was cancelled.

    Raises `InputError` if the file cannot be written.
    """
    answer = await app.push_screen_wait(Ask(question, Path(name).name, check_new_file))
    if not answer:
        return None
    path = Path(answer).expanduser().absolute()
    try:
        atomic.write_bytes(path, text.encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}.") from None
    return path


def check_new_file(answer: str) -> None:
    """Raise `InputError` unless `answer` can be the path of a new file."""
    path = Path(answer).expanduser()
    if not answer.strip() or path.is_dir():
        raise InputError("Name a file.")
    if not path.absolute().parent.is_dir():
        raise InputError(f"There is no folder {path.absolute().parent}.")
    if path.exists():
        raise InputError("This file exists and would be replaced. Choose another name.")
