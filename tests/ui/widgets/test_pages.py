"""Panels that are made when they are first shown."""

from textual.app import App, ComposeResult

from lstmterm.ui.services import Panel, Services
from lstmterm.ui.widgets.pages import Page, Pages


class First(Panel):
    pass


class Second(Panel):
    pass


PAGES = [Page(name.lower(), name, "f2", "", f"{__name__}:{name}") for name in ("First", "Second")]


class Both(App[None]):
    async def open_model(self, name: str) -> None: ...

    async def inspect_model(self, name: str, text: str = "") -> None: ...

    async def open_run(self, run: str) -> None: ...

    async def open_text(self, corpus: str) -> None: ...

    async def start_from(self, model: str) -> None: ...

    async def open_draft(self, name: str, stretch: int | None = None) -> None: ...

    def rename_draft(self, name: str, new: str) -> None: ...

    def remove_draft(self, name: str) -> None: ...

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
