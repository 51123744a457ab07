"""The Against page of the Inspect tab: where the model predicts a text better than another, and where worse."""

from collections.abc import Iterable, Sequence

from textual import on, work
from textual.containers import Horizontal
from textual.events import Resize
from textual.widget import Widget
from textual.widgets import Button
from textual.worker import get_current_worker

from lstmterm.ui.inspect.against_card import AgainstCard, TypesTable
from lstmterm.ui.inspect.against_reader import AgainstReader, Compared, Comparing, NotCompared, Request
from lstmterm.ui.inspect.compared_text import LABELS, ComparedText
from lstmterm.ui.inspect.cursor_card import Predictions
from lstmterm.ui.inspect.other_picker import OtherPicker
from lstmterm.ui.inspect.reading import Reading
from lstmterm.ui.inspect.view import Colours, View
from lstmterm.ui.services import Services
from lstmterm.ui.widgets.keys import key
from lstmterm.ui.widgets.pick import Pick
from lstmterm.ui.widgets.plain import Line, plain

USUAL = "5-gram"
_TALL = 32  # rows in which the card and the table have room


class AgainstView(View):
    """The text coloured by the difference, the bits of both at the cursor, and a table by types of characters."""

    BINDINGS = [
        key("o", "other", "Against", "inspect.other", "Choose what the model is compared with"),
        key(
            "t", "types", "Types", "inspect.types", "The types of characters, or the character at the cursor"
        ),
    ]

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self.other = USUAL
        self.found: ComparedText | None = None
        self.reader = AgainstReader(self.post_message)

    def beside(self) -> Iterable[Widget]:
        with Horizontal(classes="against"):
            yield Line(classes="against-what")
            yield Pick(self.other, id="other")
        yield AgainstCard(classes="panel")
        yield TypesTable(classes="panel")

    def on_mount(self) -> None:
        self.query_one(".against-what", Line).set_text(plain("against"))
        super().on_mount()

    def on_resize(self, event: Resize) -> None:
        super().on_resize(event)
        self.set_class(event.size.height >= _TALL, "-tall")
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "types" or not self.has_class("-tall")

    # --- comparing ------------------------------------------------------------------------------------

    def start(self, reading: Reading) -> None:
        self.number += 1
        self.found = None
        self.query_one(AgainstCard).show(None)
        self.query_one(TypesTable).show(None)
        self.say("comparing…", busy=True)
        self._compare(Request(self.number, reading, self.other))

    @work(thread=True, exclusive=True, group="comparing")
    def _compare(self, request: Request) -> None:
        worker = get_current_worker()
        self.reader.compare(request, lambda: worker.is_cancelled or request.number != self.number)

    def on_comparing(self, message: Comparing) -> None:
        if message.number == self.number:
            self.say(f"{message.what}…", busy=True)

    def on_compared(self, message: Compared) -> None:
        if message.number != self.number:
            return
        self.found = message.found
        gain = message.found.comparison.rows[-1].gain
        self.say(f"{abs(gain):.2f} bits/char {'better' if gain >= 0 else 'worse'} than {self.other}")
        self._colour(self.found.levels, self.found.marks)
        self.query_one(TypesTable).show(self.found)
        self.look(self.text.cursor)

    def on_not_compared(self, message: NotCompared) -> None:
        if message.number == self.number and self.reading is not None:
            self.say("")
            self._colour(bytes(len(self.reading.text)))
            sentence = f"{message.reason}\n\nPress o to choose what to compare with."
            self.query_one(AgainstCard).show(None, sentence)
            self.query_one(TypesTable).show(None, sentence)

    def _colour(self, levels: bytes, marks: Sequence[int] = ()) -> None:
        self.paint(Colours(levels, "bits worse", LABELS, marks, diverging=True, end="better"))

    # --- the cursor -----------------------------------------------------------------------------------

    def look(self, position: int) -> None:
        if self.found is not None:
            self.look_up(self.found, position)

    def shows(self, found: Predictions) -> bool:
        return found is self.found

    # --- choosing -------------------------------------------------------------------------------------

    @on(Button.Pressed, "#other")
    def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_other()

    @work
    async def action_other(self) -> None:
        running = frozenset(row.name for row in self.services.runs.running)
        chosen = await self.app.push_screen_wait(OtherPicker(self.other, running))
        if chosen is not None:
            self.compare_with(chosen)

    def compare_with(self, other: str) -> None:
        """Compare with another predictor: an n-gram model's name, or a model."""
        self.other = self.query_one(Pick).chosen = other
        if self.reading is not None:
            self.start(self.reading)

    def action_types(self) -> None:
        self.toggle_class("-types")
