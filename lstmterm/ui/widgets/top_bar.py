"""The line at the top: the name, the tabs, and the run in progress."""

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Label, Tab, Tabs

from lstmterm.ui.services import Services
from lstmterm.ui.tabs import TABS
from lstmterm.ui.widgets.plain import Line
from lstmterm.visible import shorten


class TopBar(Horizontal):
    """One line high; its tabs can be clicked, and walked through with the arrow keys."""

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(id=id)
        self.services = services

    def compose(self) -> ComposeResult:
        yield Label("lstmterm", id="brand")
        yield Tabs(*(Tab(Content(tab.title), id=f"tab-{tab.id}") for tab in TABS), id="tabs")
        yield Line(id="running", grows=True)

    def on_mount(self) -> None:
        for place in TABS:
            self.query_one(f"#tab-{place.id}").tooltip = Content(f"{place.sentence} ({place.key.upper()})")

        self.services.runs_listed.subscribe(self, lambda _: self._show())
        self.set_interval(1.0, self._show)

    def _show(self) -> None:
        """Show the newest active run, and how many more there are."""
        store = self.services.runs
        running = store.running
        text = Content("")
        if running:
            row = running[0]
            more = f" +{len(running) - 1}" if len(running) > 1 else ""
            text = Content.assemble(
                ("● ", "$success"), (shorten(row.name, 20), ""), (f" {store.share(row):.0%}{more}", "bold")
            )
        self.query_one("#running", Line).set_text(text)
