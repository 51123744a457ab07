"""What panels receive: the runs, the settings, notifications, and ways to open things in other tabs.

A panel gets its `Services` when it is made and never imports the application.
"""

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, ClassVar, Protocol, runtime_checkable

from textual.app import App
from textual.binding import Binding
from textual.containers import Vertical
from textual.events import DescendantFocus, Resize
from textual.geometry import Offset, Region
from textual.notifications import SeverityLevel
from textual.signal import Signal
from textual.widget import Widget

from lstmterm import settings as stored
from lstmterm.errors import InputError, RunError, within_memory
from lstmterm.settings import Settings
from lstmterm.ui import session
from lstmterm.ui.following import Follower, JournalRead, RunsListed
from lstmterm.ui.messages import on_screen
from lstmterm.ui.run_store import RunStore
from lstmterm.ui.session import Session
from lstmterm.ui.widgets.keys import are_keys
from lstmterm.visible import visible, visible_lines

_KEY_IN_TEXT = re.compile(r"\{(?P<action>[a-z_]+\.[a-z_]+|help):(?P<usual>[a-z0-9+]+)\}")


class Opener(Protocol):
    """Opens models, drafts, runs and texts in the tabs where they are used."""

    async def open_model(self, name: str) -> None:
        """Generate with a character model, or tag with a tagger."""

    async def inspect_model(self, name: str, text: str = "") -> None:
        """Show where this text, or else the model's own, surprises a character model."""

    async def open_draft(self, name: str, stretch: int | None = None) -> None:
        """Go on with a draft where the user was in it, or in one of its stretches."""

    def rename_draft(self, name: str, new: str) -> None:
        """Rename a draft, also while it is open in this screen. Raises as `drafts.store.rename`."""

    def remove_draft(self, name: str) -> None:
        """Delete a draft, also while it is open in this screen. Raises as `drafts.store.remove`."""

    async def open_run(self, run: str) -> None:
        """Show a run, by its id."""

    async def open_text(self, corpus: str) -> None:
        """Fill in the Train form for a text, by its name or path."""

    async def start_from(self, model: str) -> None:
        """Fill in the form for a model whose weights a new one starts from: Train's, or the tagger's."""


class Services:
    """Shared by all panels of one application."""

    def __init__(
        self, app: App[None], opener: Opener, clock: Callable[[], float] = time.time, *, follow: bool = True
    ) -> None:
        self._app = app
        self._follow = follow
        self.opener = opener
        self.clock = clock
        self.runs = RunStore()
        self.follower = Follower(app)
        self.runs_listed: Signal[RunsListed] = Signal(app, "runs listed")
        self.journal_read: Signal[JournalRead] = Signal(app, "journal read")
        self.settings = Settings()
        self.settings_error = ""
        try:
            self.settings = stored.load()
        except (InputError, OSError) as error:
            self.settings_error = str(error)
        self.session = Session()
        self.session_error = ""
        self._kept_session = self.session
        self._keeping = threading.Lock()
        try:
            self.session = self._kept_session = session.load()
        except RunError as error:
            self.session_error = str(error)

    def start_following(self) -> None:
        """Follow the runs in a thread, from now until `Follower.end`."""
        if self._follow:
            self._app.run_worker(self.follower.run, thread=True, exit_on_error=True, name="following")

    def shown_key(self, action: str, usual: str) -> str:
        """The first key of an action, by its name in the settings, as it is drawn: F3, ^r, alt+t."""
        keys = self.settings.keys.get(action, usual)
        first = (keys if are_keys(keys) else usual).split(",")[0].strip()
        drawn = self._app.get_key_display(Binding(first, "", ""))
        return drawn.upper() if drawn[1:].isdigit() else drawn

    def with_keys(self, text: str) -> str:
        """A text of the program with the keys that are set: `{train.start:ctrl+s}` becomes ^s, or what the settings say."""
        return _KEY_IN_TEXT.sub(lambda found: self.shown_key(found["action"], found["usual"]), text)

    def change_settings(self, settings: Settings) -> None:
        """Save the settings; notify the user if the file cannot be written."""
        if settings == self.settings:
            return
        self.settings = settings
        try:
            stored.save(settings)
        except (InputError, OSError) as error:
            self.notify(str(error), "warning", seconds=12)

    def remember(self, **changes: Any) -> None:
        """Change the session, and have it written in a thread."""
        self.session = replace(self.session, **changes)
        if self.session != self._kept_session:
            self._app.run_worker(self.keep_session, thread=True, group="session")

    def keep_session(self) -> None:
        """Write the session if it has changed; notify the user, once, if it cannot be written."""
        with self._keeping:
            now, self._kept_session, before = self.session, self.session, self._kept_session
            if now == before:
                return
            try:
                session.save(now)
            except OSError as error:
                if not self.session_error:
                    self.session_error = str(error)
                    self._app.call_later(self.notify, self.session_error, "warning", seconds=12)

    @contextmanager
    def reporting(self, seconds: float = 5) -> Iterator[None]:
        """Show an error that is raised inside as a notification."""
        try:
            with within_memory():
                yield
        except (InputError, RunError, OSError) as error:
            self.notify(str(error), "error", seconds=seconds)

    def notify(
        self, message: str, severity: SeverityLevel = "information", *, title: str = "", seconds: float = 5
    ) -> None:
        """Show a notification as plain text, as it fits the screen."""
        self._app.notify(
            visible_lines(on_screen(message)),
            title=visible(title),
            severity=severity,
            timeout=seconds,
            markup=False,
        )


