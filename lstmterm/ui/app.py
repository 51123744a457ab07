"""The screen: its tabs, keys and palette, and the runs that all of its panels follow.

The application makes the services, passes what the follower reports on to the panels, and shows the
tabs. Everything else is done by the panels.
"""

from __future__ import annotations

import contextlib
import shlex
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from rich.console import Console
from textual import work
from textual.app import App, ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.screen import Screen
from textual.theme import Theme

from lstmterm import paths
from lstmterm.ui import end_of_runs, terminal
from lstmterm.ui.commands import ActionCommands, LibraryCommands, OtherTabsCommands
from lstmterm.ui.ended import ended
from lstmterm.ui.following import JournalRead, RunsListed
from lstmterm.ui.garbage import garbage
from lstmterm.ui.keys_in_turn import KeysInTurn
from lstmterm.ui.opening import OpensTabs
from lstmterm.ui.services import Services
from lstmterm.ui.tabs import TABS
from lstmterm.ui.themes import DARK, LIGHT
from lstmterm.ui.widgets.clipboard import copy, encodable
from lstmterm.ui.widgets.keys import are_keys, key
from lstmterm.ui.widgets.keys_line import KeysLine
from lstmterm.ui.widgets.pages import Pages
from lstmterm.ui.widgets.textual_private import read_anything, write_to_terminal
from lstmterm.ui.widgets.too_small import BY_COLUMNS, BY_LINES, TooSmall
from lstmterm.ui.widgets.top_bar import TopBar
from lstmterm.visible import visible

if TYPE_CHECKING:
    from lstmterm.runs.summary import Summary

PALETTE = "Find an action, a model, a draft, a run or a text"


