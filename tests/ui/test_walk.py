"""A walk with the keyboard and with the mouse over everything that can have the focus or be pressed."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Button, Input, TextArea

from lstmterm.ui.commands import ActionCommands
from lstmterm.ui.generate.panel import GeneratePanel
from lstmterm.ui.tabs import TABS
from lstmterm.ui.widgets.coloured_text import ColouredText
from lstmterm.ui.widgets.explained import Explained
from lstmterm.ui.widgets.keys_line import KeysLine
from tests.ui.conftest import idle, keep_model, make_app, settle, until
from tests.ui.tagger_models import WORDS, keep_tagger
from tests.ui.textual_private import notices, own_keys

SIZES = ((120, 36), (80, 24), (60, 20))
PAGES = {"tagger": ("f8", "f9"), "inspect": ("f8", "f9")}  # keys of the pages after the first
_ROUNDS = 500  # of messages, in which a key moves the focus if it does
each_size = pytest.mark.parametrize("size", SIZES, ids=[f"{width}x{height}" for width, height in SIZES])


@pytest.fixture(autouse=True)
def library(recorded: None) -> None:
    """Something to see in every tab."""
    keep_model("bard")
    keep_tagger("english-upos", WORDS)


async def places(pilot: Pilot[None]) -> AsyncIterator[str]:
    """Show every tab and every page of it."""
    app: Any = pilot.app
    await settle(pilot, 1)
    for tab in TABS:
        await app.show_tab(tab.id)
        await settle(pilot, 1)
        yield tab.id
        for key in PAGES.get(tab.id, ()):
            await pilot.press(key)
            await settle(pilot, 1)
            yield f"{tab.id} {key}"


async def focused(pilot: Pilot[None]) -> AsyncIterator[Widget]:
    """Go with Tab to everything that can have the focus."""
    seen: list[Widget] = []
    while (widget := pilot.app.focused) is not None and widget not in seen:
        seen.append(widget)
        yield widget
        # `press` waits until the process is idle, which took most of a walk's time.
        pilot.app.simulate_key("tab")
        for _ in range(_ROUNDS):
            await asyncio.sleep(0)
            if pilot.app.focused is not widget:
                await pilot.pause(0)
                break
        else:
            await pilot.pause()
    assert seen


def in_sight(app: Any, widget: Widget) -> bool:
    """Whether the screen shows a part of a widget."""
    return widget.region.overlaps(app.screen.region)


def says(app: Any, widget: Widget) -> bool:
    """Whether the panel or the key line says what can be done with a widget."""
    if isinstance(widget, Input | TextArea) and widget.placeholder:
        return True
    if any(said.region.area and str(said.content) for said in app.screen.query(Explained)):
        return True
    if any(key.binding in own_keys(widget) for key in app.query_one(KeysLine).keys):
        return True
    return isinstance(widget, ColouredText) or widget.allow_vertical_scroll or widget.id == "card"


@each_size
async def test_everything_with_the_focus_is_in_sight_and_does_something_that_is_said(
    size: tuple[int, int],
) -> None:
    app = make_app()
    async with app.run_test(size=size) as pilot:
        async for place in places(pilot):
            async for widget in focused(pilot):
                assert own_keys(widget), f"{place}: {widget}"
                if not (in_sight(app, widget) and says(app, widget)):
                    await until(pilot, lambda widget=widget: in_sight(app, widget) and says(app, widget))


async def test_every_action_of_a_tab_is_found_from_everything_with_the_focus() -> None:
    wanted = {
        "train": {
            "zoom": "Loss: Zoom in",
            "export": "Loss: Export",
            "compare": "Runs: Compare",
            "start": "Start",
        },
        "generate": {"compare": "Compare", "adapt": "Adapt", "branches": "Branches", "talk": "Talk"},
        "tagger": {"tagger": "Tagger", "save": "Save"},
        "inspect": {"adapt": "Adapt", "notes": "Notes"},
        "library": {"export": "Export", "compare": "Compare", "rename": "Rename", "find": "Find"},
    }
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        async for place in places(pilot):
            if place not in wanted:
                continue
            async for widget in focused(pilot):
                provider = ActionCommands(app.screen)
                await provider.startup()
                for typed, name in wanted[place].items():
                    found = [hit.text async for hit in provider.search(typed)]
                    assert name in found, f"{typed} in {place} at {widget}"


@pytest.mark.parametrize("size", SIZES[:2], ids=["120x36", "80x24"])
async def test_a_click_on_a_button_does_something(
    size: tuple[int, int], launched: list[tuple[list[str], str]]
) -> None:
    """Something else is shown: a dialog, a page, a notice; or a run starts."""
    app = make_app()
    async with app.run_test(size=size) as pilot:
        async for place in places(pilot):
            for button in list(app.screen.query(Button)):
                if not (button.region.area and app.screen.region.contains_region(button.region)):
                    continue
                if button.disabled or button.has_class("-current"):
                    continue
                before = state(app, launched)
                assert await pilot.click(button), f"{place}: {button}"
                await until(pilot, lambda before=before: state(app, launched) != before)
                while len(app.screen_stack) > 1:
                    await pilot.press("escape")
                    await idle(pilot)
                if place.split()[1:]:
                    await pilot.press(place.split()[1])
                elif button.id and button.id.startswith("page-"):
                    await pilot.press("f7")
                await idle(pilot)


def state(app: Any, launched: list[tuple[list[str], str]]) -> object:
    """What a button may change."""
    shown = [child.id for pages in app.query("Pages") for child in pages.children if child.display]
    return len(app.screen_stack), shown, len(notices(app)), len(launched)


async def test_page_keys_scroll_the_text_from_every_field_of_generate() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await app.show_tab("generate")
        await idle(pilot)
        page = app.query_one(GeneratePanel).pages[0]
        page.add("a tide rises\n" * 200)
        await until(pilot, lambda: page.text.max_scroll_y and page.text.scroll_y == page.text.max_scroll_y)
        async for widget in focused(pilot):
            if widget.id == "tabs" or widget is page.text:
                continue
            before = page.text.scroll_y
            await pilot.press("pageup")
            await until(pilot, lambda before=before: page.text.scroll_y < before)
            await pilot.press("pagedown")
            await until(pilot, lambda before=before: page.text.scroll_y == before)
