"""A model's surprise at a text, which several pages need: it is computed once, by whichever of them asks."""

import threading
from collections.abc import Callable, Iterator

import numpy as np

from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.streams import StreamReading
from lstmterm.infer.surprise import Surprise

OnPredicted = Callable[
    [Surprise, int], None
]  # takes what is known so far, and the number of predictions made


class SharedSurprise:
    """One thread computes at a time; the next one continues where it stopped."""

    def __init__(self, model: CharLSTM, ids: np.ndarray) -> None:
        self._model = model
        self._ids = ids
        self._computing = threading.Lock()
        self._begun: tuple[Surprise, Iterator[int]] | None = None

    def compute(self, predicted: OnPredicted) -> Surprise:
        """The surprise, once all is predicted. What `predicted` raises ends it: the rest is left to the next one."""
        with self._computing:
            surprise, steps = self._begun or self._begin()
            self._begun = None  # after an error it begins again
            for done in steps:
                self._begun = surprise, steps
                predicted(surprise, done)
                self._begun = None
            self._begun = surprise, steps
            return surprise

    def keep(self, surprise: Surprise) -> None:
        """Keep a surprise that was computed while the text was read for something else."""
        with self._computing:
            self._begun = surprise, iter(())

    @property
    def computed(self) -> bool:
        """Whether all is predicted."""
        begun = self._begun
        return begun is not None and begun[0].reading.complete

    def states(self) -> StreamReading:
        """A reading of the text: the one of the surprise if that is computed, else a new one."""
        begun = self._begun
        if begun is not None and begun[0].reading.complete:
            return begun[0].reading
        return StreamReading(self._model, self._ids)

    def _begin(self) -> tuple[Surprise, Iterator[int]]:
        surprise = Surprise(self._model, self._ids)
        return surprise, surprise.compute()