class LstmTerm(KeysInTurn, OpensTabs):
    """The whole screen."""

    TITLE = "lstmterm"
    CSS_PATH: ClassVar = ["app.tcss", *(f"{tab.id}/panel.tcss" for tab in TABS)]
    HORIZONTAL_BREAKPOINTS = BY_COLUMNS
    VERTICAL_BREAKPOINTS = BY_LINES
    COMMANDS: ClassVar = App.COMMANDS | {ActionCommands, OtherTabsCommands, LibraryCommands}
    BINDINGS: ClassVar[list[BindingType]] = [
        *(key(t.key, f"tab('{t.id}')", t.title, f"tab.{t.id}", t.sentence, show=False) for t in TABS),
        key("ctrl+pageup", "next_tab(-1)", "Previous tab", "tab.before", "The tab on the left", show=False),
        key("ctrl+pagedown", "next_tab(1)", "Next tab", "tab.after", "The tab on the right", show=False),
        key("f1", "help", "Help", "help", "Explain this screen and its keys", priority=True),
        key("ctrl+p,alt+x", "command_palette", "Palette", "palette", PALETTE, show=False, priority=True),
        key("ctrl+q,alt+q", "quit", "Quit", "quit", "Close the screen; runs continue", priority=True),
        key("ctrl+z", "suspend_process", "Suspend", "suspend", "Back to the shell; fg returns", show=False),
    ]

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        follow: bool = True,
        before_terminal: Callable[[], object] = lambda: None,  # called before the terminal's modes change
    ) -> None:
        super().__init__()
        self.before_terminal = before_terminal
        self.error_console = Console(stderr=True, color_system=None, markup=False, highlight=False)
        self.services = Services(self, self, clock, follow=follow)
        for theme in (DARK, LIGHT):
            self.register_theme(theme)
        settings = self.services.settings
        if settings.theme in self.available_themes:
            self.theme = settings.theme
        else:
            self.theme = DARK.name
            self.services.settings_error = f"Unknown theme {settings.theme!r}; the palette lists the themes."
        self.set_keymap({action: keys for action, keys in settings.keys.items() if are_keys(keys)})

    def compose(self) -> ComposeResult:
        yield TopBar(self.services, id="top")
        yield Pages(TABS, self.services, id="panels")
        yield KeysLine(id="keys")
        yield TooSmall()

    def on_load(self) -> None:
        self.before_terminal()

    def on_mount(self) -> None:
        services = self.services
        self.call_after_refresh(self._first_frame_drawn)
        if services.settings_error:
            services.notify(services.settings_error, "warning", seconds=12)
        if services.session_error:
            services.notify(services.session_error, "warning", seconds=12)
        if services.settings.keys:
            self.set_timer(1, self._check_files)  # after the first frame
        self.theme_changed_signal.subscribe(self, self._keep_theme)
        self.app_resume_signal.subscribe(self, lambda _: self.call_later(self._draw_again))

    def _first_frame_drawn(self) -> None:
        garbage.leave_out()
        self.services.start_following()  # not before: its imports would delay the first frame
        if (last := self.services.session.tab) in [tab.id for tab in TABS[1:]]:
            self.call_later(self.show_tab, last)

    def on_unmount(self) -> None:
        self.services.follower.end()
        self.services.keep_session()

    # --- settings -------------------------------------------------------------------------------

    @work(thread=True)
    def _check_files(self) -> None:
        """Warn about keys and actions in the settings that do not exist, and about damaged measurements."""
        from lstmterm.planning import machine
        from lstmterm.ui.action_names import unknown_keys, unknown_names

        keys = self.services.settings.keys
        for problem in (unknown_names(keys), unknown_keys(keys), machine.mended()):
            if problem:
                self.call_from_thread(self.services.notify, problem, "warning", seconds=12)

    def _draw_again(self) -> None:
        """Draw everything: a shell had the terminal meanwhile."""
        for widget in self.screen.walk_children():
            widget.refresh()
        self.refresh(layout=True)

    def _keep_theme(self, theme: Theme) -> None:
        self.services.change_settings(replace(self.services.settings, theme=theme.name))

    # --- runs -----------------------------------------------------------------------------------

    def on_runs_listed(self, message: RunsListed) -> None:
        ended = self.services.runs.take_summaries(message.summaries)
        self.services.runs_listed.publish(message)
        for row in ended:
            self._announce(row)

    def _announce(self, row: Summary) -> None:
        """Tell the user that a run ended."""
        if self.services.settings.bell:
            self.bell()
        if self.services.settings.notify:
            self.announce(row)
        if end := ended(self.services, row):
            said, severity, title = end
            self.services.notify(said, severity, title=title, seconds=10)

    @work(thread=True, group="announce")
    def announce(self, row: Summary) -> None:
        """Show the terminal's own notification; in a thread, since tmux is asked what it lets through."""
        from lstmterm.runs import on_end
        from lstmterm.runs.notification import notification

        if said := notification(row.name, on_end.sentence(row)):
            self.call_from_thread(write_to_terminal, self, said)

    def on_journal_read(self, message: JournalRead) -> None:
        self.services.runs.take(message)
        self.services.journal_read.publish(message)
        self.services.follower.shown()

    # --- closing, help and palette --------------------------------------------------------------

    async def action_quit(self) -> None:
        """Close the screen; ask before changes of a draft are lost that cannot be written."""
        if (panel := self.drafts_panel()) is not None:
            panel.remember()
        if panel is None or not panel.unsaved:
            return self.exit()
        from lstmterm.ui.widgets.dialogs import Question

        about = f"{panel.unsaved}\n\nClose the screen, and lose what could not be written?"
        self.push_screen(Question(about, "Close", "Stay"), lambda close: self.exit() if close else None)

    def action_help(self) -> None:
        from lstmterm.ui.widgets.help_screen import HelpScreen

        if isinstance(self.screen, HelpScreen):
            self.screen.leave(None)
        else:
            self.push_screen(HelpScreen(self.screen))

    def get_system_commands(self, screen: Screen) -> Iterable[SystemCommand]:
        yield SystemCommand(
            "Theme", "Choose the colours: dark, light, or those of the terminal", self.action_change_theme
        )
        yield SystemCommand("Screenshot", "Save the screen as an SVG file", self.deliver_screenshot)
        yield from end_of_runs.commands(self, self.services)
        yield SystemCommand("Settings file", "Copy the path of the settings file", self._copy_settings_path)

    def _copy_settings_path(self) -> None:
        copy(self, str(paths.settings()), f"the path {paths.settings()}")

    def copy_to_clipboard(self, text: str) -> None:
        super().copy_to_clipboard(encodable(text))  # Textual does so in text fields, too

    def handle_bindings_clash(self, clashed_bindings: set[Binding], node: DOMNode) -> None:
        """Called when the settings give an action the key of another one: the settings win."""


def run() -> int:
    """Open the screen until it is closed; returns the exit code: 0, or 1 after an error."""
    garbage.wait()
    read_anything()
    with contextlib.ExitStack() as kept:
        screen = LstmTerm(before_terminal=lambda: kept.enter_context(terminal.kept()))
        screen.run()
    if sys.stderr.isatty() and (
        sentence := still_running([row.name for row in screen.services.runs.running])
    ):
        print(f"lstmterm: {visible(sentence)}", file=sys.stderr)
    return screen.return_code or 0


def still_running(runs: list[str]) -> str:
    """What to say of runs, by their names, that continue when the screen is closed; empty if there are none."""
    if not runs:
        return ""
    first = shlex.quote(runs[0])
    more = f", and {len(runs) - 1:,} more" if len(runs) > 1 else ""
    return (
        f"{runs[0]} continues training{more}. `lstmterm` shows it again, `lstmterm attach {first}` follows it here, "
        f"`lstmterm stop {first}` stops it."
    )
