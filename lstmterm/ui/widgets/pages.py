"""Panels of which one is shown at a time; each is imported and made when it is first shown."""

import asyncio
import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass

from textual.widgets import ContentSwitcher

from lstmterm.ui.garbage import garbage
from lstmterm.ui.services import Panel, Services


@dataclass(frozen=True)
class Page:
    """A panel: its id, its name and key, what it is for, its class as `module:name`, and what the help says."""

    id: str
    title: str
    key: str
    sentence: str
    panel: str
    about: str = ""

    def make(self, services: Services) -> Panel:
        """Import and make the panel."""
        return pkgutil.resolve_name(self.panel)(services, id=self.id)


class Pages(ContentSwitcher):
    """Shows the first page until another one is asked for."""

    def __init__(self, pages: Sequence[Page], services: Services, *, id: str) -> None:
        super().__init__(pages[0].make(services), id=id, initial=pages[0].id)
        self._pages = {page.id: page for page in pages}
        self._services = services
        self._making = asyncio.Lock()  # so that nobody is given a panel that is not mounted yet

    @property
    def panel(self) -> Panel:
        """The panel that is shown."""
        return self.get_child_by_id(self.current or next(iter(self._pages)), Panel)

    async def show(self, page: str) -> Panel:
        """Show a page, by its id."""
        async with self._making:
            if not self.query_children(f"#{page}"):
                panel = self._pages[page].make(self._services)
                panel.display = False
                await self.mount(panel)
                self.call_after_refresh(garbage.leave_out)
        self.current = page
        return self.panel
