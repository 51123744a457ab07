"""The Inspect tab: a text, the model that reads it, and pages that show what the model makes of it.

A thread reads both, and posts messages; the handlers here drop those of an older request.
"""

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Button
from textual.worker import get_current_worker

from lstmterm.ui.generate.status_line import StatusLine
from lstmterm.ui.inspect.reading import Reading, Source
from lstmterm.ui.inspect.text_reader import (
    ModelRead,
    ReadingFailed,
    Request,
    TextRead,
    TextReader,
    Working,
)
from lstmterm.ui.inspect.view import View
from lstmterm.ui.services import Panel, Services
from lstmterm.ui.widgets.adapt_dialog import adapted_model
from lstmterm.ui.widgets.dialogs import TextDialog
from lstmterm.ui.widgets.keys import key
from lstmterm.ui.widgets.model_picker import ModelPicker, card_line, newest_model
from lstmterm.ui.widgets.page_buttons import PageButtons
from lstmterm.ui.widgets.paged_panel import PagedPanel, about_pages, page_keys
from lstmterm.ui.widgets.pages import Page, Pages
from lstmterm.ui.widgets.pick import Pick
from lstmterm.ui.widgets.plain import Line, plain, plain_lines
from lstmterm.ui.widgets.text_entry import TextEntry

NO_MODEL = (
    "There is no model yet.\n\nTrain one ({tab.train:f2}), or add one in the Library ({tab.library:f6})."
)
PAGES = (
    Page(
        "surprise",
        "Surprise",
        "f7",
        "Where a text surprises the model",
        "lstmterm.ui.inspect.surprise_view:SurpriseView",
        "The colour of a character shows how little the model expected it, given all characters "
        "before it: in bits (0 if it was certain, 1 more each time the probability halves) or by rank (1 if it "
        "was the likeliest); 'c' changes between them. On the right are the likeliest characters at the cursor "
        "(▸ is the one that came), the entropy, which is how many bits the model expected, and the bits of the "
        "word, the line and the text. 'n' goes to the next of the 2 % most surprising characters, and 'd' shows "
        "digits under the text, for a screen without colours. 'v' changes the right side: the character at the "
        "cursor, a histogram of the bits, and the most surprising words and lines, where Enter goes to the "
        "place. 'a' lets a copy of the model learn from the text, which you can keep as a new model.",
    ),
    Page(
        "against",
        "Against",
        "f8",
        "Where the model beats another, or n-grams",
        "lstmterm.ui.inspect.against_view:AgainstView",
        "Compares the model with another one, or with n-grams of its training text ('o' "
        "chooses). The colour shows by how many bits the model is better or worse. On the right are the bits of "
        "both, what both expected, and for each type of character the gain in bits and its share of the whole gain; "
        "a character has the first type that fits it. 'n' goes to the next of the 2 % largest differences.",
    ),
    Page(
        "units",
        "Units",
        "f9",
        "What the hidden units of the model do in a text",
        "lstmterm.ui.inspect.units_view:UnitsView",
        "The colour of a character shows a hidden unit after it; '[' and ']' go to other units, 'u' goes to "
        "one by its layer and number, and 'c' changes between c, tanh c, h and the gates. The line below shows the "
        "characters in view. 'f' lists the units that follow features of the text, with the correlation and the highest "
        "that chance reaches; Enter shows the unit. 'e' describes it: its values, the share of characters at which its gates "
        "are almost closed and open, and where it is highest and lowest ('n' goes there). 'x' shows what the model "
        "loses without it: with c held at 0 and at its mean, and colours the text by the latter. 'g' plots the gates of "
        "all units. 's' finds places of the training text where the states are like those along the selection "
        "(Shift and the arrow keys) or the word.",
    ),
)


