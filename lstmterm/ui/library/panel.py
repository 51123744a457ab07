"""The Library tab: models, drafts, runs and texts with their cards, and what can be done with each."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from textual import on, work
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.worker import get_current_worker

from lstmterm import paths
from lstmterm.corpora.listing import all_texts
from lstmterm.drafts import store
from lstmterm.errors import error_of
from lstmterm.models import library, model_file
from lstmterm.ui.following import RunsListed
from lstmterm.ui.library.card import shown_card
from lstmterm.ui.library.draft_item import DraftItem, draft_items
from lstmterm.ui.library.draft_search import DraftSearch, chosen
from lstmterm.ui.library.item_list import ItemList
from lstmterm.ui.library.items import Item, ModelItem, Rows, RunItem, Section, TextItem
from lstmterm.ui.messages import on_screen
from lstmterm.ui.services import Panel, Services
from lstmterm.ui.widgets.clipboard import copy
from lstmterm.ui.widgets.dialogs import Ask, delete_question
from lstmterm.ui.widgets.keys import key
from lstmterm.ui.widgets.model_name import ask_model_name
from lstmterm.ui.widgets.save_file import asked_path, save_file
from lstmterm.visible import shorten

_REFRESH = 2.0  # seconds between looks at the models' folder
_LONGEST_NAMES = 200  # columns of those that were deleted


@dataclass
class Gathered(Message):
    """The items that are there now."""

    items: list[Item]


class LibraryPanel(Panel):
    """A list of everything on the left, the card of the item under the cursor on the right."""

    ROOMY_FROM = 110

    ABOUT = (
        "Models, drafts, runs and texts on this machine",
        "Everything that you trained, wrote or added, with its figures. What ships with lstmterm cannot be changed, "
        "but you can copy it. Mark several models with Space and press 'c' to compare them: their losses "
        "on one text, their speed, and a sample of each. Delete deletes all marked models or drafts.\n\n"
        "Drafts are what you write with models, with all branches. '/' searches all of them; Enter opens a "
        "draft in Generate. An exported .md file has the commands that write a draft again, a .json file also all of its "
        "branches.",
    )

    BINDINGS = [
        key("space", "mark", "Mark", "library.mark", "Mark the model or draft"),
        key("c", "compare", "Compare", "library.compare", "Show the marked models side by side"),
        key("f10", "inspect", "Inspect", "library.inspect", "See where its own text surprises the model"),
        key(
            "f",
            "from",
            "Train from",
            "library.from",
            "Start a new model from its weights, in the form of its kind",
        ),
        key("slash", "search", "Find", "library.search", "Find a text in all drafts"),
        key("t", "table", "Runs", "library.table", "All runs as a table: sort, filter, tag, compare, delete"),
        key("r", "rename", "Rename", "library.rename", "Rename the model or the draft"),
        key("d", "duplicate", "Duplicate", "library.duplicate", "Copy the model under another name"),
        key("delete", "delete", "Delete", "library.delete", "Delete it, after a confirmation"),
        key("x", "export", "Export", "library.export", "Copy the model or the draft to a file"),
        key("i", "import", "Import", "library.import", "Add a model file or a text to the library"),
        key("p", "path", "Path", "library.path", "Copy the path of its file or folder", show=False),
        key("y", "copy", "Copy card", "library.copy", "Copy its card", show=False),
    ]

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self._stamp: tuple[object, ...] = ()  # when the models and the drafts changed
        self._card: tuple[str, str, Rows, list[Section]] = "", "", [], []  # kind, name and what is shown

    def compose(self) -> ComposeResult:
        yield ItemList(id="items")
        with VerticalScroll(id="card", classes="panel"):
            yield Static(id="card-text")

    def on_mount(self) -> None:
        self.services.runs_listed.subscribe(self, self._runs_listed)
        self.set_interval(_REFRESH, self.look)
        self.gather()

    def focus_first(self) -> None:
        self.item_list.focus()
        self.gather()

    @property
    def item_list(self) -> ItemList:
        return self.query_one(ItemList)

    @property
    def item(self) -> Item:
        """The item under the cursor; without one, there is no action on it."""
        item = self.item_list.item
        assert item is not None
        return item

    # --- gathering ----------------------------------------------------------------------------------

    def _runs_listed(self, message: RunsListed) -> None:
        if self.display:
            self.gather()

    def look(self) -> None:
        """Update the ages; gather again when a model or a draft was added, removed or changed."""
        if not self.display:
            return
        self._show(self.item_list.items)
        files = [entry.path for entry in library.library()] + [*map(store.path_of, store.names())]
        if (stamp := tuple((path, paths.changed(path)) for path in files)) != self._stamp:
            self._stamp = stamp
            self.gather()

    @work(thread=True, exclusive=True, group="gather")
    def gather(self) -> None:
        """Read what there is, in a thread."""
        worker = get_current_worker()
        items: list[Item] = [ModelItem(entry, card) for entry, card in library.cards()]
        items += draft_items()
        items += [RunItem(run) for run in self.services.runs.summaries]
        items += [TextItem(text) for text in all_texts() if text.here]
        if not worker.is_cancelled:  # by one that reads what is newer
            self.post_message(Gathered(items))

    def on_gathered(self, message: Gathered) -> None:
        self._show(message.items)

    def _show(self, items: list[Item]) -> None:
        self.item_list.show(items, self.services.clock())
        self._show_card()

    # --- the card -----------------------------------------------------------------------------------

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        item = self.item_list.item
        if item is not None and (item.kind, item.name) != self._card[:2]:
            self.query_one("#card").scroll_home(animate=False)
        self._show_card()
        self.refresh_bindings()

    def _show_card(self) -> None:
        """Draw the card of the item under the cursor if it changed."""
        item = self.item_list.item
        if item is None:
            return
        card = item.kind, item.name, item.card(self.services.clock()), item.sections()
        if card != self._card:
            self._card = card
            title = f"{item.kind.capitalize()} · {shorten(item.name, 50)}"
            self.query_one("#card").border_title = Content(title)
            self.query_one("#card-text", Static).update(shown_card(*card[2:]))

    @on(OptionList.OptionSelected)
    async def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        match self.item_list.item:
            case ModelItem(name=name):
                await self.services.opener.open_model(name)
            case DraftItem(name=name):
                await self.services.opener.open_draft(name)
            case RunItem(name=name):
                await self.services.opener.open_run(name)
            case TextItem(name=name):
                await self.services.opener.open_text(name)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        item = self.item_list.item if self.is_mounted and self.query(ItemList) else None
        is_model, is_own = isinstance(item, ModelItem), isinstance(item, ModelItem | DraftItem)
        match action:
            case "mark" | "export":
                return is_own
            case "from":
                return is_model or (isinstance(item, RunItem) and library.is_taken(item.run.name))
            case "inspect":
                return isinstance(item, ModelItem) and item.kind_of_model == "charlm"
            case "rename":
                return isinstance(item, ModelItem | DraftItem) and item.removable
            case "duplicate":
                return is_model
            case "delete":
                return item is not None and any(chosen.removable for chosen in self.item_list.chosen)
            case "path" | "copy":
                return item is not None
        return True

    # --- actions ------------------------------------------------------------------------------------

    def _done(self, message: str) -> None:
        self.services.notify(message)
        self.gather()

    def action_mark(self) -> None:
        self.item_list.mark()
        self.item_list.action_cursor_down()

    def action_compare(self) -> None:
        from lstmterm.infer.side_by_side import chosen
        from lstmterm.ui.library.comparison import ComparisonScreen

        if len(self.item_list.marked) < 2:
            self.services.notify("Mark two or more models with Space, then compare them.")
            return
        with self.services.reporting():
            self.app.push_screen(ComparisonScreen(self.services, chosen(self.item_list.marked)))

    async def action_inspect(self) -> None:
        await self.services.opener.inspect_model(self.item.name)

    async def action_from(self) -> None:
        item = self.item
        await self.services.opener.start_from(item.run.name if isinstance(item, RunItem) else item.name)

    @work
    async def action_search(self) -> None:
        found = await self.app.push_screen_wait(DraftSearch())
        if found is not None:
            await self.services.opener.open_draft(*chosen(found))

    def action_table(self) -> None:
        from lstmterm.ui.train.runs_table import show_table

        show_table(self.app, self.services)

    @work
    async def action_rename(self) -> None:
        item, old = self.item, self.item.name
        question = f"The new name of {old}?"
        if isinstance(item, DraftItem):
            ask = Ask(question, old, lambda new: store.refuse_taken(new, old))
            name = await self.app.push_screen_wait(ask)
        else:
            name = await ask_model_name(self.app, question, old, old)
        if name and name != old:
            with self.services.reporting():
                if isinstance(item, DraftItem):
                    self.services.opener.rename_draft(old, name)
                else:
                    library.rename(old, name, overwrite=library.is_shipped(name))
                self.item_list.under = item.kind, name
                self._done(f"Renamed {old} to {name}.")

    @work
    async def action_duplicate(self) -> None:
        item = self.item
        name = await ask_model_name(self.app, f"The name of the copy of {item.name}?", f"{item.name}-copy")
        if name:
            with self.services.reporting():
                library.import_file(item.place, name, overwrite=library.is_shipped(name))
                self._done(f"Copied {item.name} to {name}.")

    @work
    async def action_export(self) -> None:
        item = self.item
        if isinstance(item, DraftItem):
            question = "Write the draft to which file? The suffix .txt, .md or .json sets the format."
            return await save_file(self, question, f"{item.name}.txt", item.exported)
        question = "Copy the model to which file or folder?"
        path = await asked_path(self.app, question, f"{item.name}{paths.MODEL_SUFFIX}", or_folder=True)
        if path is not None:
            with self.services.reporting():
                library.export(item.name, path, overwrite=True)
                self._done(f"Copied to {path}.")

    @work
    async def action_import(self) -> None:
        from lstmterm.ui.train.corpus_picker import CorpusPicker

        answer = await self.app.push_screen_wait(
            CorpusPicker("", self.services.settings.folder, "Add a model file or a text", files_only=True)
        )
        if not answer:
            return
        path = Path(answer)
        add = self._import_model if path.suffix == paths.MODEL_SUFFIX else self._import_text
        with self.services.reporting():
            if name := await add(path):
                self._done(f"{name} was added to the library.")

    async def _import_model(self, path: Path) -> str | None:
        """Add a model file under its own name, or under one that the user gives; None if the user does not."""
        name = (await asyncio.to_thread(model_file.describe, path)).name
        if wrong := error_of(library.refuse_taken, name):
            name = await ask_model_name(self.app, on_screen(wrong), library.free_name(name))
        if name:
            hides = library.is_shipped(name)
            await asyncio.to_thread(library.import_file, path, name, overwrite=hides)
        return name

    async def _import_text(self, path: Path) -> str | None:
        """As `_import_model`, for a text."""
        from lstmterm.corpora import adding, sources
        from lstmterm.corpora.corpus import open_corpus

        name = sources.default_name(str(path))
        if wrong := error_of(adding.refuse_taken, name):
            ask = Ask(on_screen(wrong), adding.free_name(name), adding.refuse_taken)
            name = await self.app.push_screen_wait(ask)
        if name:
            await asyncio.to_thread(lambda: adding.add(open_corpus(str(path)), name))
        return name

    @work
    async def action_delete(self) -> None:
        items = [item for item in self.item_list.chosen if item.removable]
        if any(isinstance(item, RunItem) and item.run.status == "running" for item in items):
            self.services.notify("It is running; stop it first.", "warning")
        elif await self.app.push_screen_wait(delete_question(items[0].kind, *(item.name for item in items))):
            deleted: list[str] = []
            for item in items:
                with self.services.reporting():
                    if isinstance(item, DraftItem):
                        self.services.opener.remove_draft(item.name)
                    else:
                        item.remove()
                    deleted.append(item.name)
            self.services.follower.look()
            if deleted:
                self._done(f"Deleted {shorten(', '.join(deleted), _LONGEST_NAMES)}.")

    def action_path(self) -> None:
        copy(self.app, str(self.item.place), f"the path {self.item.place}")

    def action_copy(self) -> None:
        lines = [f"{title}: {value}" for title, value in self.item.card(self.services.clock()) if value]
        for heading, texts in self.item.sections():
            lines += ["", f"{heading}:", *(text.plain for text in texts)]
        copy(self.app, "\n".join(lines), "the description")
