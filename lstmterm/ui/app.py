"""The screen: its tabs, keys and palette, and the runs that all of its panels follow.

The application is thin: it owns the store of runs and the thread that follows them, passes their
news on as signals, and keeps the settings. What a tab does is its panel's.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import ClassVar

from textual import work
from textual.app import App, ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.css.query import NoMatches
from textual.dom import DOMNode
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.signal import Signal
from textual.theme import Theme
from textual.widgets import ContentSwitcher, Tabs

from lstmterm import paths
from lstmterm import settings as stored
from lstmterm.errors import InputError
from lstmterm.settings import Settings
from lstmterm.ui.commands import ActionCommands, LibraryCommands
from lstmterm.ui.following import Follower, JournalRead, RunsListed
from lstmterm.ui.run_store import RunStore
from lstmterm.ui.tabs import TABS
from lstmterm.ui.themes import DARK, LIGHT
from lstmterm.ui.widgets.keys_line import KeysLine
from lstmterm.ui.widgets.top_bar import TopBar
from lstmterm.visible import visible, visible_lines


class LstmTerm(App[None]):
    """The whole screen."""

    TITLE = "lstmterm"
    CSS_PATH: ClassVar = [
        "app.tcss",
        "train/panel.tcss",
        "generate/panel.tcss",
        "tagger/panel.tcss",
        "library/panel.tcss",
    ]
    COMMANDS: ClassVar = App.COMMANDS | {ActionCommands, LibraryCommands}
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(t.key, f"tab('{t.id}')", t.title, show=False, id=f"tab.{t.id}", tooltip=t.sentence)
            for t in TABS
        ),
        Binding(
            "ctrl+pageup",
            "next_tab(-1)",
            "Tab before",
            show=False,
            id="tab.before",
            tooltip="The tab to the left",
        ),
        Binding(
            "ctrl+pagedown",
            "next_tab(1)",
            "Tab after",
            show=False,
            id="tab.after",
            tooltip="The tab to the right",
        ),
        Binding(
            "f1", "help", "Help", id="help", tooltip="What this screen does, and its keys", priority=True
        ),
        Binding(
            "ctrl+p",
            "command_palette",
            "Palette",
            show=False,
            id="palette",
            tooltip="Find any action, model, run or text",
            priority=True,
        ),
        Binding(
            "ctrl+q",
            "quit",
            "Quit",
            id="quit",
            tooltip="Close the screen; what is being trained goes on",
            priority=True,
        ),
    ]

    def __init__(self, *, clock: Callable[[], float] = time.time, follow: bool = True) -> None:
        super().__init__()
        self.clock = clock
        self.store = RunStore()
        self.settings = Settings()
        self.settings_error = ""
        self.follower = Follower(self)
        self._follow = follow
        self.runs_listed: Signal[RunsListed] = Signal(self, "runs listed")
        self.journal_read: Signal[JournalRead] = Signal(self, "journal read")
        for theme in (DARK, LIGHT):
            self.register_theme(theme)
        self._load_settings()

    def _load_settings(self) -> None:
        try:
            self.settings = stored.load()
        except InputError as error:
            self.settings_error = str(error)
        known = self.settings.theme in self.available_themes
        self.theme = self.settings.theme if known else DARK.name
        if not known:
            self.settings_error = (
                f"There is no theme {self.settings.theme!r}; the palette lists those that there are."
            )
        self.set_keymap(self.settings.keys)

    def compose(self) -> ComposeResult:
        yield TopBar(id="top")
        with ContentSwitcher(initial=TABS[0].id, id="panels"):
            yield TABS[0].make()
        yield KeysLine(id="keys")

    def on_mount(self) -> None:
        if self._follow:
            self.run_worker(self.follower.run, thread=True, exit_on_error=True, name="following")
        if self.settings_error:
            self.tell(self.settings_error, "warning", seconds=12)
        if self.settings.keys:
            self.set_timer(1, self._check_keys)  # behind the first frame
        self.theme_changed_signal.subscribe(self, self._keep_theme)

    def on_unmount(self) -> None:
        self.follower.end()

    # --- settings -------------------------------------------------------------------------------

    @work(thread=True)
    def _check_keys(self) -> None:
        """Say which of the settings' keys are for actions that there are not."""
        from lstmterm.ui.action_names import unknown_names

        wrong = unknown_names(self.settings.keys)
        if wrong:
            self.call_from_thread(self.tell, wrong, "warning", seconds=12)

    def change_settings(self, settings: Settings) -> None:
        """Keep a setting in the file; say so if it cannot be."""
        if settings == self.settings:
            return
        self.settings = settings
        try:
            stored.save(settings)
        except (InputError, OSError) as error:
            self.tell(str(error), "warning", seconds=12)

    def _keep_theme(self, theme: Theme) -> None:
        self.change_settings(replace(self.settings, theme=theme.name))

    # --- telling --------------------------------------------------------------------------------

    def tell(
        self, message: str, severity: SeverityLevel = "information", *, title: str = "", seconds: float = 5
    ) -> None:
        """A note in the corner, shown as it is."""
        self.notify(
            visible_lines(message),
            title=visible(title),
            severity=severity,
            timeout=seconds,
            markup=False,
        )

    # --- runs -----------------------------------------------------------------------------------

    def on_runs_listed(self, message: RunsListed) -> None:
        ended = self.store.take_rows(message.rows)
        self.runs_listed.publish(message)
        for row in ended:
            self._announce(row.name, row.status, row.reason)

    def _announce(self, name: str, status: str, reason: str) -> None:
        """A run ended while the screen was open."""
        if self.settings.bell:
            self.bell()
        if status == "failed":
            self.tell(reason or "Its log may tell why.", "error", title=f"{name} failed", seconds=10)
        elif status == "finished":
            self.tell("The best model is in the library.", title=f"{name} is done")
        elif status == "interrupted":
            self.tell(
                "It ended without a word; it can be resumed from its last save.",
                "warning",
                title=f"{name} broke off",
                seconds=10,
            )

    def on_journal_read(self, message: JournalRead) -> None:
        self.store.take(message)
        self.journal_read.publish(message)

    # --- tabs -----------------------------------------------------------------------------------

    async def show_tab(self, tab_id: str) -> None:
        """Show a tab; its panel is made when it is first shown."""
        place = next(tab for tab in TABS if tab.id == tab_id)
        switcher = self.query_one("#panels", ContentSwitcher)
        try:
            panel = switcher.get_child_by_id(place.id)
        except NoMatches:
            panel = place.make()
            panel.display = False
            await switcher.mount(panel)
        switcher.current = place.id
        tabs = self.query_one("#tabs", Tabs)
        if tabs.active != f"tab-{place.id}":
            tabs.active = f"tab-{place.id}"
        if not isinstance(self.focused, Tabs):
            self.call_after_refresh(self._focus_first, place.id)
        self.refresh_bindings()

    def _focus_first(self, tab_id: str) -> None:
        panel = self.query_one(f"#{tab_id}")
        focus_first = getattr(panel, "focus_first", None)
        if focus_first is not None:
            focus_first()

    async def open_model(self, name: str) -> None:
        """Write with this model, or tag with it."""
        from lstmterm.models import library, model_file

        try:
            tab = "tagger" if model_file.describe(library.find(name).path).kind == "tagger" else "generate"
        except InputError as error:
            self.tell(str(error), "error")
            return
        await self.show_tab(tab)
        self.query_one(f"#{tab}").open_model(name)  # type: ignore[attr-defined]

    async def open_run(self, run: str) -> None:
        """Show this run."""
        row = self.store.row(run)
        if row is not None and self.store.task(row) == "tagger":
            await self.show_tab("tagger")
            await self.query_one("#tagger").choose(run)  # type: ignore[attr-defined]
        else:
            await self.show_tab("train")
            self.query_one("#train").choose(run)  # type: ignore[attr-defined]

    async def open_text(self, corpus: str) -> None:
        """Choose this text for a new model."""
        await self.show_tab("train")
        self.query_one("#train").choose_source(corpus)  # type: ignore[attr-defined]

    async def on_tabs_tab_activated(self, event: Tabs.TabActivated) -> None:
        chosen = (event.tab.id or "").removeprefix("tab-")
        if chosen and chosen != self.query_one("#panels", ContentSwitcher).current:
            await self.show_tab(chosen)

    async def action_tab(self, tab_id: str) -> None:
        await self.show_tab(tab_id)

    async def action_next_tab(self, by: int) -> None:
        ids = [tab.id for tab in TABS]
        current = self.query_one("#panels", ContentSwitcher).current or ids[0]
        await self.show_tab(ids[(ids.index(current) + by) % len(ids)])

    # --- help, palette, quitting ------------------------------------------------------------------

    def action_help(self) -> None:
        from lstmterm.ui.widgets.help_screen import HelpScreen

        if isinstance(self.screen, HelpScreen):
            self.screen.dismiss()
        else:
            self.push_screen(HelpScreen(self.screen))

    def get_system_commands(self, screen: Screen) -> Iterable[SystemCommand]:
        yield SystemCommand(
            "Theme", "Choose the colours: dark, light, or the terminal's own", self.action_change_theme
        )
        yield SystemCommand(
            "Screenshot", "Save what is on the screen as an SVG file", self.deliver_screenshot
        )
        ring = "Be silent when a run ends" if self.settings.bell else "Ring the bell when a run ends"
        yield SystemCommand(ring, "It is kept in the settings", self._toggle_bell)
        yield SystemCommand("Settings file", "Copy the path of the settings file", self._copy_settings_path)

    def _toggle_bell(self) -> None:
        self.change_settings(replace(self.settings, bell=not self.settings.bell))

    def _copy_settings_path(self) -> None:
        self.copy_to_clipboard(str(paths.settings()))
        self.tell(str(paths.settings()), title="The path is on the clipboard")

    def handle_bindings_clash(self, clashed_bindings: set[Binding], node: DOMNode) -> None:
        """The settings give a key that another action has: the settings win, as the person wished."""


def run() -> int:
    """Open the screen; when it is closed, returns the exit code: 0, or 1 if it broke."""
    screen = LstmTerm()
    screen.run()
    return screen.return_code or 0
