"""The Surprise page of the Inspect tab: how much each character surprises the model, and what it expected instead."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from textual import work
from textual.message import Message
from textual.widget import Widget
from textual.worker import get_current_worker

from lstmterm.amounts import progress
from lstmterm.errors import InputError, within_memory
from lstmterm.infer.surprise import Surprise
from lstmterm.ui.inspect.character_card import CharacterCard, Expected
from lstmterm.ui.inspect.reading import Reading
from lstmterm.ui.inspect.surprise_side import SurpriseSide
from lstmterm.ui.inspect.surprised_text import COLOURINGS, SurprisedText
from lstmterm.ui.inspect.view import Colours, View
from lstmterm.ui.messages import on_screen
from lstmterm.ui.services import Services
from lstmterm.ui.widgets.keys import key

_EVERY = 0.15  # seconds between pictures of what is being computed
_SHARE = 0.1  # of the time that they may take


@dataclass
class Surprised(Message):
    """The surprise at a text, as far as it is computed: the number of predictions made."""

    found: SurprisedText
    done: int


@dataclass
class Looked(Message):
    """What was expected at a position; `reason` says why it is not known."""

    expected: Expected | None
    reason: str = ""


@dataclass
class SurpriseFailed(Message):
    """Why the surprise cannot be computed, in a sentence."""

    reading: Reading
    reason: str


class SurpriseView(View):
    """The surprise at the text, and a card for the character under the cursor."""

    BINDINGS = [
        key("c", "colour", "Colours", "inspect.colours", "Colour by bits or by rank"),
        key("v", "turn(1)", "View", "inspect.view", "At the cursor, histogram, words or lines"),
        key("V", "turn(-1)", "View back", "inspect.view_back", "The view on the right before", show=False),
    ]

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self.found: SurprisedText | None = None  # finished
        self.by = "bits"
        self._shown: SurprisedText | None = None  # finished or not

    def beside(self) -> Iterable[Widget]:
        yield SurpriseSide()

    def start(self, reading: Reading) -> None:
        self.found = self._shown = None
        self.query_one(CharacterCard).show(None)
        self.query_one(SurpriseSide).show(None)
        self.say("predicting…", busy=True)
        self._predict(reading)

    def stop(self) -> None:
        if self.busy:
            self.reading = None
            self.say("stopped")

    @work(thread=True, exclusive=True, group="surprise")
    def _predict(self, reading: Reading) -> None:
        worker = get_current_worker()
        try:
            with within_memory():
                surprise = Surprise(reading.model, reading.ids)
                due = time.monotonic() + _EVERY
                for done in surprise.compute():
                    if worker.is_cancelled or reading is not self.reading:
                        return
                    now = time.monotonic()
                    if now >= due:
                        self.post_message(
                            Surprised(SurprisedText.of(reading, surprise, finished=False), done)
                        )
                        spent = time.monotonic() - now
                        due = now + max(_EVERY, spent / _SHARE)
                reading.keep(surprise)
                self.post_message(Surprised(SurprisedText.of(reading, surprise), len(surprise.nats)))
        except InputError as error:
            self.post_message(SurpriseFailed(reading, on_screen(error)))

    def on_surprised(self, message: Surprised) -> None:
        found = message.found
        if found.reading is not self.reading:
            return
        self._shown = found
        self._colour()
        if found.finished:
            self.found = found
            total = found.total()
            self.say(f"{total.mean:.2f} bits each · {total.chars:,} characters")
            self.query_one(SurpriseSide).show(found)
            self.look(self.text.cursor)
        else:
            self.say(f"{progress('predicting', message.done, len(found.reading.ids) - 1)}…", busy=True)

    def on_surprise_failed(self, message: SurpriseFailed) -> None:
        if message.reading is self.reading:
            self.say("")
            self.services.notify(message.reason, "error")

    # --- colours --------------------------------------------------------------------------------------

    def action_colour(self) -> None:
        self.by = "ranks" if self.by == "bits" else "bits"
        self._colour()

    def _colour(self) -> None:
        if self._shown is not None:
            by = COLOURINGS[self.by]
            levels = self._shown.levels(self.by)
            self.paint(Colours(levels, by.title, by.labels, self._shown.marks, signs=by.signs))

    # --- beside the text ------------------------------------------------------------------------------

    def action_turn(self, by: int) -> None:
        shown = self.query_one(SurpriseSide).turn(by)
        if self.text.display:
            (shown or self.text).focus()

    def on_surprise_side_place_chosen(self, message: SurpriseSide.PlaceChosen) -> None:
        message.stop()
        self.text.go_to(message.position)
        self.text.focus()

    # --- the cursor -----------------------------------------------------------------------------------

    def look(self, position: int) -> None:
        if self._shown is not None:
            self._look(self._shown, position)

    @work(thread=True, exclusive=True, group="looking")
    def _look(self, found: SurprisedText, position: int) -> None:
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
        elif expected and expected.found.reading is self.reading and expected.position == self.text.cursor:
            self.query_one(CharacterCard).show(expected)
