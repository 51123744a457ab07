"""The Surprise page of the Inspect tab: how much each character surprises the model, and what it expected instead."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from textual import work
from textual.message import Message
from textual.widget import Widget

from lstmterm.amounts import progress
from lstmterm.errors import InputError, within_memory
from lstmterm.infer.surprise import Surprise
from lstmterm.ui.inspect.cursor_card import CursorCard, Predictions
from lstmterm.ui.inspect.reading import Reading
from lstmterm.ui.inspect.surprise_side import SurpriseSide
from lstmterm.ui.inspect.surprised_text import SurprisedText
from lstmterm.ui.inspect.view import Colours, View
from lstmterm.ui.messages import on_screen
from lstmterm.ui.services import Services
from lstmterm.ui.widgets.colourings import COLOURINGS
from lstmterm.ui.widgets.keys import key

_EVERY = 0.25  # seconds between pictures of what is being computed
_SHARE = 0.1  # of the time that they may take


@dataclass
class Surprised(Message):
    """The surprise at a text, as far as it is computed: the number of predictions made."""

    number: int  # of the work
    found: SurprisedText
    done: int


@dataclass
class SurpriseFailed(Message):
    """Why the surprise cannot be computed, in a sentence."""

    number: int
    reason: str


class _Stopped(Exception):
    """Newer work came, or the user stopped this."""


class SurpriseView(View):
    """The surprise at the text, and a card for the character under the cursor."""

    BINDINGS = [
        key("c", "colour", "Colours", "inspect.colours", "Colour by bits or by rank"),
        key("v", "turn(1)", "View", "inspect.view", "At the cursor, histogram, words or lines"),
        key("V", "turn(-1)", "View back", "inspect.view_back", "The previous view on the right", show=False),
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
        self.query_one(CursorCard).show(None)
        self.query_one(SurpriseSide).show(None)
        self.resume(reading)

    def resume(self, reading: Reading) -> None:
        self.number += 1
        self.say("predicting…", busy=True)
        self._predict(reading, self.number)

    @work(thread=True, exclusive=True, group="surprise")
    def _predict(self, reading: Reading, number: int) -> None:
        due, everywhere = time.monotonic() + _EVERY, False

        def predicted(surprise: Surprise, done: int) -> None:
            nonlocal due, everywhere
            if number != self.number:
                raise _Stopped
            now, before, everywhere = time.monotonic(), everywhere, surprise.everywhere
            if now >= due or everywhere > before:
                so_far = SurprisedText.of(reading, surprise, finished=False)
                self.post_message(Surprised(number, so_far, done))
                due = now + max(_EVERY, (time.monotonic() - now) / _SHARE)

        try:
            with within_memory():
                surprise = reading.surprise.compute(predicted)
                found = SurprisedText.of(reading, surprise)
                self.post_message(Surprised(number, found, len(surprise.nats)))
        except InputError as error:
            self.post_message(SurpriseFailed(number, on_screen(error)))
        except _Stopped:
            pass

    def on_surprised(self, message: Surprised) -> None:
        found = message.found
        if message.number != self.number:
            return
        self._shown = found
        self._colour()
        if found.finished:
            self.found = found
            total = found.total()
            self.say(f"{total.mean:.2f} bits/char · {total.chars:,} characters")
            self.query_one(SurpriseSide).show(found)
            self.look(self.text.cursor)
        else:
            self.say(f"{progress('predicting', message.done, len(found.reading.ids) - 1)}…", busy=True)

    def on_surprise_failed(self, message: SurpriseFailed) -> None:
        if message.number == self.number:
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

    def on_surprise_side_turned(self, message: SurpriseSide.Turned) -> None:
        message.stop()
        self.action_turn(1)

    def on_surprise_side_place_chosen(self, message: SurpriseSide.PlaceChosen) -> None:
        message.stop()
        self.text.go_to(message.position)
        self.text.focus()

    # --- the cursor -----------------------------------------------------------------------------------

    def look(self, position: int) -> None:
        if self._shown is not None:
            self.look_up(self._shown, position)

    def shows(self, found: Predictions) -> bool:
        return isinstance(found, SurprisedText) and found.reading is self.reading
