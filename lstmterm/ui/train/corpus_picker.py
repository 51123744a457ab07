"""Choosing a text by its name or its path.

What is typed filters the names, and the files of the current folder. A path, which begins with ~ or .
or has a /, lists its folder instead. A text of the catalogue is downloaded here; the download can be cancelled.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from rich.cells import cell_len
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, ProgressBar, Static
from textual.worker import get_current_worker

from lstmterm import paths
from lstmterm.amounts import size
from lstmterm.ui.messages import on_screen
from lstmterm.ui.train.planning import Cancelled
from lstmterm.ui.widgets.dialogs import Question
from lstmterm.ui.widgets.picker import Picker, Row
from lstmterm.ui.widgets.plain import plain, plain_lines
from lstmterm.visible import shorten, visible

_HERE = "On this machine"
_ABOUT_FOLDER = "Enter lists the files of this folder."
_MOST = 2000  # entries of a folder that are listed
_ORIGINS = {"built-in": "Built in", "fetched": "Fetched", "own": "Yours", "catalogue": "To download"}


@dataclass
class NamesListed(Message):
    """The texts that have a name."""

    rows: list[Row]


@dataclass
class Fetching(Message):
    """How much is downloaded, in bytes."""

    done: int
    total: int | None


@dataclass
class Fetched(Message):
    """A download ended; `wrong` says why it failed, and `risk` what it takes the user's permission for."""

    name: str
    wrong: str = ""
    risk: str = ""


class CorpusPicker(Picker):
    """A dialog whose result is the name or the path of a text, or None.

    The actions of its rows are take, fetch, enter (a folder) and none.
    """

    HEADING = "Choose a text"
    PLACEHOLDER = "A name, or a path such as ~/texts/novel.txt"
    HINT = "enter choose · tab complete · esc cancel"
    CLASS = "corpus-picker"
    FITS = False
    WHOLE_FOLDERS = True  # whether a folder can be chosen, too

    BINDINGS = [Binding("tab", "complete", "Complete", priority=True)]

    def __init__(self, chosen: str, folder: str, title: str = "", *, files_only: bool = False) -> None:
        super().__init__(title or self.HEADING, chosen)
        self._files_only = files_only
        self._folder = folder or os.getcwd()
        self._named: list[Row] = []
        self._fetching = False

    def compose_below(self) -> ComposeResult:
        yield Static(id="about")
        yield ProgressBar(id="fetch", show_eta=False)

    def start(self) -> None:
        self.query_one("#fetch").display = False
        if self._files_only:
            self._go_to(self._folder)
        else:
            self._list_names()

    @work(thread=True)
    def _list_names(self) -> None:
        self.post_message(NamesListed(list(self.named_rows())))

    def named_rows(self) -> Iterator[Row]:
        """The texts that have a name; called in a thread."""
        from lstmterm.corpora.listing import all_texts

        for text in all_texts():
            if text.kind == "text":
                about = " · ".join(filter(None, (text.title, text.language, text.licence, text.purpose)))
                if not text.verified:
                    about += " · not verified yet"
                action = "take" if text.here else "fetch"
                shown = line(text.name, size(text.bytes), text.title)
                yield Row(text.name, shown, action, about, _ORIGINS[text.origin])

    def on_names_listed(self, message: NamesListed) -> None:
        self._named = message.rows
        self.show()

    # --- the list ---------------------------------------------------------------------------------

    def rows(self, typed: str) -> Iterable[Row]:
        if is_path(typed):
            return folder_rows(typed, self.WHOLE_FOLDERS)
        shown = line("Files and folders…", "", shorten(self._folder, 40))
        if not typed:
            return [
                Row(self._folder, shown, "enter", _ABOUT_FOLDER, _HERE),
                *self._named,
                *self.typed_rows(typed),
            ]
        named = (row for row in self._named if typed.lower() in row.target.lower())
        found = [*named, *self.typed_rows(typed), *self._files_here(typed)]
        about = (
            _ABOUT_FOLDER if found else f"No text and no file here has {typed} in its name. {_ABOUT_FOLDER}"
        )
        return [*found, Row(self._folder, shown, "enter", about, _HERE)]

    def _files_here(self, typed: str) -> Iterator[Row]:
        """What has `typed` in its name, in the current folder and in that of the last file."""
        for folder in dict.fromkeys((os.getcwd(), self._folder.rstrip("/"))):
            for row in folder_rows(f"{folder}/", whole_folder=False):
                if (
                    os.path.dirname(row.target) == folder
                    and typed.lower() in os.path.basename(row.target).lower()
                ):
                    yield replace(row, group=_HERE)

    def typed_rows(self, typed: str) -> Iterable[Row]:
        """Further rows for what is typed."""
        return ()

    def nothing(self, typed: str) -> str:
        return "Nothing has this name." if typed else ""

    def show(self) -> None:
        super().show()
        if self.choices.highlighted is None:
            self._show_about("")

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        row = self.row(event.option)
        self._show_about(row.about if row is not None else "")

    def _show_about(self, about: str) -> None:
        if not self._fetching:
            self.query_one("#about", Static).update(plain_lines(about))

    def action_complete(self) -> None:
        """Complete what is typed to the highlighted folder, file or name."""
        row = self.row(self.choices.highlighted_option)
        if row is not None and row.action == "enter":
            self._go_to(row.target)
        elif row is not None and row.action == "take":
            self._type(row.target)

    def _type(self, text: str) -> None:
        self.line.value = text
        self.line.cursor_position = len(text)

    def _go_to(self, folder: str) -> None:
        self._type(folder if folder.endswith("/") else f"{folder}/")

    def as_typed(self, typed: str) -> str | None:
        path = paths.expanded(typed)
        return str(path.absolute()) if is_path(typed) and path.is_file() else None

    def take(self, row: Row) -> None:
        if self._fetching:
            return
        if row.action == "take":
            self.leave(row.target)
        elif row.action == "fetch":
            self._start_fetching(row.target)
        elif row.action == "enter":
            self._go_to(row.target)

    def action_leave(self, result: str | None) -> None:
        if self._fetching:
            self.workers.cancel_group(self, "fetch")
            self.query_one("#about", Static).update(Content("Cancelling…"))
        else:
            self.leave(result)

    # --- fetching ---------------------------------------------------------------------------------

    def _start_fetching(self, name: str, *, allow_http: bool = False) -> None:
        self._fetching = True
        self.query_one("#about", Static).update(plain(f"Downloading {name}… escape cancels."))
        bar = self.query_one("#fetch", ProgressBar)
        bar.display = True
        bar.update(total=None, progress=0)
        self._fetch(name, allow_http)

    @work(thread=True, group="fetch")
    def _fetch(self, name: str, allow_http: bool) -> None:
        from lstmterm.corpora import catalogue, fetching

        worker = get_current_worker()

        def progress(_file: str, done: int, total: int | None) -> None:
            if worker.is_cancelled:
                raise Cancelled
            self.post_message(Fetching(done, total))

        wrong = risk = ""
        try:
            fetching.fetch(catalogue.entries()[name], progress, allow_http=allow_http)
        except Cancelled:
            wrong = "The download was cancelled."
        except fetching.NotPermitted as error:
            risk = error.risk
        except (ValueError, RuntimeError, OSError) as error:
            wrong = on_screen(error)
        self.post_message(Fetched(name, wrong, risk))

    def on_fetching(self, message: Fetching) -> None:
        self.query_one("#fetch", ProgressBar).update(total=message.total, progress=message.done)

    def on_fetched(self, message: Fetched) -> None:
        self._fetching = False
        self.query_one("#fetch").display = False
        if message.risk:
            self._show_about("The download was cancelled.")
            self._ask_permission(message.name, message.risk)
        elif message.wrong:
            self._show_about(message.wrong)
        else:
            self.leave(message.name)

    @work
    async def _ask_permission(self, name: str, risk: str) -> None:
        """Download a text whose address is not HTTPS if the user agrees."""
        if await self.app.push_screen_wait(
            Question(f"Download {name} anyway?\n\n{risk}", "Download", "Cancel")
        ):
            self._start_fetching(name, allow_http=True)


