"""The Library tab: models, runs and texts with their facts, and what can be done with each."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from lstmterm import paths
from lstmterm.amounts import ago, duration, size
from lstmterm.corpora import stored
from lstmterm.corpora.listing import Listed, listing
from lstmterm.errors import InputError, RunError
from lstmterm.models import library, model_file
from lstmterm.models.card import card_rows
from lstmterm.models.library import ModelEntry
from lstmterm.runs import storage
from lstmterm.runs.summary import Summary
from lstmterm.ui.following import RunsListed
from lstmterm.ui.services import Panel, Services
from lstmterm.ui.train.runs_list import SIGNS, STYLES
from lstmterm.ui.widgets.dialogs import Ask, Question
from lstmterm.ui.widgets.plain import fitted
from lstmterm.visible import visible

_LOOKS_EVERY = 2.0  # seconds between looks at the models' folder
_TITLES = 14  # cells that a card's titles take at most; the values get the rest
_NAMES = {"own": "yours", "shipped": "comes with lstmterm"}


@dataclass(frozen=True)
class Item:
    """A line of the list."""

    kind: str  # model, run or text
    name: str  # a model's or a text's name, a run's id
    thing: Any  # ModelEntry, Summary or Listed
    sign: tuple[str, str]  # and its style
    told: str

    def line(self, width: int) -> Content:
        """The line, so many cells wide: the sign, the name, and on the right what is to be known."""
        told = fitted(self.told, max(width - 12, 8))
        shown = self.thing.name if self.kind == "run" else self.name
        name = fitted(shown, max(width - 3 - cell_len(told), 8))
        gap = " " * max(width - 2 - cell_len(name) - cell_len(told), 1)
        sign, style = self.sign
        return Content.assemble((f"{sign} ", style), (name, "bold"), gap, (told, "$foreground 70%"))


@dataclass
class Gathered(Message):
    """What is in the library now."""

    items: list[Item]


class Items(OptionList):
    """The list; says when its lines have another width."""

    class Resized(Message):
        """The width is another one."""

    def on_resize(self) -> None:
        self.post_message(self.Resized())


class LibraryPanel(Panel):
    """A list of everything on the left, the card of what is under the cursor on the right."""

    BINDINGS = [
        Binding("r", "rename", "Rename", id="library.rename", tooltip="Give the model another name"),
        Binding(
            "d",
            "duplicate",
            "Duplicate",
            id="library.duplicate",
            tooltip="Make a copy of the model under another name",
        ),
        Binding(
            "delete",
            "delete",
            "Delete",
            key_display="del",
            id="library.delete",
            tooltip="Delete it, after a question",
        ),
        Binding("x", "export", "Export", id="library.export", tooltip="Copy the model to a file"),
        Binding(
            "i",
            "import",
            "Import",
            id="library.import",
            tooltip="Add a model from a file, or keep a text under a name",
        ),
        Binding(
            "p", "path", "Path", show=False, id="library.path", tooltip="Copy the path of its file or folder"
        ),
        Binding("y", "copy", "Copy card", show=False, id="library.copy", tooltip="Copy its card"),
    ]

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self.items: list[Item] = []
        self._stamp: tuple[float, ...] = ()
        self._listed: list[tuple[str, str]] = []  # kinds and names, as they stand in the list
        self._under: tuple[str, str] | None = None
        self._card_rows: list[tuple[str, str]] = []

    def compose(self) -> ComposeResult:
        yield Items(id="items", markup=False, compact=True)
        with VerticalScroll(id="card", classes="panel"):
            yield Static(id="card-text")

    def on_mount(self) -> None:
        self.query_one("#items").border_title = "Library"
        self.services.runs_listed.subscribe(self, self._runs_listed)
        self.set_interval(_LOOKS_EVERY, self.look)
        self.gather()

    def focus_first(self) -> None:
        """Where the keys go when the tab is shown."""
        self.query_one("#items").focus()
        self.gather()

    def on_resize(self, event: Resize) -> None:
        self.set_class(event.size.width >= 110, "-roomy")

    @on(Items.Resized)
    def _resized(self, event: Items.Resized) -> None:
        event.stop()
        self._show()

    # --- gathering ----------------------------------------------------------------------------------

    def _runs_listed(self, message: RunsListed) -> None:
        if self.display:
            self.gather()

    def look(self) -> None:
        """Let the runs' ages go on; gather again when a model came, went, or got better."""
        if not self.display:
            return
        now = self.services.clock()
        aged = [_run_item(item.thing, now) if item.kind == "run" else item for item in self.items]
        if aged != self.items:
            self.items = aged
            self._show()
        stamp = tuple(paths.changed(entry.path) for entry in library.library())
        if stamp != self._stamp:
            self._stamp = stamp
            self.gather()

    @work(thread=True, exclusive=True, group="gather")
    def gather(self) -> None:
        """Read what there is, beside the screen."""
        now = self.services.clock()
        items = [_model_item(entry) for entry in library.library()]
        items += [_run_item(row, now) for row in self.services.runs.rows]
        items += [_text_item(text) for text in listing() if text.here]
        self.post_message(Gathered(items))

    def on_gathered(self, message: Gathered) -> None:
        self.items = message.items
        self._show()

    def _show(self) -> None:
        """List the items; where they are the same ones, only what changed of them."""
        options = self.query_one("#items", OptionList)
        width = max((options.scrollable_content_region.width or 38) - 1, 20)
        names = [(item.kind, item.name) for item in self.items]
        if names == self._listed and options.option_count:
            for index, item in enumerate(self.items):
                line = item.line(width)
                if not line.is_same(cast(Content, options.get_option(str(index)).prompt)):
                    options.replace_option_prompt(str(index), line)
            self._show_card()
            return
        target = self._target(names)
        self._listed = names
        options.set_options(self._options(width))
        options.highlighted = None if target is None else options.get_option_index(str(target))

    def _target(self, names: list[tuple[str, str]]) -> int | None:
        """Which of `names` the cursor goes to: where it was, or what stood next to an item that is gone.

        That is the one behind it, else the one before it, and of its own kind if there is one.
        """
        under, before = self._under, self._listed
        if under in names:
            return names.index(under)
        if under is None or under not in before:
            return 0 if names else None
        at = before.index(under)
        stood = [*before[at + 1 :], *reversed(before[:at])]
        left = sorted((each for each in stood if each in names), key=lambda each: each[0] != under[0])
        return names.index(left[0]) if left else 0 if names else None

    def _options(self, width: int) -> Iterator[Option]:
        """The items below the headings of their kinds."""
        for kind, heading in (("model", "Models"), ("run", "Runs"), ("text", "Texts")):
            found = [index for index, item in enumerate(self.items) if item.kind == kind]
            if kind != "model":
                yield Option(Content(""), disabled=True)
            count = (f"  {len(found)}", "$foreground 60%")
            yield Option(Content.assemble((heading, "bold $accent"), count), disabled=True)
            if not found and kind != "text":
                yield Option(Content.assemble(("  none yet", "$foreground 60%")), disabled=True)
            for index in found:
                yield Option(self.items[index].line(width), id=str(index))

    @property
    def item(self) -> Item | None:
        """What is under the cursor."""
        option = self.query_one("#items", OptionList).highlighted_option
        if option is None or option.id is None or int(option.id) >= len(self.items):
            return None
        return self.items[int(option.id)]

    # --- the card -----------------------------------------------------------------------------------

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        item = self.item
        if item is not None:
            if (item.kind, item.name) != self._under:
                self.query_one("#card").scroll_home(animate=False)
            self._under = item.kind, item.name
        self._show_card()
        self.refresh_bindings()

    def _show_card(self) -> None:
        """The card of what is under the cursor; drawn when it says something else."""
        item = self.item
        if item is None:
            return
        rows = _card(item, self.services.clock())
        if rows != self._card_rows:
            self._card_rows = rows
            title = f"{item.kind.capitalize()} · {fitted(item.name, 50)}"
            self.query_one("#card").border_title = Content(title)
            self.query_one("#card-text", Static).update(_table(rows))

    @on(OptionList.OptionSelected)
    async def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        item = self.item
        if item is None:
            return
        if item.kind == "model":
            await self.services.opener.open_model(item.name)
        elif item.kind == "run":
            await self.services.opener.open_run(item.name)
        else:
            await self.services.opener.open_text(item.name)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        item = self.item if self.is_mounted and self.query("#items") else None
        if action in ("rename", "duplicate", "export"):
            own = item is not None and item.kind == "model"
            return own and (action != "rename" or item.thing.place == "own") if item else False
        if action == "delete":
            return item is not None and not (
                (item.kind == "model" and item.thing.place != "own")
                or (item.kind == "text" and item.thing.origin == "built-in")
            )
        return True

    # --- doing --------------------------------------------------------------------------------------

    def _say(self, told: str) -> None:
        self.services.notify(told)
        self.gather()

    @work
    async def action_rename(self) -> None:
        item = self.item
        if item is None:
            return
        name = await self.app.push_screen_wait(
            Ask(f"The new name of {item.name}?", item.name, self._free(item.name))
        )
        if name and name != item.name:
            try:
                library.rename(item.name, name)
            except (InputError, OSError) as error:
                self.services.notify(str(error), "error")
            else:
                self._under = item.kind, name
                self._say(f"{item.name} is {name} now.")

    def _free(self, present: str) -> Any:
        def check(name: str) -> None:
            if name != present:
                library.refuse_taken(name)

        return check

    @work
    async def action_duplicate(self) -> None:
        item = self.item
        if item is None:
            return
        name = await self.app.push_screen_wait(
            Ask(f"The name of the copy of {item.name}?", f"{item.name}-copy", library.refuse_taken)
        )
        if name:
            try:
                library.import_file(item.thing.path, name)
            except (InputError, OSError) as error:
                self.services.notify(str(error), "error")
            else:
                self._say(f"{name} is a copy of {item.name}.")

    @work
    async def action_export(self) -> None:
        item = self.item
        if item is None:
            return
        answer = await self.app.push_screen_wait(
            Ask("Copy the model to which file or folder?", f"{item.name}{paths.MODEL_SUFFIX}")
        )
        if answer:
            try:
                path = library.export(item.name, Path(answer).expanduser())
            except (InputError, OSError) as error:
                self.services.notify(str(error), "error")
            else:
                self._say(f"Copied to {path.absolute()}.")

    @work
    async def action_import(self) -> None:
        from lstmterm.ui.train.corpus_picker import CorpusPicker

        answer = await self.app.push_screen_wait(
            CorpusPicker("", self.services.settings.folder, "Add a model file or a text", files_only=True)
        )
        if answer:
            self._import(answer)

    @work(thread=True, group="import")
    def _import(self, answer: str) -> None:
        path = Path(answer)
        try:
            if path.suffix == paths.MODEL_SUFFIX:
                told = f"{library.import_file(path).name.removesuffix(paths.MODEL_SUFFIX)} is in the library."
            else:
                from lstmterm.corpora.adding import add
                from lstmterm.corpora.corpus import open_corpus

                told = f"{add(open_corpus(answer)).name} is kept among the texts."
        except (InputError, RunError, OSError) as error:
            self.app.call_from_thread(self.services.notify, str(error), "error")
        else:
            self.app.call_from_thread(self._say, told)

    @work
    async def action_delete(self) -> None:
        item = self.item
        if item is None:
            return
        if item.kind == "run" and item.thing.status == "running":
            self.services.notify("It is running; stop it first.", "warning")
            return
        gone = {
            "model": "The file is deleted; it can't be brought back.",
            "run": "Its curve and its samples go, and it can't be resumed. Its model stays.",
            "text": "The kept copy is deleted; models of it stay.",
        }
        if not await self.app.push_screen_wait(
            Question(f"Delete the {item.kind} {item.name}?\n\n{gone[item.kind]}", "Delete")
        ):
            return
        try:
            if item.kind == "model":
                library.remove(item.name)
            elif item.kind == "run":
                storage.remove(storage.find(item.name))
            else:
                stored.remove(item.name)
        except (InputError, RunError, OSError) as error:
            self.services.notify(str(error), "error")
        else:
            self.services.follower.look()
            self._say(f"{item.name} is deleted.")

    def action_path(self) -> None:
        item = self.item
        if item is not None:
            place = _place(item)
            self.app.copy_to_clipboard(place)
            self.services.notify(place, title="The path is on the clipboard")

    def action_copy(self) -> None:
        item = self.item
        if item is not None:
            rows = _card(item, self.services.clock())
            self.app.copy_to_clipboard("\n".join(f"{title}: {value}" for title, value in rows if value))
            self.services.notify("The card is on the clipboard.")


