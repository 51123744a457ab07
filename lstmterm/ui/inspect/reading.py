"""A text and the character model that reads it, which all views of the tab share."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from lstmterm.infer.characters import starts_of
from lstmterm.infer.lstm import CharLSTM
from lstmterm.models.model_file import ModelCard
from lstmterm.ui.inspect.shared_surprise import SharedSurprise


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
    surprise: SharedSurprise = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "surprise", SharedSurprise(self.model, self.ids))

    @cached_property
    def starts(self) -> np.ndarray:
        """Of each character, the position of its first number: (N,)."""
        return starts_of(self.card.vocabulary, self.text)

    @cached_property
    def ends(self) -> np.ndarray:
        """Of each character, the position of its last number: (N,)."""
        return np.append(self.starts[1:], len(self.ids)) - 1
