"""A text with the difference between two predictors at each of its characters, as the tab shows it."""

from dataclasses import dataclass
from functools import cached_property
from heapq import nlargest
from typing import NamedTuple

import numpy as np

from lstmterm.amounts import NATS_PER_BIT
from lstmterm.infer.against import Comparison, Predicted
from lstmterm.ui.inspect.stretches import Sum, Sums, highest, line_at, word_at

BOUNDS = (
    -3,
    -1,
    -0.25,
    0.25,
    1,
    3,
)  # bits that the model is better by: the lowest of each step but the first
LABELS = ("-3", "-1", "-¼", "0", "¼", "1", "3")


class Both(NamedTuple):
    """The bits of a stretch of text by the model and by the other, of the characters that both predict."""

    one: Sum
    other: Sum


class Alternative(NamedTuple):
    """A character that may come, and how probable it is for the model and for the other.

    None is for one that a predictor does not know. `came` says whether it is the one that came.
    """

    symbol: str
    one: float | None
    other: float | None
    came: bool


@dataclass(frozen=True, eq=False)
class ComparedText:
    """N characters; what one of the two does not predict, such as the first, has a gain of nan."""

    comparison: Comparison
    marks: list[int]  # positions of the largest differences, either way

    @classmethod
    def of(cls, comparison: Comparison) -> "ComparedText":
        """Mark where the two differ most."""
        return cls(comparison, highest(np.abs(comparison.gains)))

    @property
    def text(self) -> str:
        """The N characters."""
        return self.comparison.one.text

    @cached_property
    def levels(self) -> bytes:
        """The step of each character on the diverging scale, from 1; 0 without a number."""
        gains = self.comparison.gains
        steps = 1 + np.searchsorted(np.array(BOUNDS), gains, side="right")
        return np.where(np.isfinite(gains), steps, 0).astype(np.uint8).tobytes()

    def total(self, start: int = 0, end: int | None = None) -> Both:
        """The bits of characters `start` to `end`."""
        one, other = self._sums
        return Both(one.total(start, end), other.total(start, end))

    def stretches(self, position: int) -> list[tuple[str, Both]]:
        """What is at a position, with its name: the word if there is one, the line, the text."""
        word = word_at(self.text, position)
        named = [] if word is None else [(self.text[slice(*word)], self.total(*word))]
        return [*named, ("line", self.total(*line_at(self.text, position))), ("text", self.total())]

    def likeliest(self, position: int, most: int = 10) -> list[Alternative]:
        """The characters that either of them gives most to, and the one that came; empty at the first position.

        Raises `InputError` or `MemoryError` as reading a model's states does.
        """
        if position == 0:
            return []
        predictors = self.comparison.one, self.comparison.other
        one, other = (predictor.expected(position) for predictor in predictors)
        symbols = nlargest(
            most, one.keys() | other.keys(), lambda s: (max(one.get(s, 0), other.get(s, 0)), s)
        )
        came = {predictor.came(position) for predictor in predictors}
        symbols += [s for s in sorted(came) if s not in symbols and (s in one or s in other)]
        return [Alternative(s, one.get(s), other.get(s), s in came) for s in symbols]

    @cached_property
    def _sums(self) -> tuple[Sums, Sums]:
        both = np.isfinite(self.comparison.gains[1:])
        return self._sums_of(self.comparison.one, both), self._sums_of(self.comparison.other, both)

    @staticmethod
    def _sums_of(predictor: Predicted, both: np.ndarray) -> Sums:
        nats = np.where(both, predictor.measures.nats.astype(np.float64), np.nan)
        return Sums(np.append(np.nan, nats / NATS_PER_BIT))
