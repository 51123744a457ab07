"""The Inspect tab: a text coloured by how much each character surprises a model.

A thread reads and computes, and posts messages; the handlers here drop those of an older request.
"""

from dataclasses import dataclass

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Static
from textual.worker import get_current_worker

from lstmterm.errors import InputError, within_memory
from lstmterm.ui.inspect.character_card import CharacterCard, Expected
from lstmterm.ui.inspect.surprise_reader import (
    ModelRead,
    ReadingFailed,
    Request,
    Source,
    Surprised,
    SurpriseReader,
    TextRead,
    Working,
)
from lstmterm.ui.inspect.surprised_text import COLOURINGS, SurprisedText
from lstmterm.ui.inspect.text_entry import TextEntry
from lstmterm.ui.messages import on_screen
from lstmterm.ui.services import Panel, Services
from lstmterm.ui.widgets.coloured_text import ColouredText
from lstmterm.ui.widgets.keys import key
from lstmterm.ui.widgets.model_picker import ModelPicker, card_line, newest_model
from lstmterm.ui.widgets.pick import Pick
from lstmterm.ui.widgets.plain import Line, plain
from lstmterm.ui.widgets.scale_legend import ScaleLegend
from lstmterm.visible import shorten

NO_MODEL = "There is no model yet.\n\nTrain one (F2), or add one in the Library (F6)."


@dataclass
class Looked(Message):
    """What was expected at the cursor; `reason` says why it is not known."""

    expected: Expected | None
    reason: str = ""


