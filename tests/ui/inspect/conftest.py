"""What the tests of the Inspect tab do on the screen."""

from typing import TypeVar

from textual.pilot import Pilot

from lstmterm.ui.inspect.panel import InspectPanel
from lstmterm.ui.inspect.reading import Source
from lstmterm.ui.inspect.view import View
from tests.ui.conftest import settle, until

Page = TypeVar("Page", bound=View)


async def open_tab(pilot: Pilot[None]) -> InspectPanel:
    """The tab."""
    await settle(pilot)
    await pilot.press("f5")
    await until(pilot, lambda: pilot.app.query(InspectPanel))
    return pilot.app.query_one(InspectPanel)


async def open_page(pilot: Pilot[None], key: str, page: type[Page], text: str = "") -> Page:
    """A page of the tab with the model's own text or another one, which is read, but not looked at yet."""
    panel = await open_tab(pilot)
    if text:
        panel.open_source(Source("typed", text))
    await until(pilot, lambda: panel.reading and (not text or panel.reading.text == text))
    await pilot.press(key)
    await until(pilot, lambda: pilot.app.query(page))
    return pilot.app.query_one(page)
