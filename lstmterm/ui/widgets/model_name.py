"""Asking for the name of a new model."""

from textual.app import App

from lstmterm.models import library
from lstmterm.runs import storage
from lstmterm.ui.widgets.dialogs import Ask, hide_question


async def ask_model_name(app: App[None], question: str, suggested: str, old: str = "") -> str | None:
    """Ask for another name than `old`, and whether to hide a shipped model of that name; None for no name."""

    def check(name: str) -> None:
        if name != old:
            library.refuse_replacing(name)
            storage.refuse_running(name)

    name = await app.push_screen_wait(Ask(question, suggested, check))
    if not name or name == old:
        return None
    if library.is_shipped(name) and not await app.push_screen_wait(hide_question(name)):
        return None
    return name
