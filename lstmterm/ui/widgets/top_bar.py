"""The line at the top: the name, the tabs, and the run in progress."""

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.events import Resize
from textual.widgets import Label, Tab, Tabs

from lstmterm.ui.services import Services
from lstmterm.ui.tabs import TABS
from lstmterm.ui.widgets.keys import key
from lstmterm.ui.widgets.pages import Page, Pages
from lstmterm.ui.widgets.plain import Line
from lstmterm.visible import shorten_middle

_BRAND = "lstmterm"
_AROUND_TITLE, _AROUND_TITLE_NARROW = 3, 1  # columns around a tab's title, as in the style sheet
_SHORTEST_NAME, _LONGEST_NAME = 5, 20  # of a run


class TabsLine(Tabs):
    """The tabs; the arrow keys show other tabs without leaving the line."""

    BINDINGS = [
        key("left", "previous_tab", "Left", "tabs.left", "The tab on the left"),
        key("right", "next_tab", "Right", "tabs.right", "The tab on the right"),
        key("down,enter", "enter", "Into the tab", "tabs.enter", "Go to the tab's first field"),
    ]

    def action_enter(self) -> None:
        self.screen.query_one("#panels", Pages).panel.focus_first()


class RunningLine(Line):
    """The newest active run; a click shows it."""

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(id=id, grows=True)
        self.services = services
        self.tooltip = "Show this run"

    def on_click(self) -> None:
        if running := self.services.runs.running:
            self.app.run_worker(self.services.opener.open_run(running[0].id))


class TopBar(Horizontal):
    """One line high; its tabs can be clicked, and walked through with the arrow keys.

    The tabs and their keys come first. Where they leave no room, the brand is hidden and the tabs stand closer
    (the class -narrow); then the name of the run is shortened, then left out, then the keys are, and the run.
    """

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(id=id)
        self.services = services

    def compose(self) -> ComposeResult:
        yield Label(_BRAND, id="brand")
        yield TabsLine(*(Tab(Content(tab.title), id=f"tab-{tab.id}") for tab in TABS), id="tabs")
        yield RunningLine(self.services, id="running")

    def on_mount(self) -> None:
        for place in TABS:
            self._tab(place).tooltip = Content(f"{place.sentence} ({self._key(place)})")
        self.services.runs_listed.subscribe(self, lambda _: self._show())
        self.set_interval(1.0, self._show)

    def _tab(self, place: Page) -> Tab:
        return self.query_one(f"#tab-{place.id}", Tab)

    def _key(self, place: Page) -> str:
        """The key of a tab as it is drawn: that of the settings, else the usual one."""
        return self.services.shown_key(f"tab.{place.id}", place.key)

    def _label(self, place: Page, with_key: bool) -> Content:
        return (
            Content.assemble(place.title, " ", (self._key(place), "$accent"))
            if with_key
            else Content(place.title)
        )

    def _width(self, around: int, with_keys: bool = True) -> int:
        """Columns that the tabs take."""
        return sum(self._label(place, with_keys).cell_length + around for place in TABS)

    def on_resize(self, event: Resize) -> None:
        self._show()

    def _show(self) -> None:
        """Show the tabs, the newest active run, and how many more there are."""
        store = self.services.runs
        running = store.running
        share = f"● {store.share(running[0]):.0%}" if running else ""
        more = f" +{len(running) - 1}" if len(running) > 1 else ""
        columns, wanted = self.content_size.width, _SHORTEST_NAME + 1 if running else 0
        narrow = self._width(_AROUND_TITLE) + len(f"{_BRAND}  {share}{more}") + wanted > columns
        with_keys = self._width(_AROUND_TITLE_NARROW) + cell_len(share) <= columns
        around = _AROUND_TITLE_NARROW if narrow else _AROUND_TITLE
        room = (
            columns - self._width(around, with_keys) - len(share + more) - (0 if narrow else len(_BRAND) + 2)
        )
        self.set_class(narrow, "-narrow")
        for place in TABS:
            label = self._label(place, with_keys)
            if (tab := self._tab(place)).label != label:
                tab.label = label
        name = shorten_middle(running[0].name, min(room - 1, _LONGEST_NAME)) if running else ""
        parts = [("● ", "$success"), f"{name} " if room > _SHORTEST_NAME else "", (share[2:], "bold")]
        shown = running and room + len(more) >= 0
        text = Content.assemble(*parts, ("" if room < 0 else more, "bold")) if shown else Content("")
        self.query_one("#running", Line).set_text(text)
