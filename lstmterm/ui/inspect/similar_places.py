"""A dialog with the places of the model's training text in which its states are like those along a stretch."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from rich.cells import cell_len
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option
from textual.worker import get_current_worker

from lstmterm.amounts import progress
from lstmterm.errors import InputError, within_memory
from lstmterm.infer.characters import text_of
from lstmterm.infer.model_text import training_corpus
from lstmterm.infer.similar import Similar, SimilarStates
from lstmterm.ui.inspect.reading import Reading
from lstmterm.ui.messages import on_screen
from lstmterm.ui.services import with_keys
from lstmterm.ui.widgets.dialogs import Dialog
from lstmterm.ui.widgets.hints import hints
from lstmterm.ui.widgets.keys import key
from lstmterm.ui.widgets.plain import plain, plain_lines
from lstmterm.ui.widgets.text_rows import NEWLINE

_PLACES = 20
_LONGEST = 40  # characters of a stretch that are compared, its last
_BEFORE, _AFTER = 44, 60  # characters up to a place and after it in its line
_AROUND = 240  # and in the box below


@dataclass
class Found(Message, bubble=False):
    """The places, and the text that they are in."""

    places: list[Similar]
    ids: np.ndarray


@dataclass
class Progressed(Message, bubble=False):
    """How much of the training text is read."""

    done: int
    whole: int


@dataclass
class Failed(Message, bubble=False):
    """Why there are none, in a sentence."""

    reason: str


class SimilarPlaces(Dialog[None]):
    """The places, the nearest first; the one that is highlighted is shown with more of its text below."""

    BINDINGS = [key("escape,q", "leave(None)", "Close", "similar.close", "Close the list")]

    def __init__(
        self, reading: Reading, start: int, end: int, states_along: Callable[[int, int], np.ndarray]
    ) -> None:
        """`start` to `end` are characters of the text; `states_along` gives the states after some of its numbers."""
        super().__init__()
        self._reading = reading
        first, last = int(reading.starts[start]), int(reading.ends[end - 1]) + 1
        self._span = max(first, last - _LONGEST), last
        self._states_along = states_along
        self._stretch = reading.text[start:end]
        self.places: list[Similar] | None = None
        self._ids = reading.ids

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog similar") as box:
            box.border_title = Content.assemble("Similar to ", plain(f"“{self._stretch}”", 40))
            box.border_subtitle = hints(
                with_keys(self.app, "↑ ↓ more of the text · {similar.close:escape} close")
            )
            yield Static(classes="similar-status", markup=False)
            yield OptionList(markup=False, compact=True)
            yield Static(classes="similar-around", markup=False)

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()
        self._say("reading the training text…")
        self._find()

    def _say(self, status: str) -> None:
        self.query_one(".similar-status", Static).update(plain_lines(status))

    @work(thread=True, exclusive=True)
    def _find(self) -> None:
        worker = get_current_worker()

        def progressed(done: int, whole: int) -> None:
            if worker.is_cancelled:
                raise _Closed
            self.post_message(Progressed(done, whole))

        reading = self._reading
        try:
            with within_memory():
                found = training_corpus(reading.card, folders=False)
                ids = reading.ids if found is None else found[0].ids[slice(*found[1])]
                states = SimilarStates.of(reading.model, reading.card.path, ids, progressed)
                found_places = states.nearest(self._states_along(*self._span), _PLACES)
                self.post_message(Found(found_places, ids))
        except (InputError, OSError) as error:
            self.post_message(Failed(on_screen(error)))
        except _Closed:
            pass

    def on_progressed(self, message: Progressed) -> None:
        if self.places is None:
            self._say(f"{progress('reading the training text', message.done, message.whole)}…")

    def on_failed(self, message: Failed) -> None:
        self._say(message.reason)

    def on_found(self, message: Found) -> None:
        self.places, self._ids = message.places, message.ids
        here = (
            "this text, as the training text was not found"
            if message.ids is self._reading.ids
            else "the training text"
        )
        self._say(f"The nearest hidden states in {here}, by their cosine:")
        options = self.query_one(OptionList)
        options.set_options([Option(self._line(place)) for place in message.places])
        options.highlighted = 0 if message.places else None

    def _characters(self, start: int, end: int) -> str:
        return text_of(self._reading.card.vocabulary, np.asarray(self._ids[max(start, 0) : max(end, 0)]))

    def _on_one_line(self, start: int, end: int) -> Content:
        return plain(self._characters(start, end).replace("\n", NEWLINE))

    def _line(self, place: Similar) -> Content:
        at, length = place.position + 1, self._span[1] - self._span[0]
        return Content.assemble(
            (f"{place.cosine:.3f}  ", "$foreground 65%"),
            self._on_one_line(at - max(length, _BEFORE), at - length),
            (self._on_one_line(at - length, at).plain, "bold $accent"),
            self._on_one_line(at, at + _AFTER),
        )

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if not self.places:
            return
        at, length = self.places[event.option_index].position + 1, self._span[1] - self._span[0]
        around = self.query_one(".similar-around", Static)
        before = self._characters(at - length - _AROUND, at - length)
        around.update(
            Content.assemble(
                plain_lines(last_rows(before, around.content_size.height // 2, around.content_size.width)),
                (plain_lines(self._characters(at - length, at)).plain, "bold $accent"),
                plain_lines(self._characters(at, at + _AROUND)),
            )
        )


def last_rows(text: str, rows: int, width: int) -> str:
    """The end of a text that fits in at most this many rows of this width."""
    kept, left = list[str](), max(rows, 1)
    for line in reversed(text.split("\n")):
        needed = -(-max(cell_len(line), 1) // max(width, 1))
        if needed > left:
            return "\n".join(kept or [line[-left * width :]])
        kept.insert(0, line)
        left -= needed
    return "\n".join(kept)


class _Closed(Exception):
    """The dialog is closed."""
