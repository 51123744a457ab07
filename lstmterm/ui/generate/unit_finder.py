"""Finds the hidden unit that follows each feature best, in a thread, once for each version of a model."""

import threading

import numpy as np

from lstmterm.amounts import progress
from lstmterm.errors import InputError, within_memory
from lstmterm.infer import units
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.model_text import text_or_default
from lstmterm.infer.units import Finding
from lstmterm.models.model_file import ModelCard
from lstmterm.ui.messages import on_screen

MOST = 40_000  # characters that are looked at
_ENOUGH = 20_000  # characters of a validation text


class _Stopped(Exception):
    """The screen closes."""


class UnitFinder:
    """What is known of a model's units. `state` says what is being done, or what was found or failed."""

    def __init__(self, model: CharLSTM, card: ModelCard) -> None:
        self.model = model
        self.found: list[Finding] | None = None  # the best unit for each feature, the best of them first
        self.state = "reading the text"
        self._card = card
        self._started = False
        self._stopping = threading.Event()

    def start(self) -> bool:
        """Whether `find` must be called, in a thread; only the first time."""
        start, self._started = not self._started, True
        return start

    def stop(self) -> None:
        """End the thread, if there is one."""
        self._stopping.set()

    def find(self) -> None:
        """Compare the model's units with the features of a text."""
        try:
            with within_memory():
                text = text_or_default(self._card, _ENOUGH, self._reading)
                ids = np.asarray(text.ids[:MOST])
                read = self._card.vocabulary.each(ids)
                self.found = units.rank(self.model, ids, read, progress=self._comparing).best_pairs()
        except _Stopped:
            return
        except (InputError, OSError) as error:
            self.state = on_screen(error)
        else:
            self.state = f"by {len(ids):,} characters of {text.name}"

    def _reading(self, what: str, done: int, total: int | None) -> None:
        self._tell(progress(what, done, total))

    def _comparing(self, done: int, whole: int) -> None:
        self._tell(progress("comparing units with features", done, whole))

    def _tell(self, state: str) -> None:
        if self._stopping.is_set():
            raise _Stopped
        self.state = state