def _place(item: Item) -> str:
    """Where an item lies."""
    if item.kind == "model":
        return str(item.thing.path)
    if item.kind == "run":
        return str(paths.runs() / item.name)
    own = stored.find(item.name) if item.thing.origin != "built-in" else None
    return str(own.folder) if own is not None else str(paths.shipped_corpora())


def _model_item(entry: ModelEntry) -> Item:
    try:
        card = model_file.describe(entry.path)
    except InputError:
        return Item("model", entry.name, entry, ("✗", "$error"), "cannot be read")
    loss = card.metrics.get("val_loss")
    figure = f"val {loss:.3f}" if loss is not None else ""
    accuracy = card.metrics.get("test_accuracy", card.metrics.get("dev_accuracy"))
    if accuracy is not None:
        figure = f"{accuracy:.1%}"
    return Item("model", entry.name, entry, ("◆", "$primary") if card.complete else ("◌", "$warning"), figure)


def _run_item(row: Summary, now: float) -> Item:
    state = f"{row.share:.0%}" if row.status == "running" else row.status
    told = (
        "" if row.status == "finished" else state,
        f"{row.val_loss:.3f}" if row.val_loss is not None else "",
        ago(now - row.changed) if row.changed else "",
    )
    sign = SIGNS.get(row.status, "?"), STYLES.get(row.status, "")
    return Item("run", row.id, row, sign, " ".join(filter(None, told)))


