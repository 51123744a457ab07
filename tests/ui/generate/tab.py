"""The Generate tab in a screen, for its tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.message import Message
from textual.pilot import Pilot

from lstmterm.ui.app import LstmTerm
from lstmterm.ui.generate.panel import GeneratePanel
from lstmterm.ui.generate.writer import TextWritten, WritingEnded
from tests.ui.conftest import idle, keep_model, make_app, until


@asynccontextmanager
async def generating(
    size: tuple[int, int] = (80, 24), *, model: str | None = "tiny", **fields: str
) -> AsyncIterator[tuple[LstmTerm, Pilot[None], GeneratePanel]]:
    """A screen of `size` that shows the tab, with a model of this name, and these values in its fields."""
    if model is not None:
        keep_model(model)
    app = make_app()
    async with app.run_test(size=size) as pilot:
        yield app, pilot, await opened(app, pilot, **fields)


async def opened(app: LstmTerm, pilot, **fields: str) -> GeneratePanel:
    """The tab with its model read and its fields set."""
    await pilot.press("f3")
    await until(pilot, lambda: app.query("#generate #prompt") and app.query("#generate #seed"))
    panel = app.query_one(GeneratePanel)
    for name, value in ({"speed": "full", "length": "60"} | fields).items():
        panel.form.field(name).value = value
    await idle(pilot)
    return panel


async def wrote(app: LstmTerm, pilot, panel: GeneratePanel) -> None:
    """Wait until nothing is being written."""
    await pilot.pause(0.05)
    await until(pilot, lambda: not panel.busy)
    await idle(pilot)


def text(panel: GeneratePanel, page: int = 0) -> str:
    return panel.pages[page].text.text


async def streaming(pilot, panel: GeneratePanel, prompt: str = "The") -> list[Message]:
    """Start a text without an end; returns the list of what its writer posts from now on."""
    posted: list[Message] = []
    writer, post = panel.pages[0].writer, panel.pages[0].writer._post

    def record(message: Message) -> object:
        posted.append(message)
        return post(message)

    writer._post = record
    panel.form.field("length").value = ""
    await pilot.press(*prompt, "enter")
    await until(pilot, lambda: len(text(panel)) > 200)
    return posted


def texts(posted: list[Message]) -> list[str]:
    """The texts that were written, in order."""
    pieces = [""]
    for message in posted:
        if isinstance(message, TextWritten):
            pieces[-1] += message.text
        if isinstance(message, WritingEnded):
            pieces.append("")
    return pieces[:-1]
