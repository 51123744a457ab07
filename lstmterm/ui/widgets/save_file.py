"""Saving a text to a file whose name is asked for."""

from pathlib import Path

from lstmterm import atomic, paths
from lstmterm.errors import InputError
from lstmterm.ui.services import Panel
from lstmterm.ui.widgets.dialogs import Ask


async def save_file(panel: Panel, question: str, name: str, text: str) -> None:
    """Ask where to save `text`, save it, and notify the user."""
    answer = await panel.app.push_screen_wait(Ask(question, Path(name).name, check_new_file))
    if not answer:
        return
    path = paths.expanded(answer).absolute()
    try:
        atomic.write_bytes(path, text.encode("utf-8", "surrogateescape"), shared=True)
    except OSError as error:
        panel.services.notify(str(error), "error")
    else:
        panel.services.notify(f"Saved to {path}.")


def check_new_file(answer: str) -> None:
    """Raise `InputError` unless `answer` can be the path of a new file."""
    path = paths.expanded(answer)
    if not answer.strip() or path.is_dir():
        raise InputError("Name a file.")
    if not path.absolute().parent.is_dir():
        raise InputError(f"There is no folder {path.absolute().parent}.")
    if path.exists():
        raise InputError("This file exists and would be replaced. Choose another name.")