def is_path(typed: str) -> bool:
    """Whether what is typed is a path rather than a name."""
    return typed.startswith(("~", ".")) or "/" in typed


def folder_rows(typed: str, whole_folder: bool = True) -> Iterator[Row]:
    """The entries of the folder in a path whose names begin with its last part.

    With `whole_folder`, one row stands for all texts of the folder.
    """
    path = paths.expanded(typed)
    folder, start = (
        (path, "") if typed.endswith("/") or typed in (".", "..", "~") else (path.parent, path.name)
    )
    try:
        entries = sorted(os.scandir(folder), key=lambda e: (not e.is_dir(), e.name.lower()))
    except OSError as error:
        yield Row(str(folder.parent), line("..", "", f"{folder}: {error.strerror}"), "enter")
        return
    folder = folder.absolute()
    if not start:
        yield Row(str(folder.parent), line("..", "", "the parent folder"), "enter")
        if whole_folder:
            whole = f"All .txt and .md files in {folder} and its subfolders, in the order of their paths."
            yield Row(f"{folder}/", line("This whole folder", "", ""), about=whole)
    for entry in entries[:_MOST]:
        if not entry.name.startswith(start) or (entry.name.startswith(".") and not start.startswith(".")):
            continue
        target = str(folder / entry.name)
        if entry.is_dir():
            yield Row(target, line(entry.name + "/", "", ""), "enter")
        else:
            try:
                bytes_ = size(entry.stat().st_size)
            except OSError:
                bytes_ = ""
            yield Row(target, line(entry.name, bytes_, ""), about=target)


def line(name: str, middle: str, end: str) -> Content:
    """A line of the list in three columns."""
    shown = shorten(name, 26)
    gap = " " * (27 - cell_len(shown))
    return Content.assemble(
        ("  " + shown, "bold"), gap, (f"{middle:>8}  ", "$foreground 70%"), (visible(end), "$foreground 60%")
    )
