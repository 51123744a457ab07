"""Panels that are made when they are first shown."""

import asyncio

from textual.app import App, ComposeResult

from lstmterm.ui.services import Panel, Services
from lstmterm.ui.widgets.pages import Page, Pages
from tests.ui.widgets.alone import OpensNothing


class First(Panel):
    pass


class Second(Panel):
    async def on_mount(self) -> None:
        await asyncio.sleep(0.1)  # as on a busy machine


PAGES = [Page(name.lower(), name, "f2", "", f"{__name__}:{name}") for name in ("First", "Second")]


class Both(App[None], OpensNothing):
    def compose(self) -> ComposeResult:
        yield Pages(PAGES, Services(self, self), id="pages")


async def test_a_page_is_made_once_when_it_is_first_shown() -> None:
    app = Both()
    async with app.run_test():
        pages = app.query_one(Pages)
        assert isinstance(pages.panel, First)
        assert [type(child) for child in pages.children] == [First]
        second = await pages.show("second")
        assert isinstance(second, Second)
        assert second.display
        assert not pages.children[0].display
        assert await pages.show("first") is pages.children[0]
        assert await pages.show("second") is second


async def test_a_page_that_is_asked_for_twice_at_once_is_mounted_for_both() -> None:
    app = Both()
    async with app.run_test():
        pages = app.query_one(Pages)

        async def mounted() -> bool:
            return (await pages.show("second")).is_mounted

        assert await asyncio.gather(mounted(), mounted()) == [True, True]