class InspectPanel(Panel):
    """A text and a model's surprise at it."""

    ROOMY_FROM = 110

    ABOUT = (
        "See where a text surprises a model",
        "The colour of a character shows how little the model expected it, from all characters before: in bits "
        "(0 if it was certain, 1 more for each halving of the probability) or by rank (1 if it was the "
        "likeliest); 'c' changes between them. On the right are the likeliest characters at the cursor (▸ is the "
        "one that came), the entropy, which is how many bits the model expected, and the bits of the word, the "
        "line and the text. 'n' goes to the next of the 2 % most surprising characters.\n\n"
        "The text is the model's own validation text at first; ^l chooses another text or a file, and ^n is for "
        "typing or pasting one.",
    )

    BINDINGS = [
        key("c", "colour", "Colours", "inspect.colours", "Colour by bits or by rank"),
        key("ctrl+o", "model", "Model", "inspect.model", "Choose a model"),
        key("ctrl+l", "text", "Text", "inspect.text", "Choose a text or a file"),
        key("ctrl+n", "type", "Type", "inspect.type", "Type or paste a text"),
        key("ctrl+r", "own", "Own text", "inspect.own", "The model's own validation text", show=False),
        key("escape,ctrl+t", "stop", "Stop", "inspect.stop", "Stop reading"),
    ]

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self.reader = SurpriseReader(self.post_message)
        self.model = ""
        self.source = Source()
        self.found: SurprisedText | None = None
        self.by = "bits"
        self.busy = False
        self._number = 0  # of the newest request
        self._chosen = False  # whether the user chose the model
        self._read = ""  # the model that was read last

    def compose(self) -> ComposeResult:
        with Vertical(id="surprise", classes="panel"):
            yield Static(NO_MODEL, id="inspect-hint", markup=False)
            yield ColouredText(id="surprised")
            yield ScaleLegend(id="scale")
        with Vertical(id="inspect-side"):
            with Vertical(id="inspect-choice", classes="panel"):
                yield Pick(id="inspect-model", prompt="choose a model…")
                yield Line(id="inspect-card")
            yield CharacterCard(id="at-cursor", classes="panel")

    def on_mount(self) -> None:
        self.query_one("#surprise").border_title = "Text"
        self.query_one("#inspect-choice").border_title = "Model"
        self.services.runs_listed.subscribe(self, lambda _: self._open_newest())
        self._show_legend()
        self._show_hint(NO_MODEL)
        self._open_newest()

    def focus_first(self) -> None:
        target = "#surprised" if self.query_one("#surprised").display else "#inspect-model"
        self.query_one(target).focus()

    @property
    def view(self) -> ColouredText:
        return self.query_one(ColouredText)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "stop" or self.busy

    def _show_status(self, text: str) -> None:
        self.query_one("#surprise").border_subtitle = plain(text, 60)

    def _show_hint(self, text: str) -> None:
        """Show a sentence in the place of the text; none: the text."""
        hint = self.query_one("#inspect-hint", Static)
        hint.display, self.view.display = bool(text), not text
        hint.update(Content(text))

    # --- reading ----------------------------------------------------------------------------------

    def _open_newest(self) -> None:
        """Open the user's newest model, else one that ships, until the user chooses one."""
        name = None if self._chosen or self.model else newest_model()
        if name is not None:
            self.model = name
            self._start()

    def open_model(self, name: str) -> None:
        """Show this model's surprise."""
        self._chosen, self.model = True, name
        self._start()

    def open_source(self, source: Source) -> None:
        """Show the surprise at this text."""
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

    @work(thread=True, exclusive=True, group="surprise")
    def _read_in_thread(self, request: Request) -> None:
        worker = get_current_worker()
        self.reader.read(request, lambda: worker.is_cancelled or request.number != self._number)

    def on_working(self, message: Working) -> None:
        if message.number == self._number:
            self._show_status(f"{message.what}…")

    def on_model_read(self, message: ModelRead) -> None:
        if message.number == self._number:
            self.query_one("#inspect-card", Line).set_text(plain(card_line(message.card)))

    def on_text_read(self, message: TextRead) -> None:
        if message.number != self._number:
            return
        self.found = None
        had_focus = self.screen.focused is self.query_one(Pick)
        self._show_hint("")
        self.view.show(message.text)
        self.query_one("#surprise").border_title = Content(shorten(message.name, 40))
        if had_focus:
            self.view.focus()
        for note in message.notes:
            self.services.notify(note)

    def on_surprised(self, message: Surprised) -> None:
        if message.number != self._number:
            return
        self.found = message.found
        total = message.found.total()
        self._end(f"{total.mean:.2f} bits each · {total.chars:,} characters")
        self._colour()
        self._look()

    def on_reading_failed(self, message: ReadingFailed) -> None:
        if message.number != self._number:
            return
        self._end("")
        self.services.notify(message.reason, "error")
        if self.found is None:
            self._show_hint(message.reason)

    def _end(self, status: str) -> None:
        self.busy = False
        self._show_status(status)
        self.refresh_bindings()

    def action_stop(self) -> None:
        """Drop what is being read."""
        self._number += 1
        self._end("stopped")

    # --- showing ----------------------------------------------------------------------------------

    def action_colour(self) -> None:
        self.by = "ranks" if self.by == "bits" else "bits"
        self._show_legend()
        self._colour()

    def _show_legend(self) -> None:
        colouring = COLOURINGS[self.by]
        self.query_one(ScaleLegend).show(colouring.title, colouring.labels)

    def _colour(self) -> None:
        if self.found is not None:
            self.view.colour(self.found.levels(self.by), len(COLOURINGS[self.by].labels), self.found.marks)

    @on(ColouredText.Moved)
    def _look(self) -> None:
        if self.found is not None:
            self._look_in_thread(self.found, self.view.cursor)
        else:
            self.query_one(CharacterCard).show(None)

    @work(thread=True, exclusive=True, group="looking")
    def _look_in_thread(self, found: SurprisedText, position: int) -> None:
        try:
            with within_memory():
                expected = Expected(found, position, found.likeliest(position))
        except InputError as error:
            self.post_message(Looked(None, on_screen(error)))
        else:
            self.post_message(Looked(expected))

    def on_looked(self, message: Looked) -> None:
        expected = message.expected
        if message.reason:
            self.services.notify(message.reason, "error")
        elif expected and expected.found is self.found and expected.position == self.view.cursor:
            self.query_one(CharacterCard).show(expected)

    # --- choosing ---------------------------------------------------------------------------------

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
        typed = await self.app.push_screen_wait(TextEntry(present))
        if typed is not None:
            self.open_source(Source("typed", typed))

    def action_own(self) -> None:
        self.open_source(Source())
