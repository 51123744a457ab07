"""Compares a text's model with another predictor, in a thread: posts messages and touches no widget."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from textual.message import Message

from lstmterm.amounts import progress
from lstmterm.errors import InputError, within_memory
from lstmterm.infer.against import NGRAMS, Comparison, Predicted, by_model, by_ngrams, counted_words
from lstmterm.infer.model_text import training_text
from lstmterm.infer.surprise import Surprise
from lstmterm.models import library
from lstmterm.models.model_file import ModelCard
from lstmterm.ui.inspect.compared_text import ComparedText
from lstmterm.ui.inspect.reading import Reading
from lstmterm.ui.inspect.text_reader import read_character_model
from lstmterm.ui.messages import on_screen

Working = Callable[[str, int, int | None], None]  # takes what is done, how much of it, and of how much
Training = tuple[np.ndarray | None, Mapping[str, int] | None]  # the training text, and the words in it


@dataclass(frozen=True)
class Request:
    """A predictor to compare with the model of a reading: one of `NGRAMS`, or a model."""

    number: int  # the newest counts
    reading: Reading
    other: str


@dataclass
class AgainstMessage(Message):
    """What the reader posts about a request."""

    number: int


@dataclass
class Comparing(AgainstMessage):
    """What is being done, and how much is done."""

    what: str


@dataclass
class Compared(AgainstMessage):
    """The comparison is there."""

    found: ComparedText


@dataclass
class NotCompared(AgainstMessage):
    """Why the two cannot be compared, in a sentence."""

    reason: str


class _Cancelled(Exception):
    """A newer request came."""


class AgainstReader:
    """Works on one request at a time; what it found stays in memory until another text or model is read."""

    def __init__(self, post: Callable[[Message], object]) -> None:
        self._post = post
        self._busy = threading.Lock()
        self._reading: Reading | None = None
        self._found: dict[object, ComparedText] = {}  # by the other predictor
        self._training: Training | None = None  # of the model that reads

    def compare(self, request: Request, is_stale: Callable[[], bool]) -> None:
        """Compare, and post the comparison, until `is_stale`."""

        def working(what: str, done: int, total: int | None) -> None:
            if is_stale():
                raise _Cancelled
            self._post(Comparing(request.number, progress(what, done, total)))

        with self._busy:
            try:
                with within_memory():
                    working("comparing", 0, None)
                    self._post(Compared(request.number, self._compared(request, working)))
            except (InputError, OSError) as error:
                self._post(NotCompared(request.number, on_screen(error)))
            except _Cancelled:
                pass

    def _compared(self, request: Request, working: Working) -> ComparedText:
        reading, other = request.reading, request.other
        if reading is not self._reading:
            same_model = self._reading is not None and reading.model is self._reading.model
            self._reading, self._found = reading, {}
            self._training = self._training if same_model else None
        key = other if other in NGRAMS else library.version(other)
        if key not in self._found:
            if self._training is None:
                self._training = _training(reading.card, working)
            training, counts = self._training
            second = _predicted(reading, other, training, working)
            surprise = reading.surprise.compute(
                lambda so_far, done: working("predicting", done, len(so_far.nats))
            )
            first = by_model(reading.card, reading.text, surprise)
            self._found[key] = ComparedText.of(Comparison.of(first, second, counts))
        return self._found[key]


def _training(card: ModelCard, working: Working) -> Training:
    training = training_text(card, working)
    working("counting words", 0, None)
    return training, counted_words(card, training)


def _predicted(reading: Reading, other: str, training: np.ndarray | None, working: Working) -> Predicted:
    """What the other predictor expects of the text."""

    def predicting(done: int, whole: int) -> None:
        working(f"predicting with {other}", done, whole)

    if other in NGRAMS:
        return by_ngrams(reading.card, training, reading.text, other, predicting)
    working(f"reading {other}", 0, None)
    model, card = read_character_model(other, library.version(other).path)
    surprise = Surprise.of(model, card.vocabulary.encode(reading.text), predicting)
    return by_model(card, reading.text, surprise)
