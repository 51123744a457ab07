"""A text and the character model that reads it, which all views of the tab share."""

import threading
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from lstmterm.infer.characters import starts_of
from lstmterm.infer.lstm import CharLSTM, Progress
from lstmterm.infer.surprise import Surprise
from lstmterm.models.model_file import ModelCard


@dataclass(frozen=True)
class Source:
    """Where a text is from: "own" is the model's, "typed" has it, "named" names a text or a file."""

    kind: str = "own"
    value: str = ""


@dataclass(frozen=True, eq=False)
class Reading:
    """A text of N characters, and the T numbers, at least two, that its model reads.

    T is N unless the model reads bytes, of which most characters outside ASCII have several.
    """

    reference: str  # of the model
    model: CharLSTM
    card: ModelCard
    name: str  # of the text
    text: str
    ids: np.ndarray  # (T,)
    source: Source
    _computing: threading.Lock = field(default_factory=threading.Lock, init=False)
    _surprise: list[Surprise] = field(default_factory=list, init=False)  # none or one

    def surprise(self, progress: Progress) -> Surprise:
        """The model's surprise at the text, computed for the first page that asks, and then kept."""
        with self._computing:
            if not self._surprise:
                self.keep(Surprise.of(self.model, self.ids, progress))
            return self._surprise[0]

    def keep(self, surprise: Surprise) -> None:
        """Keep the surprise at the text, which is computed, for other pages."""
        self._surprise[:] = [surprise]

    @cached_property
    def starts(self) -> np.ndarray:
        """Of each character, the position of its first number: (N,)."""
        return starts_of(self.card.vocabulary, self.text)

    @cached_property
    def ends(self) -> np.ndarray:
        """Of each character, the position of its last number: (N,)."""
        return np.append(self.starts[1:], len(self.ids)) - 1
