"""A tab's panel with pages: a button and a key for each, and a part of the help."""

from collections.abc import Sequence

from textual import on
from textual.binding import Binding
from textual.events import Resize

from lstmterm.ui.services import Panel
from lstmterm.ui.widgets.keys import key
from lstmterm.ui.widgets.page_buttons import PageButtons, page_action
from lstmterm.ui.widgets.pages import Page, Pages


def page_keys(pages: Sequence[Page], tab: str) -> list[Binding]:
    """The keys that show the pages of a tab; `page_action` names them in the settings."""
    return [
        key(
            page.key,
            f"page('{page.id}')",
            page.sentence,
            page_action(tab, page),
            page.sentence,
            show=False,
        )
        for page in pages
    ]


def about_pages(pages: Sequence[Page], tab: str) -> str:
    """The help about pages, a paragraph for each."""
    return "\n\n".join(
        f"{page.title} ({{{page_action(tab, page)}:{page.key}}}): {page.about}" for page in pages
    )


class PagedPanel(Panel):
    """It composes `PageButtons` and `Pages`, and binds the `page_keys`."""

    def on_resize(self, event: Resize) -> None:
        self.query_one(PageButtons).fit(event.size.width)

    @property
    def page(self) -> Panel:
        """The page that is shown."""
        return self.query_one(Pages).panel

    async def show_page(self, page: str) -> None:
        """Show a page, by its id."""
        left = self.page
        await self.query_one(Pages).show(page)
        self.query_one(PageButtons).mark(page)
        self.page_shown(left)
        self.call_after_refresh(self.focus_first)
        self.refresh_bindings()

    def page_shown(self, left: Panel) -> None:
        """Another page is shown than the one that was `left`, or the same again."""

    async def action_page(self, page: str) -> None:
        await self.show_page(page)

    @on(PageButtons.Chosen)
    async def _page_chosen(self, event: PageButtons.Chosen) -> None:
        event.stop()
        await self.show_page(event.page)
