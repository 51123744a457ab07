"""Choosing a text by its name or its path.

What is typed filters the list of names. A path, which begins with /, ~ or ., lists the folder
instead. A text of the catalogue is downloaded here; the download can be cancelled.
"""

import os
import threading
from dataclasses import dataclass
from pathlib import Path

from rich.cells import cell_len
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, ProgressBar, Static
from textual.widgets.option_list import Option
from textual.worker import get_current_worker

from lstmterm.amounts import size
from lstmterm.ui.widgets.list_line import ListLine
from lstmterm.ui.widgets.plain import PlainInput, plain, plain_lines
from lstmterm.visible import shorten, visible

_MOST = 2000  # entries of a folder that are listed
_ORIGINS = {"built-in": "Built in", "fetched": "Fetched", "own": "Yours", "catalogue": "To download"}


@dataclass(frozen=True)
class Row:
    """A line of the list, and what choosing it does."""

    action: str  # take, fetch, enter, browse, or none
    target: str  # a name or a path
    shown: Content
    about: str = ""  # shown below the list


@dataclass
class Listed(Message):
    """The texts that have a name."""

    rows: list[tuple[str, Row]]  # with the headings of their groups


@dataclass
class Fetching(Message):
    """How much is downloaded, in bytes."""

    done: int
    total: int | None


@dataclass
class Fetched(Message):
    """A download ended; `wrong` says why it failed."""

    name: str
    wrong: str = ""


class Cancelled(Exception):
    """The user cancelled the download."""


class CorpusPicker(ModalScreen[str | None]):
    """A dialog whose result is the name or the path of a text, or None."""

    PLACEHOLDER = "A name, or a path such as ~/texts/novel.txt"

    BINDINGS = [
        Binding("escape", "leave", "Cancel"),
        Binding("tab", "complete", "Complete", priority=True),
    ]

    def __init__(
        self, chosen: str, folder: str, title: str = "Choose a text", *, files_only: bool = False
    ) -> None:
        super().__init__()
        self._chosen = chosen
        self._title, self._files_only = title, files_only
        self._folder = folder or os.getcwd()
        self._named: list[tuple[str, Row]] = []
        self._rows: list[Row] = []
        self._fetching = threading.Event()
        self._cancelled = threading.Event()

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog picker corpus-picker") as box:
            box.border_title = self._title
            box.border_subtitle = "enter choose · tab complete · esc cancel"
            yield ListLine(placeholder=self.PLACEHOLDER, id="filter")
            yield OptionList(id="texts", markup=False, compact=True)
            yield Static(id="about")
            yield ProgressBar(id="fetch", show_eta=False)

    def on_mount(self) -> None:
        self.query_one("#fetch").display = False
        self.query_one("#filter").focus()
        if self._files_only:
            self._go_to(self._folder)
        else:
            self._gather()

    @work(thread=True)
    def _gather(self) -> None:
        from lstmterm.corpora.listing import listing

        rows = []
        for text in listing():
            if text.kind != "text":
                continue
            known = size(text.bytes) if text.bytes is not None else ""
            about = " · ".join(filter(None, (text.title, text.language, text.licence, text.purpose)))
            if not text.verified:
                about += " · not verified yet"
            action = "take" if text.here else "fetch"
            rows.append(
                (_ORIGINS[text.origin], Row(action, text.name, line(text.name, known, text.title), about))
            )
        self.post_message(Listed(rows))

    def on_listed(self, message: Listed) -> None:
        self._named = message.rows
        self._show()

    # --- the list ---------------------------------------------------------------------------------

    @property
    def _typed(self) -> str:
        return self.query_one("#filter", PlainInput).value

    def _show(self) -> None:
        """List what matches the typed text."""
        typed = self._typed
        if typed.startswith(("/", "~", ".")):
            self._show_rows([("", row) for row in folder_rows(typed)])
        else:
            found = [(group, row) for group, row in self._named if typed.lower() in row.target.lower()]
            browse = Row(
                "browse", self._folder, line("Files and folders…", "", shorten(self._folder, 40)), ""
            )
            self._show_rows([*found, *self.typed_rows(typed), ("On this machine", browse)])

    def typed_rows(self, typed: str) -> list[tuple[str, Row]]:
        """Further rows for what is typed."""
        return []

    def _show_rows(self, found: list[tuple[str, Row]]) -> None:
        options = self.query_one("#texts", OptionList)
        self._rows = [row for _, row in found]
        shown: list[Option] = []
        last, first = "", 0
        for index, (group, row) in enumerate(found):
            if group != last:
                shown.append(Option(Content.assemble((group, "bold $accent")), disabled=True))
                last = group
            if row.target == self._chosen:
                first = len(shown)
            shown.append(Option(row.shown, id=str(index)))
        options.set_options(shown)
        if shown:
            options.highlighted = first or next(i for i, o in enumerate(shown) if not o.disabled)
        else:
            self._show_about("Nothing has this name.")

    def _row(self, option_id: str | None) -> Row | None:
        return self._rows[int(option_id)] if option_id is not None else None

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        row = self._row(event.option_id)
        self._show_about(row.about if row is not None else "")

    def _show_about(self, about: str) -> None:
        if not self._fetching.is_set():
            self.query_one("#about", Static).update(plain_lines(about))

    def action_complete(self) -> None:
        """Complete the path with the highlighted folder or file."""
        options = self.query_one("#texts", OptionList)
        row = self._row(options.highlighted_option.id) if options.highlighted_option else None
        if row is None:
            return
        if row.action in ("enter", "browse"):
            self._go_to(row.target)
        elif row.action == "take" and self._typed.startswith(("/", "~", ".")):
            self._type(row.target)

    def _type(self, text: str) -> None:
        field = self.query_one("#filter", PlainInput)
        field.value = text
        field.cursor_position = len(text)

    def _go_to(self, folder: str) -> None:
        self._type(folder if folder.endswith("/") else f"{folder}/")

    @on(Input.Changed)
    def _line_changed(self) -> None:
        self._show()

    @on(Input.Submitted)
    def _line_entered(self) -> None:
        typed = Path(self._typed).expanduser()
        if self._typed.startswith(("/", "~", ".")) and typed.is_file():
            self.dismiss(str(typed.absolute()))
            return
        self.query_one("#texts", OptionList).action_select()

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        row = self._row(event.option_id)
        if row is None or self._fetching.is_set():
            return
        if row.action == "take":
            self.dismiss(row.target)
        elif row.action == "fetch":
            self._start_fetching(row.target)
        elif row.action in ("enter", "browse"):
            self._go_to(row.target)

    def action_leave(self) -> None:
        if self._fetching.is_set():
            self._cancelled.set()
            self.query_one("#about", Static).update(Content("Cancelling…"))
        else:
            self.dismiss(None)

    # --- fetching ---------------------------------------------------------------------------------

    def _start_fetching(self, name: str) -> None:
        self._cancelled.clear()
        self._fetching.set()
        self.query_one("#about", Static).update(plain(f"Downloading {name}… escape cancels."))
        bar = self.query_one("#fetch", ProgressBar)
        bar.display = True
        bar.update(total=None, progress=0)
        self._fetch(name)

    @work(thread=True, group="fetch")
    def _fetch(self, name: str) -> None:
        from lstmterm.corpora import catalogue, fetching

        worker = get_current_worker()

        def progress(_file: str, done: int, total: int | None) -> None:
            if self._cancelled.is_set() or worker.is_cancelled:
                raise Cancelled
            self.post_message(Fetching(done, total))

        try:
            fetching.fetch(catalogue.entries()[name], progress)
        except Cancelled:
            self.post_message(Fetched(name, "The download was cancelled."))
        except (ValueError, RuntimeError, OSError) as error:
            self.post_message(Fetched(name, str(error)))
        else:
            self.post_message(Fetched(name))

    def on_fetching(self, message: Fetching) -> None:
        self.query_one("#fetch", ProgressBar).update(total=message.total, progress=message.done)

    def on_fetched(self, message: Fetched) -> None:
        self._fetching.clear()
        self.query_one("#fetch").display = False
        if message.wrong:
            self._show_about(message.wrong)
        else:
            self.dismiss(message.name)


