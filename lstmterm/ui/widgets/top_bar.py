"""The line at the top: the name, the tabs, and the run in progress."""

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.events import Resize
from textual.widgets import Label, Tab, Tabs

from lstmterm.ui.services import Services
from lstmterm.ui.tabs import TABS
from lstmterm.ui.widgets.plain import Line
from lstmterm.visible import shorten

_BRAND = "lstmterm"
_AROUND_TITLE = 3  # columns around a tab's title, as in the style sheet
_SHORTEST_NAME, _LONGEST_NAME = 5, 20  # of a run


class TopBar(Horizontal):
    """One line high; its tabs can be clicked, and walked through with the arrow keys.

    The tabs come first. Where they leave no room, the name of the run is shortened, then left out; then the
    brand is hidden and the tabs stand closer (the class -narrow).
    """

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(id=id)
        self.services = services

    def compose(self) -> ComposeResult:
        yield Label(_BRAND, id="brand")
        yield Tabs(*(Tab(Content(tab.title), id=f"tab-{tab.id}") for tab in TABS), id="tabs")
        yield Line(id="running", grows=True)

    def on_mount(self) -> None:
        for place in TABS:
            self.query_one(f"#tab-{place.id}").tooltip = Content(f"{place.sentence} ({place.key.upper()})")

        self.services.runs_listed.subscribe(self, lambda _: self._show())
        self.set_interval(1.0, self._show)

    def on_resize(self, event: Resize) -> None:
        self._show()

    def _show(self) -> None:
        """Show the newest active run, and how many more there are."""
        store = self.services.runs
        running = store.running
        share = f"● {store.share(running[0]):.0%}" if running else ""
        more = f" +{len(running) - 1}" if len(running) > 1 else ""
        around = len(f"{_BRAND}  {share}{more}") + sum(cell_len(tab.title) + _AROUND_TITLE for tab in TABS)
        room = self.content_size.width - around
        self.set_class(room < 0, "-narrow")
        name = shorten(running[0].name, min(room - 1, _LONGEST_NAME)) if running else ""
        parts = [("● ", "$success"), f"{name} " if room > _SHORTEST_NAME else "", (share[2:], "bold")]
        text = Content.assemble(*parts, ("" if room < 0 else more, "bold")) if running else Content("")
        self.query_one("#running", Line).set_text(text)