@runtime_checkable
class HasServices(Protocol):
    """An application with services; for what Textual makes itself, such as providers of the palette."""

    services: Services


def with_keys(app: App[Any], text: str) -> str:
    """`Services.with_keys` of the application, for widgets that don't have the services."""
    if isinstance(app, HasServices):
        return app.services.with_keys(text)
    return _KEY_IN_TEXT.sub(lambda found: app.get_key_display(Binding(found["usual"], "", "")), text)


class Panel(Vertical):
    """A tab's panel, or a page in one, that works with the services."""

    ABOUT: ClassVar[tuple[str, str]] = ("", "")  # for the help: a title and a text
    ROOMY_FROM: ClassVar[int | None] = None  # columns from which it has the class -roomy
    NARROW_BELOW: ClassVar[int] = 0  # columns below which it has the class -narrow

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(id=id)
        self.services = services

    def on_resize(self, event: Resize) -> None:
        if self.ROOMY_FROM is not None:
            self.set_class(event.size.width >= self.ROOMY_FROM, "-roomy")
        self.set_class(event.size.width < self.NARROW_BELOW, "-narrow")
        self.call_after_refresh(self._show_focused)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Where one box is shown at a time, show the one with the focus."""
        self._show_box_of(event.widget)

    def _show_focused(self) -> None:
        """Where one box is shown at a time since the last change of size, show the one with the focus."""
        focused = self.screen.focused if self.is_attached else None
        if focused is not None and self in focused.ancestors:
            self._show_box_of(focused)

    def _show_box_of(self, widget: Widget) -> None:
        inside = [node for node in widget.ancestors_with_self if self in node.ancestors]
        box = next((node for node in inside if isinstance(node, Widget) and node.border_title), None)
        if self.max_scroll_y and box is not None:
            self.call_after_refresh(self.scroll_to_widget, box, animate=False, top=True)

    def scroll_to_region(self, region: Region, **options: Any) -> Offset:
        """Where each box is as high as the panel, scroll by whole boxes: to the one that has the region."""
        height = self.size.height
        if height and self.max_scroll_y and self.virtual_size.height % height == 0:
            last = self.virtual_size.height // height - 1
            first = min(region.center[1] // height, last) * height
            region = Region(0, int(first), self.size.width, height)
        return super().scroll_to_region(region, **options)

    def focus_first(self) -> None:
        """Focus where typing starts when the panel is shown."""
