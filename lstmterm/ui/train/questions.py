"""What the user is asked before a run starts, or continues after its end."""

from dataclasses import replace

from textual.app import App

from lstmterm.errors import InputError
from lstmterm.planning.length import Length
from lstmterm.planning.request import TrainRequest
from lstmterm.ui.widgets.dialogs import Ask, Question, hide_question

STARTING = "A run is starting. Wait until it trains, or stop it, to start another."


async def agreed(
    app: App[None], request: TrainRequest, name: str, running: str | None
) -> TrainRequest | None:
    """The request of a model `name` as the user agrees to it, or None; `running` is a run that trains now."""
    from lstmterm.models import library

    if running is not None:
        beside = f"{running} is training. Start another run beside it? Both will take longer."
        if not await app.push_screen_wait(Question(beside, "Start", "Cancel", danger=False)):
            return None
    if library.is_taken(name):
        about = f"There is a model named {name} already. Replace it when the new one is better trained?"
        question = Question(about, "Replace", "Cancel")
    elif library.is_shipped(name):
        question = hide_question(name)
    else:
        return request
    return replace(request, overwrite=True) if await app.push_screen_wait(question) else None


async def minutes_longer(app: App[None], name: str) -> str | None:
    """For how many minutes a finished run is trained on, as `--minutes` takes it; None for not at all."""

    def check(answer: str) -> None:
        if Length.parse(answer).unit != "minutes":
            raise InputError("Give a time, such as 2 minutes.")

    answer = await app.push_screen_wait(Ask(f"Train {name} for how much longer?", "1 minute", check))
    return f"{Length.parse(answer).amount:g}" if answer else None