def folder_rows(typed: str) -> list[Row]:
    """The entries of the folder in a path whose names begin with its last part."""
    path = Path(typed).expanduser()
    folder, start = (
        (path, "") if typed.endswith("/") or typed in (".", "..", "~") else (path.parent, path.name)
    )
    try:
        entries = sorted(os.scandir(folder), key=lambda e: (not e.is_dir(), e.name.lower()))
    except OSError as error:
        return [Row("enter", str(folder.parent), line("..", "", f"{folder}: {error.strerror}"))]
    rows: list[Row] = []
    if not start:
        rows.append(Row("enter", str(folder.absolute().parent), line("..", "", "the parent folder")))
        whole = (
            f"All .txt and .md files in {folder.absolute()} and its subfolders, in the order of their paths."
        )
        rows.append(Row("take", str(folder.absolute()) + "/", line("This whole folder", "", ""), whole))
    for entry in entries[:_MOST]:
        if not entry.name.startswith(start) or (entry.name.startswith(".") and not start.startswith(".")):
            continue
        target = str((folder / entry.name).absolute())
        if entry.is_dir():
            rows.append(Row("enter", target, line(entry.name + "/", "", "")))
        else:
            try:
                bytes_ = size(entry.stat().st_size)
            except OSError:
                bytes_ = ""
            rows.append(Row("take", target, line(entry.name, bytes_, ""), target))
    return rows


def line(name: str, middle: str, end: str) -> Content:
    """A line of the list in three columns."""
    shown = shorten(name, 26)
    gap = " " * (27 - cell_len(shown))
    return Content.assemble(
        ("  " + shown, "bold"), gap, (f"{middle:>8}  ", "$foreground 70%"), (visible(end), "$foreground 60%")
    )
