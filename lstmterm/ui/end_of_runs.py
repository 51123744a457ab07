"""What happens when a run ends, as the palette sets it: the bell, a notification, a command of the user's."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from textual.app import App, SystemCommand

from lstmterm.ui.services import Services

_QUESTION = (
    "Which command should run when a run ends? Leave it empty for none.\n\n"
    "It is not read by a shell. LSTMTERM_NAME, LSTMTERM_STATE, LSTMTERM_VAL_LOSS and more are in its environment."
)


def commands(app: App[None], services: Services) -> Iterator[SystemCommand]:
    """The entries of the palette; each saves its choice in the settings."""
    for setting, does, sentence in (
        ("bell", ("Ring the bell", "Do not ring the bell"), "Saved in the settings"),
        ("notify", ("Show a notification", "Show no notification"), "The terminal's own, where it has one"),
    ):
        is_on = bool(getattr(services.settings, setting))
        toggle = partial(_set, services, f"{does[is_on]} when a run ends", **{setting: not is_on})
        yield SystemCommand(f"{does[is_on]} when a run ends", sentence, toggle)
    yield SystemCommand(
        "Command to run when a run ends",
        "It gets the results of the run in environment variables",
        lambda: app.run_worker(_ask(app, services)),
    )


def _set(services: Services, what: str, **change: bool) -> None:
    services.change_settings(replace(services.settings, **change))
    services.notify(f"Saved: {what[0].lower()}{what[1:]}.")


async def _ask(app: App[None], services: Services) -> None:
    """Ask for the command; it is checked while it is typed."""
    from lstmterm.runs.on_end import words
    from lstmterm.ui.widgets.dialogs import Ask

    answer = await app.push_screen_wait(Ask(_QUESTION, services.settings.on_end, words))
    if answer is None or answer.strip() == services.settings.on_end:
        return
    services.change_settings(replace(services.settings, on_end=answer.strip()))
    does = "start it when they end" if answer.strip() else "start no command when they end"
    services.notify(f"Runs that begin from now on {does}.")