def _text_item(text: Listed) -> Item:
    known = size(text.bytes) if text.bytes is not None else ""
    return Item("text", text.name, text, ("≡", "$secondary"), known)


def _card(item: Item, now: float) -> list[tuple[str, str]]:
    """All that is known of an item: titles and values."""
    if item.kind == "model":
        try:
            return list(card_rows(item.thing, model_file.describe(item.thing.path)))
        except InputError as error:
            return [("problem", str(error))]
    if item.kind == "run":
        return _run_rows(item.thing, now)
    text: Listed = item.thing
    return [
        ("title", text.title),
        ("origin", text.origin),
        ("size", size(text.bytes) if text.bytes is not None else "unknown"),
        ("kind", text.kind),
        ("language", text.language),
        ("licence", text.licence),
        ("purpose", text.purpose),
        ("place", _place(item)),
    ]


def _table(rows: list[tuple[str, str]]) -> Table:
    """The card in two columns, long titles on several lines; values are plain text."""
    table = Table.grid(padding=(0, 2))
    table.add_column(max_width=_TITLES, style="dim")
    table.add_column(overflow="fold")
    for title, value in rows:
        if value:
            table.add_row(Text(visible(title.replace("_", " "))), Text(visible(value)))
    return table


def _run_rows(row: Summary, now: float) -> list[tuple[str, str]]:
    try:
        spec = dict(storage.find(row.id).spec)
    except (InputError, RunError) as error:
        return [("problem", str(error))]
    training = spec.get("training", {})
    shape, text, batches = (
        spec.get("model", {}),
        spec.get("text", spec.get("data", {})),
        spec.get("batches", {}),
    )
    rows = [
        ("state", row.status + (f": {row.reason}" if row.reason else "")),
        ("done", f"{row.share:.0%} of {training.get('steps', '?')} steps"),
        ("val loss", f"{row.val_loss:.4f} nats" if row.val_loss is not None else ""),
        ("changed", ago(now - row.changed) if row.changed else ""),
        ("text", str(text.get("name", ""))),
        ("model", f"{shape.get('layers', '?')}x{shape.get('hidden', '?')}" if shape else ""),
        ("batches", f"{batches['batch_size']} streams x {batches['seq_length']}" if batches else ""),
    ]
    if training.get("minutes"):
        rows.append(("planned for", duration(60 * training["minutes"])))
    for name in (
        "optimizer",
        "learning_rate",
        "schedule",
        "warmup",
        "clip",
        "device",
        "threads",
        "precision",
        "seed",
    ):
        if name in training:
            rows.append((name.replace("_", " "), f"{training[name]}"))
    rows.append(("follow it", shlex.join(["lstmterm", "attach", row.id])))
    rows.append(("place", str(paths.runs() / row.id)))
    return rows
