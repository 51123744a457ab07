"""All runs as a table: columns to choose, sorted and filtered; tags, notes, a reference, several at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from rich.text import Text
from textual import on, work
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.events import Resize
from textual.message import Message
from textual.widgets import DataTable, Input
from textual.worker import get_current_worker

from lstmterm.amounts import plural
from lstmterm.errors import InputError
from lstmterm.models import library
from lstmterm.runs import marks, query, storage, sweeps
from lstmterm.runs.columns import COLUMNS, chosen, in_order
from lstmterm.runs.differences import in_words
from lstmterm.runs.rows import Column, Row, rows_of
from lstmterm.ui.following import RunsListed
from lstmterm.ui.messages import on_screen
from lstmterm.ui.services import Services
from lstmterm.ui.train.runs_columns import SHOWN, usual
from lstmterm.ui.train.runs_list import NO_MODEL
from lstmterm.ui.train.runs_rows import fill, key_under
from lstmterm.ui.widgets.dialogs import Ask, Dialog, TextDialog, delete_question
from lstmterm.ui.widgets.hints import fitting_hints
from lstmterm.ui.widgets.keys import key
from lstmterm.ui.widgets.plain import Line, PlainInput, plain_lines

_HINT = (
    "↵ show · esc close · {help:f1} all keys · {table.filter:slash} filter · {table.mark:space} mark · {table.from:f} train from · {table.sort:s} sort · "
    "{table.differences:d} differences · {table.tags:t} tags · {table.note:n} note · {table.reference:p} reference · "
    "{table.columns:k} columns"
)


class RunsTable(Dialog[tuple[str, str] | None]):
    """The table. The result is `show` with the id of a run that the user wants to see, or `from` with a run's model."""

    BINDINGS = [
        Binding("escape", "back", "Close"),
        key("slash", "filter", "Filter", "table.filter", "Filter the runs: text:harbour val<1.5 tag:good"),
        key("space", "mark", "Mark", "table.mark", "Mark the run, or all of a sweep; keys then work on all that are marked"),
        key("t", "tags", "Tags", "table.tags", "Add tags, and remove those with a dash before them"),
        key("n", "note", "Note", "table.note", "Write a note"),
        key("d", "differences", "Differences", "table.differences", "The differences between two marked runs, or from the reference"),
        key("p", "pin", "Reference", "table.reference", "Make it the reference run that others are compared with"),
        key("f", "from", "Train from", "table.from", "Start a new model from the weights of the run's model"),
        key("a", "archive", "Archive", "table.archive", "Archive runs, or bring them back; the filter tag:archived shows them"),
        key("delete", "delete", "Delete", "table.delete", "Delete the run, or all that are marked"),
        key("s", "sort(1)", "Sort", "table.sort", "Sort by the next column"),
        key("S", "sort(0)", "Turn round", "table.turn", "Turn the order round"),
        key("k", "columns", "Columns", "table.columns", "Choose the columns"),
    ]  # fmt: skip

    @dataclass
    class Read(Message):
        """The rows of all runs were read."""

        rows: list[Row]

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.services = services
        self.rows: list[Row] = []
        self.marked: set[str] = set()
        self.order = "when"
        self._filter = query.Query()

    def compose(self) -> ComposeResult:
        with Vertical(classes="runs-table") as box:
            box.border_title = "Runs"
            yield PlainInput(placeholder="text:harbour val<1.5 tag:good", id="runs-filter")
            yield DataTable(id="runs-rows", cursor_type="row", zebra_stripes=True)
            yield Line(id="runs-said", grows=True)

    def on_mount(self) -> None:
        self.services.runs_listed.subscribe(self, self._listed)
        self.table.focus()
        self.read()

    def on_resize(self, event: Resize) -> None:
        box = self.query_one(".runs-table")
        box.border_subtitle = fitting_hints(box, self.services.with_keys(_HINT))
        self.call_after_refresh(self._fit)  # the table has its new width by then

    def _fit(self) -> None:
        """Show the columns that have room, and the line under the cursor."""
        self.show(self.rows)
        self.table.move_cursor(row=self.table.cursor_row)

    @property
    def table(self) -> DataTable[Text]:
        """The table of the screen."""
        return self.query_one("#runs-rows", DataTable)

    @property
    def columns(self) -> list[Column]:
        """The columns of the settings; where those are not known, the usual ones that are not empty and have room."""
        try:
            return chosen(self.services.settings.columns)
        except InputError:
            return usual(self.rows, self.order, self.table.size.width, self.table.cell_padding)

    # --- reading and showing ----------------------------------------------------------------------

    def _listed(self, message: RunsListed) -> None:
        self.read()

    @work(thread=True, exclusive=True, group="rows")
    def read(self) -> None:
        """Read the settings and the marks of all runs in a thread."""
        worker, rows = get_current_worker(), rows_of(self.services.runs.summaries)
        if not worker.is_cancelled:  # by one that reads what is newer
            self.post_message(self.Read(rows))

    @on(Read)
    def _read(self, event: Read) -> None:
        self.show(event.rows)

    def show(self, rows: list[Row]) -> None:
        """Show these runs as far as the filter keeps them."""
        if not self.is_mounted:
            return
        self.rows = rows
        self.marked &= {row.summary.id for row in rows}
        kept = in_order(self._filter.kept(rows), self.order)
        fill(self.table, kept, self.columns, self.order, self.marked)
        said = f"{plural(len(kept), 'run')} of {len(rows):,}"
        hidden = len(self.marked - {row.summary.id for row in kept})
        said += f" · {len(self.marked)} marked" if self.marked else ""
        said += f", {hidden:,} of them not shown" if hidden else ""
        self._say(said)

    def _say(self, text: str) -> None:
        self.query_one("#runs-said", Line).set_text(Content(text))

    @property
    def under(self) -> str:
        """The key of the row under the cursor: a run's id, or a sweep; empty without one."""
        return key_under(self.table)

    @property
    def targets(self) -> list[Row]:
        """The marked runs, or else that under the cursor, or all of the sweep there."""
        under = self.under
        marked = self.marked or set(self._of(under))
        return [row for row in self.rows if row.summary.id in marked]

    def _of(self, under: str) -> list[str]:
        group = under.removeprefix("sweep ") if under.startswith("sweep ") else None
        return [
            row.summary.id
            for row in self.rows
            if (row.marks.group == group if group is not None else row.summary.id == under)
        ]

    @on(Input.Changed, "#runs-filter")
    def _typed(self, event: Input.Changed) -> None:
        try:
            self._filter = query.parse(event.value, typing=True)
        except InputError as error:
            self._say(on_screen(error))
        else:
            self.show(self.rows)

    @on(Input.Submitted, "#runs-filter")
    def _filtered(self) -> None:
        self.table.focus()

    @on(DataTable.RowSelected)
    def _selected(self) -> None:
        if self._of(self.under) == [self.under]:
            self.leave(("show", self.under))

    @on(DataTable.HeaderSelected)
    def _heading(self, event: DataTable.HeaderSelected) -> None:
        if name := event.column_key.value:
            self.order = f"-{name}" if self.order == name else name
            self.show(self.rows)

    # --- actions ------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        typing = self.is_mounted and isinstance(self.focused, Input)
        return action in ("back", "leave", "press_key") or not typing

    async def action_press_key(self, name: str) -> None:
        self.set_focus(self.table)  # from the filter, where the key would be typed
        await super().action_press_key(name)

    def action_back(self) -> None:
        """Leave the filter, or the table."""
        if isinstance(self.focused, Input):
            self.table.focus()
        else:
            self.leave(None)

    def action_filter(self) -> None:
        self.query_one("#runs-filter").focus()

    def action_mark(self) -> None:
        found = set(self._of(self.under))
        self.marked = self.marked - found if found <= self.marked else self.marked | found
        self.show(self.rows)
        self.table.action_cursor_down()

    def action_sort(self, onwards: int) -> None:
        names = [column.name for column in self.columns]
        by = self.order.removeprefix("-")
        if onwards:
            self.order = names[(names.index(by) + 1) % len(names)] if by in names else names[0]
        else:
            self.order = by if self.order.startswith("-") else f"-{by}"
        self.show(self.rows)

    @work
    async def action_columns(self) -> None:
        known = " ".join(column.name for column in COLUMNS)
        names = self.services.settings.columns or SHOWN
        question = f"Which columns? Leave it empty for the usual ones.\n\n{known}\n\nSettings are columns, too: hidden, lr, dropout ..."
        answer = await self.app.push_screen_wait(Ask(question, names, _columns))
        if answer is not None:
            asked = "" if answer.split() == SHOWN.split() else answer.strip()
            self.services.change_settings(replace(self.services.settings, columns=asked))
            self.show(self.rows)

    def _change(self, **changes: Any) -> None:
        """Change the marks of all targets."""
        with self.services.reporting():
            for row in self.targets:
                marks.change(storage.find(row.summary.id), **changes)
        self.read()

    @work
    async def action_tags(self) -> None:
        targets = self.targets
        if not targets:
            return
        question = f"Tags of {_named(targets)}? A dash before a tag removes it: good -draft"
        old = " ".join(targets[0].marks.tags) if len(targets) == 1 else ""
        answer = await self.app.push_screen_wait(Ask(question, old, _tags))
        if answer is not None:
            add, remove = _tags(answer)
            gone = [] if not old else [tag for tag in old.split() if tag not in add]
            self._change(add=add, remove=[*remove, *gone])

    @work
    async def action_note(self) -> None:
        targets = self.targets
        if targets:
            notes = {row.marks.note for row in targets}
            old = notes.pop() if len(notes) == 1 else ""
            answer = await self.app.push_screen_wait(Ask(f"The note of {_named(targets)}?", old))
            if answer is not None:
                self._change(note=answer)

    def action_archive(self) -> None:
        if targets := self.targets:
            archived = not all(row.marks.archived for row in targets)
            self._change(archived=archived)
            word = "Archived" if archived else "Brought back"
            self.services.notify(f"{word} {_named(targets)}. The filter tag:archived shows archived runs.")

    def _single(self, rule: str) -> Row | None:
        """The only target; None where there are several, which breaks this rule."""
        targets = self.targets
        if len(targets) > 1:
            self.services.notify(f"{rule}, not {_named(targets)}.", "warning")
        return targets[0] if len(targets) == 1 else None

    def action_pin(self) -> None:
        if row := self._single("Only one run can be the reference"):
            with self.services.reporting():
                marks.pin(None if row.is_reference else storage.find(row.summary.id))
            self.read()

    def action_from(self) -> None:
        if row := self._single("A new model starts from the weights of one run"):
            if library.is_taken(row.summary.name):
                self.leave(("from", row.summary.name))
            else:
                self.services.notify(NO_MODEL, "warning")

    def action_differences(self) -> None:
        pair = self.targets
        if len(pair) == 1:
            pair = [row for row in self.rows if row.is_reference and row is not pair[0]] + pair
        if len(pair) != 2:
            self.services.notify("Mark two runs with Space, or pin a reference with p, to compare with it.")
            return
        title = " -> ".join(row.summary.name for row in pair)
        self.app.push_screen(TextDialog(title, plain_lines("\n\n".join(in_words(*pair)))))

    @work
    async def action_delete(self) -> None:
        targets = self.targets
        if any(row.summary.status == "running" for row in targets):
            self.services.notify("A run that trains cannot be deleted; stop it first.", "warning")
        elif targets and await self.app.push_screen_wait(
            delete_question("run", *(row.summary.id for row in targets))
        ):
            for row in targets:
                with self.services.reporting():
                    sweeps.remove(storage.find(row.summary.id))
            self.services.follower.look()


def show_table(app: App[None], services: Services) -> None:
    """Show the table, and then the run that the user chose in it, or the form for a model that starts from a run's."""
    does = {"show": services.opener.open_run, "from": services.opener.start_from}

    def left(result: tuple[str, str] | None) -> None:
        if result is not None:
            what, name = result
            app.run_worker(does[what](name))

    app.push_screen(RunsTable(services), left)


def _columns(text: str) -> list[Column]:
    """The columns of these names; none for the usual ones. Raises `InputError` for an unknown name."""
    return chosen(text) if text.strip() else []


def _named(rows: list[Row]) -> str:
    return rows[0].summary.name if len(rows) == 1 else plural(len(rows), "run")


def _tags(text: str) -> tuple[list[str], list[str]]:
    """The tags to add, and those to remove. Raises `InputError` for an impossible one."""
    words = text.split()
    return (
        [marks.tag(word) for word in words if not word.startswith("-")],
        [marks.tag(word[1:]) for word in words if word.startswith("-")],
    )
