"""The line on top: the name, the tabs, and what is being trained."""

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Label, Static, Tab, Tabs

from lstmterm.ui.run_store import RunStore
from lstmterm.ui.tabs import TABS
from lstmterm.visible import shorten


class TopBar(Horizontal):
    """One line high; its tabs can be clicked, and walked through with the arrow keys."""

    def compose(self) -> ComposeResult:
        yield Label("lstmterm", id="brand")
        yield Tabs(*(Tab(Content(tab.title), id=tab.id) for tab in TABS), id="tabs")
        yield Static(id="running")

    def on_mount(self) -> None:
        keys = {tab.id: f"{tab.sentence} ({tab.key.upper()})" for tab in TABS}
        for tab in self.query(Tab):
            tab.tooltip = Content(keys[tab.id or ""])

    def show(self, store: RunStore) -> None:
        """Say what is being trained now."""
        running = store.running
        told = Content("")
        if running:
            row = running[0]
            more = f" +{len(running) - 1}" if len(running) > 1 else ""
            told = Content.assemble(
                ("● ", "$success"), (shorten(row.name, 20), ""), (f" {store.share(row):.0%}{more}", "bold")
            )
        self.query_one("#running", Static).update(told)
