"""Saving a text to a file whose name is asked for."""

import re
from pathlib import Path

from lstmterm import atomic, paths
from lstmterm.errors import InputError
from lstmterm.ui.services import Panel
from lstmterm.ui.widgets.dialogs import Ask, Question

# Lone surrogates that do not stand for a byte, which no file can hold.
_UNENCODABLE = re.compile("[\ud800-\udc7f\udd00-\udfff]")


async def save_file(panel: Panel, question: str, name: str, text: str) -> None:
    """Ask where to save `text`, and before a file is replaced; save it, and notify the user."""
    answer: str | None = Path(name).name
    while True:
        answer = await panel.app.push_screen_wait(Ask(question, answer, check_file))
        if not answer:
            return
        path = paths.expanded(answer).absolute()
        if not path.exists() or await panel.app.push_screen_wait(_replace_question(path)):
            break
    data = _UNENCODABLE.sub("\ufffd", text).encode("utf-8", "surrogateescape")
    try:
        atomic.write_bytes(path.resolve(), data, shared=True)
    except OSError as error:
        panel.services.notify(str(error), "error")
    else:
        panel.services.notify(f"Saved to {path}.")


def _replace_question(path: Path) -> Question:
    return Question(f"{path} exists. Replace it?", "Replace", "Another name")


def check_file(answer: str) -> None:
    """Raise `InputError` unless `answer` can be the path of a file, a new one or one to replace."""
    path = paths.expanded(answer)
    if not answer.strip() or path.is_dir():
        raise InputError("Name a file.")
    if not path.absolute().parent.is_dir():
        raise InputError(f"There is no folder {path.absolute().parent}.")
    if path.exists() and not path.is_file():
        raise InputError("This is a device or the like and cannot be replaced. Choose another name.")
