"""A text with a model's surprise at each of its characters, as the tab shows it.

A model of bytes predicts several of them for most characters outside ASCII. Such a character has the sum of
their bits, the highest of their ranks, and the entropy before the first.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

import numpy as np

from lstmterm.amounts import NATS_PER_BIT
from lstmterm.infer.surprise import Measures, Surprise
from lstmterm.ui.inspect.reading import Reading
from lstmterm.ui.inspect.stretches import Sum, Sums, highest, line_at, word_at
from lstmterm.ui.widgets.colourings import COLOURINGS


@dataclass(frozen=True, eq=False)
class SurprisedText:
    """N characters; what is not predicted, such as the first, has nan bits and rank 0."""

    finished: bool  # else there is more to predict, and what was predicted may change a little

    reading: Reading
    bits: np.ndarray  # (N,), float64
    ranks: np.ndarray  # (N,)
    entropy: np.ndarray  # (N,), bits
    marks: list[int]  # positions of the most surprising characters
    _sums: Sums
    _surprise: Surprise

    @classmethod
    def of(cls, reading: Reading, surprise: Surprise, *, finished: bool = True) -> "SurprisedText":
        """What was computed of the `surprise` at the numbers of the text."""
        measures = Measures(surprise.nats, surprise.ranks, surprise.entropy).by_character(reading.starts)
        bits = np.append(np.nan, measures.nats.astype(np.float64) / NATS_PER_BIT)
        ranks, entropy = np.append(0, measures.ranks), np.append(np.nan, measures.entropy / NATS_PER_BIT)
        return cls(finished, reading, bits, ranks, entropy, highest(bits), Sums(bits), surprise)

    @property
    def text(self) -> str:
        """The N characters."""
        return self.reading.text

    def levels(self, by: str) -> bytes:
        """The step of each character on the scale of `COLOURINGS[by]`, from 1; 0 without a number."""
        numbers = self.bits if by == "bits" else self.ranks
        return np.where(np.isfinite(self.bits), COLOURINGS[by].steps(numbers), 0).astype(np.uint8).tobytes()

    def total(self, start: int = 0, end: int | None = None) -> Sum:
        """The bits of characters `start` to `end`."""
        return self._sums.total(start, end)

    def word_at(self, position: int) -> tuple[int, int] | None:
        """Where the word at a position starts and ends; None between words."""
        return word_at(self.text, position)

    def line_at(self, position: int) -> tuple[int, int]:
        """Where the line at a position starts and ends, its newline included."""
        return line_at(self.text, position)

    def mark_at(self, position: int) -> int | None:
        """The number of a mark, from 1, among the marks; None for a character that has none."""
        number = bisect_left(self.marks, position)
        return number + 1 if bisect_right(self.marks, position) > number else None

    def likeliest(self, position: int, most: int = 10) -> list[tuple[str, float, bool]]:
        """The likeliest characters at a position with their probabilities, and which of them came.

        The one that came is last if it is not among them. Empty at the first position, and where nothing was
        computed yet. Raises `InputError` or `MemoryError` as reading the model's states does.
        """
        at = int(self.reading.starts[position])
        if at == 0:
            return []
        try:
            probabilities = self._surprise.expected(at)
        except ValueError:
            return []
        came = int(self._surprise.ids[at])
        chosen = [int(i) for i in probabilities.argsort()[::-1][:most]]
        if came not in chosen and came < len(probabilities):
            chosen.append(came)
        return [(self._symbol(i), float(probabilities[i]), i == came) for i in chosen]

    def _symbol(self, number: int) -> str:
        vocabulary = self.reading.card.vocabulary
        if vocabulary.level == "byte" and number >= 0x80:
            return f"byte {number:02X}"
        return vocabulary.symbols[number]
