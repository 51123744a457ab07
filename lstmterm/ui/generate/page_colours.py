"""How surprising each character of a page's text is: numbers for its colours, and what was expected in its place.

What a model writes comes with its own probabilities. The rest is measured in a thread, which posts messages and
touches no widget: of the last characters before the user's place, read from the model's initial state.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from textual.message import Message

from lstmterm.amounts import NATS_PER_BIT
from lstmterm.errors import InputError, within_memory
from lstmterm.infer.against import Predicted, by_model
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.model_text import prompt_text
from lstmterm.infer.surprise import Measures, Surprise
from lstmterm.infer.written_measures import NOT_MEASURED
from lstmterm.models.model_file import ModelCard
from lstmterm.ui.generate.next_characters import named
from lstmterm.ui.widgets.colourings import COLOURINGS
from lstmterm.ui.widgets.text_styles import UNKNOWN

MOST = 20_000  # characters before the user's place that are measured
_BEFORE, _AFTER = 2_000, 500  # characters around a place that are read to tell what was expected there
_EVERY = 0.15  # seconds between pictures of what is being measured
_SHOWN = (8, 6, 4, 3, 2, 1)  # how many of the likeliest characters are shown, where there is room
_LEAST = 0.005  # the probability of the least likely of them


@dataclass(frozen=True, eq=False)
class Reader:
    """A model and what is known about it."""

    model: CharLSTM
    card: ModelCard

    def read(self, text: str) -> tuple[np.ndarray, Surprise]:
        """Which of the characters are unknown, (N,), and the surprise at the text, not computed yet."""
        normal = prompt_text(self.card, text)
        ids = self.card.vocabulary.encode(normal if len(normal) == len(text) else text)
        symbols = len(self.card.vocabulary)
        byte = self.card.vocabulary.level == "byte"
        return np.zeros(len(text), bool) if byte else ids >= symbols, Surprise(self.model, ids)


@dataclass
class CharactersMeasured(Message):
    """What is known of the characters of a text, from a position on; more comes unless it is `finished`."""

    text: int  # its number
    start: int
    measures: Measures  # with rank 0 for what the model does not know, NOT_MEASURED for what is not known yet
    finished: bool


@dataclass
class ExpectedFound(Message):
    """What a model expected at a position of a text, the likeliest first."""

    text: int  # its number
    position: int
    likeliest: list[tuple[str, float]]


class KnownCharacters:
    """The surprise at each character of a text that grows, as far as it is known."""

    def __init__(self) -> None:
        self._nats = np.empty(0, np.float32)
        self._ranks = np.empty(0, np.int32)
        self._length = 0

    def cut(self, position: int) -> None:
        """Forget everything from a character on."""
        self._length = min(self._length, position)

    def put(self, start: int, measures: Measures) -> None:
        """Take what is known of the characters from a position on; what is known already stays where nothing is."""
        end = start + len(measures.ranks)
        if end > len(self._ranks):
            room = max(end, 2 * len(self._ranks))
            self._nats, self._ranks = np.resize(self._nats, room), np.resize(self._ranks, room)
        if end > self._length:
            self._ranks[self._length : end] = NOT_MEASURED
            self._nats[self._length : end] = np.nan
            self._length = end
        known = measures.ranks != NOT_MEASURED
        self._nats[start:end][known] = measures.nats[known]
        self._ranks[start:end][known] = measures.ranks[known]

    def at(self, position: int) -> tuple[float, int]:
        """Bits and rank of a character; the rank is 0 for an unknown one, NOT_MEASURED where nothing is known."""
        if position >= self._length:
            return float("nan"), NOT_MEASURED
        return float(self._nats[position]) / NATS_PER_BIT, int(self._ranks[position])

    def lacks(self, start: int, end: int) -> bool:
        """Whether a character in `start` to `end` is not measured."""
        return end > max(start, self._length) or bool((self._ranks[start:end] == NOT_MEASURED).any())

    def levels(self, by: str, start: int, end: int) -> bytes:
        """The steps of the characters `start` to `end` on the scale of `COLOURINGS[by]`; 0 without a number."""
        if not by:
            return bytes(end - start)
        stop = max(min(end, self._length), start)
        ranks, nats = self._ranks[start:stop], self._nats[start:stop]
        steps = COLOURINGS[by].steps(nats / NATS_PER_BIT if by == "bits" else ranks)
        found = np.where(ranks > 0, steps, np.where(ranks == 0, UNKNOWN, 0))
        return found.astype(np.uint8).tobytes() + bytes(end - stop)


class PageColours:
    """Follows the text that a page shows, and the model that it is measured with."""

    def __init__(self, post: Callable[[Message], object]) -> None:
        self.by = ""  # one of COLOURINGS; empty: no colours
        self.reader: Reader | None = None
        self.known = KnownCharacters()
        self._post = post
        self._number = 0  # of the text
        self._measuring = -1  # the number of the text that is being measured, or cannot be
        self._again = False  # whether more is to be measured then
        self._reading = threading.Lock()
        self._read: tuple[int, int, Predicted] | None = (
            None  # a text's number, a position, what was read from there
        )

    # --- called by the screen's thread -----------------------------------------------------------

    def cut(self, position: int) -> None:
        """The text is another one from this position on."""
        self.known.cut(position)
        self._number += 1

    def use(self, model: CharLSTM | None, card: ModelCard | None) -> bool:
        """Measure with this model from now on; returns whether it is another one."""
        if model is (self.reader and self.reader.model):
            return False
        self.reader = None if model is None or card is None else Reader(model, card)
        self.cut(0)
        return True

    def measure(self, text: str) -> Callable[[], None] | None:
        """What must be called in a thread to measure the end of the text; None if there is nothing to do."""
        start = max(len(text) - MOST - 1, 0)
        if not self.by or self.reader is None or not self.known.lacks(start + 1, len(text)):
            return None
        self._again = self._measuring == self._number
        if self._again:
            return None
        self._measuring = self._number
        return partial(self._measure, self.reader, self._number, start, text[start:])

    def take(self, message: CharactersMeasured) -> bool:
        """What was measured; returns whether it is of the present text and model."""
        if message.text == self._number:
            self.known.put(message.start, message.measures)
            self._measuring = -1 if message.finished else self._number
        return message.text == self._number

    @property
    def has_more(self) -> bool:
        """Whether `measure` was asked for more than is being measured."""
        return self._again

    def look(self, text: str, position: int) -> Callable[[], None] | None:
        """What must be called in a thread to post what was expected at a position; None if nothing was."""
        if self.reader is None or position == 0 or self.known.at(position)[1] == NOT_MEASURED:
            return None
        start = max(position - _BEFORE, 0)
        around = text[start : position + _AFTER]
        return partial(self._look, self.reader, self._number, start, around, position)

    def is_present(self, message: ExpectedFound) -> bool:
        """Whether a message is of the present text and model."""
        return message.text == self._number

    def stop(self) -> None:
        """End the thread, if there is one."""
        self._number += 1

    # --- called in a thread of its own -----------------------------------------------------------

    def _measure(self, reader: Reader, number: int, start: int, text: str) -> None:
        try:
            with within_memory():
                unknown, surprise = reader.read(text)
                due = time.monotonic() + _EVERY
                for _ in surprise.compute():
                    if number != self._number:
                        return
                    if time.monotonic() >= due:
                        self._post(_measured(reader.card, number, start, text, unknown, surprise))
                        due = time.monotonic() + _EVERY
                self._post(_measured(reader.card, number, start, text, unknown, surprise, finished=True))
        except InputError:
            pass  # the text stays without colours; writing says what is wrong with the model

    def _look(self, reader: Reader, number: int, start: int, text: str, position: int) -> None:
        with self._reading:
            read = self._read
            if read is None or read[0] != number or not 0 < position - read[1] < len(read[2].text):
                if number != self._number:
                    return
                try:
                    with within_memory():
                        _, surprise = reader.read(text)
                        for _ in surprise.compute():
                            pass
                except InputError:
                    return
                read = self._read = number, start, by_model(reader.card, text, surprise)
            expected = read[2].expected(position - read[1])
        likeliest = sorted(expected.items(), key=lambda each: -each[1])[: max(_SHOWN)]
        self._post(ExpectedFound(number, position, likeliest))


def _measured(
    card: ModelCard,
    number: int,
    start: int,
    text: str,
    unknown: np.ndarray,
    surprise: Surprise,
    *,
    finished: bool = False,
) -> CharactersMeasured:
    """A message about all characters of a text but the first."""
    measures = by_model(card, text, surprise).measures
    missing = np.where(unknown[1:] | finished, 0, NOT_MEASURED)
    ranks = np.where(np.isfinite(measures.nats), measures.ranks, missing).astype(np.int32)
    return CharactersMeasured(number, start + 1, Measures(measures.nats, ranks, measures.entropy), finished)


def summaries(character: str, bits: float, rank: int, likeliest: list[tuple[str, float]]) -> list[str]:
    """A line about a character and what was expected in its place, each shorter than the one before."""
    name = named(character)
    if rank == NOT_MEASURED:
        return [f"{name} · not measured"]
    figures = f"{bits:.2f} bits · rank {rank:,}" if rank else "unknown to the model"
    likely = [(symbol, p) for symbol, p in likeliest if p >= _LEAST]
    shown = [f"{symbol if len(symbol) > 1 else named(symbol)} {p:.0%}" for symbol, p in likely]
    lines = [f"{name} · {figures} · expected {', '.join(shown[:most])}" for most in _SHOWN if shown]
    return [*lines, f"{name} · {figures}", name]