class InspectPanel(PagedPanel):
    """The pages, and the text and the model that they show."""

    ABOUT = (
        "See what a model knows",
        "The text is the model's own validation text at first; {inspect.text:ctrl+l} chooses another text or a file, and {inspect.type:ctrl+n} lets "
        "you type or paste one. {inspect.model:ctrl+o} chooses another model for the same text.\n\n"
        + about_pages(PAGES, "inspect"),
    )

    BINDINGS = [
        *page_keys(PAGES, "inspect"),
        key("ctrl+o", "model", "Model", "inspect.model", "Choose a model"),
        key("ctrl+l", "text", "Text", "inspect.text", "Choose a text or a file"),
        key("ctrl+n", "type", "Type", "inspect.type", "Type or paste a text"),
        key("ctrl+r", "own", "Own text", "inspect.own", "The model's own validation text", show=False),
        key("a", "adapt", "Adapt", "inspect.adapt", "Adapt a copy of the model to this text"),
        key("i", "notes", "Notes", "inspect.notes", "Read the notes about this text in full"),
        key("escape,ctrl+t", "stop", "Stop", "inspect.stop", "Stop reading"),
    ]

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self.reader = TextReader(self.post_message)
        self.model = ""
        self.source = Source()
        self.reading: Reading | None = None
        self.busy = False
        self.notes: tuple[str, ...] = ()  # about the text
        self._number = 0  # of the newest request
        self._chosen = False  # whether the user chose the model

    def compose(self) -> ComposeResult:
        with Horizontal(id="inspect-top"):
            yield PageButtons(PAGES, "inspect", self.services)
            yield Pick(id="inspect-model", prompt="choose a model…")
            yield StatusLine(id="inspect-card")
        yield Line(id="inspect-notes")
        yield Pages(PAGES, self.services, id="inspect-pages")

    def on_mount(self) -> None:
        self.services.runs_listed.subscribe(self, lambda _: self._open_newest())
        self._open_newest()
        if not self.model:
            self.call_after_refresh(self.page.hint, self.services.with_keys(NO_MODEL))

    def focus_first(self) -> None:
        if self.reading is None:
            self.query_one(Pick).focus()
        else:
            self.page.focus_first()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "notes":
            return bool(self.notes)
        return action != "stop" or self.busy or self.page.busy

    # --- pages ----------------------------------------------------------------------------------------

    @property
    def page(self) -> View:
        """The page that is shown."""
        page = super().page
        assert isinstance(page, View)
        return page

    def page_shown(self, left: Panel) -> None:
        """Stop the page that was left, and read the text on this one, from the same cursor."""
        assert isinstance(left, View)
        if left is not self.page:
            left.stop()
        if self.reading is not None:
            self.page.open(self.reading, left.text.cursor)

    # --- reading --------------------------------------------------------------------------------------

    def _open_newest(self) -> None:
        """Open the user's newest model, else one that ships, until the user chooses one."""
        name = None if self._chosen or self.model else newest_model()
        if name is not None:
            self.model = name
            self._start()

    def open_model(self, name: str) -> None:
        """Read the same text with this model."""
        self._chosen, self.model = True, name
        self._start()

    def inspect(self, model: str, text: str) -> None:
        """Read this text with this model; without a text, the model's own."""
        self.source = Source("typed", text) if text else Source()
        self.open_model(model)

    def open_source(self, source: Source) -> None:
        """Read this text with the same model."""
        self.source = source
        if self.model:
            self._chosen = True
            self._start()

    def _start(self) -> None:
        self._number += 1
        self.busy = True
        self.query_one(Pick).chosen = self.model
        self._read_in_thread(Request(self._number, self.model, self.source))
        self.refresh_bindings()

    @work(thread=True, exclusive=True, group="reading")
    def _read_in_thread(self, request: Request) -> None:
        worker = get_current_worker()
        self.reader.read(request, lambda: worker.is_cancelled or request.number != self._number)

    def on_working(self, message: Working) -> None:
        if message.number == self._number:
            self.page.say(f"{message.what}…", busy=self.page.busy)

    def on_model_read(self, message: ModelRead) -> None:
        if message.number == self._number:
            self.query_one("#inspect-card", StatusLine).show(card_line(message.card), "")

    def on_text_read(self, message: TextRead) -> None:
        if message.number != self._number:
            return
        if self.reading is None:
            self.app.call_later(self._focus_text)  # after the focus that `focus_first` asked for
        self.reading, self.busy = message.reading, False
        self.page.open(message.reading)
        self._show_notes(message.notes)
        self.refresh_bindings()

    def _show_notes(self, notes: tuple[str, ...]) -> None:
        self.notes = notes
        line = self.query_one("#inspect-notes", Line)
        line.display = bool(notes)
        line.set_text(plain(f"Note: {' '.join(notes)}"))

    def _focus_text(self) -> None:
        """Move the focus from the model to the text, when there is one for the first time."""
        if self.screen.focused is self.query_one(Pick):
            self.page.focus_first()

    def on_reading_failed(self, message: ReadingFailed) -> None:
        if message.number != self._number:
            return
        self.busy = False
        self.page.say("")
        self.services.notify(message.reason, "error")
        if self.reading is None:
            self.page.hint(message.reason)
        self.refresh_bindings()

    def action_stop(self) -> None:
        """Drop what is being read or computed."""
        self._number += 1
        self.busy = False
        self.page.say("stopped", busy=self.page.busy)
        self.page.stop()
        self.refresh_bindings()

    def action_notes(self) -> None:
        self.app.push_screen(TextDialog("Notes about this text", plain_lines("\n\n".join(self.notes))))

    # --- choosing -------------------------------------------------------------------------------------

    @on(Button.Pressed, "#inspect-model")
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_model()

    @work
    async def action_model(self) -> None:
        running = frozenset(row.name for row in self.services.runs.running)
        chosen = await self.app.push_screen_wait(ModelPicker(self.model, running))
        if chosen is not None:
            self.open_model(chosen)

    @work
    async def action_text(self) -> None:
        from lstmterm.ui.train.corpus_picker import CorpusPicker

        present = self.source.value if self.source.kind == "named" else ""
        picker = CorpusPicker(present, self.services.settings.folder)
        chosen = await self.app.push_screen_wait(picker)
        if chosen is not None:
            self.open_source(Source("named", chosen))

    @work
    async def action_type(self) -> None:
        present = self.source.value if self.source.kind == "typed" else ""
        entry = TextEntry(
            self.services.with_keys("Type or paste a text; {entry.done:ctrl+s} shows it."), "Show", present
        )
        typed = await self.app.push_screen_wait(entry)
        if typed is not None:
            self.open_source(Source("typed", typed))

    @work
    async def action_adapt(self) -> None:
        """See the text with a copy of the model that learned from it, if the user keeps it."""
        if self.reading is None:
            self.services.notify("There is no text to adapt to yet.", "warning")
        elif kept := await adapted_model(self, self.reading.reference, text := self.reading.text):
            self.inspect(kept, text)

    def action_own(self) -> None:
        self.open_source(Source())
