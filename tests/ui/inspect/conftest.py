"""What the tests of the Inspect tab do on the screen."""

from typing import TypeVar

from textual.pilot import Pilot
from textual.widget import Widget

from lstmterm.ui.inspect.panel import InspectPanel
from lstmterm.ui.inspect.reading import Source
from lstmterm.ui.inspect.units_view import UnitsView
from lstmterm.ui.inspect.view import View
from lstmterm.ui.widgets.plain import Line
from tests.ui.conftest import idle, settle, until

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


async def open_units(pilot: Pilot[None], text: str) -> UnitsView:
    """The Units page once all is known of the units in a text."""
    page = await open_page(pilot, "f9", UnitsView, text)
    await units_known(pilot, page)
    return page


async def units_known(pilot: Pilot[None], page: UnitsView) -> None:
    """Wait until all is known of the units."""
    await until(pilot, lambda: not page.busy and page.facts and page.facts.ranking and page.facts.saturation)
    await idle(pilot)


def said(page: Widget, card: type[Widget]) -> str:
    """What stands on a card or in a table of a page."""
    return str(page.query_one(card).query_one(Line).content)
