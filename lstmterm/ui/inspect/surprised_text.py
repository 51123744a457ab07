"""A text with a model's surprise at each of its characters, as the tab shows it.

A model of bytes predicts several of them for most characters outside ASCII. Such a character has the sum of
their bits, the highest of their ranks, and the entropy before the first.
"""

import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from lstmterm.amounts import NATS_PER_BIT
from lstmterm.infer.features import WORD
from lstmterm.infer.surprise import Surprise
from lstmterm.ui.inspect.reading import Reading

_MARKED = 0.02  # the share of the characters, those with the most bits, that are marked
_FEWEST_MARKED = 5


class Colouring(NamedTuple):
    """How numbers become steps of a scale: the first is up to the first bound, and so on."""

    title: str
    bounds: tuple[float, ...]  # the lowest number of each step but the first
    labels: tuple[str, ...]
    signs: str


COLOURINGS = {
    "bits": Colouring("bits", (1, 2, 3, 4, 5, 6, 8), ("<1", "1", "2", "3", "4", "5", "6", "8+"), "·1234568"),
    "ranks": Colouring("rank", (2, 3, 5, 9, 17, 33), ("1", "2", "3", "5", "9", "17", "33+"), "·2359AB"),
}


class Sum(NamedTuple):
    """The bits of a stretch of text, and the characters that they are of."""

    bits: float
    chars: int

    @property
    def mean(self) -> float:
        """Bits per character; nan without any."""
        return self.bits / self.chars if self.chars else math.nan


@dataclass(frozen=True, eq=False)
class SurprisedText:
    """N characters; what is not predicted, such as the first, has nan bits and rank 0."""

    finished: bool  # else there is more to predict, and what was predicted may change a little

    reading: Reading
    bits: np.ndarray  # (N,), float64
    ranks: np.ndarray  # (N,)
    entropy: np.ndarray  # (N,), bits
    marks: list[int]  # positions of the most surprising characters
    _sums: np.ndarray  # (N + 1,): the bits of all characters before
    _counts: np.ndarray  # (N + 1,): how many of them have any
    _surprise: Surprise

    @classmethod
    def of(cls, reading: Reading, surprise: Surprise, *, finished: bool = True) -> "SurprisedText":
        """What was computed of the `surprise` at the numbers of the text."""
        starts = reading.starts
        bits = np.append(np.nan, surprise.nats.astype(np.float64) / NATS_PER_BIT)
        entropy = np.append(np.nan, surprise.entropy / NATS_PER_BIT)
        bits = np.add.reduceat(bits, starts)
        known = np.isfinite(bits)
        return cls(
            finished,
            reading,
            bits,
            np.maximum.reduceat(np.append(0, surprise.ranks), starts),
            entropy[starts],
            _most_surprising(bits),
            np.append(0.0, np.where(known, bits, 0).cumsum()),
            np.append(0, known.cumsum()),
            surprise,
        )

    @property
    def text(self) -> str:
        """The N characters."""
        return self.reading.text

    def levels(self, by: str) -> bytes:
        """The step of each character on the scale of `COLOURINGS[by]`, from 1; 0 without a number."""
        numbers = self.bits if by == "bits" else self.ranks
        steps = 1 + np.searchsorted(np.array(COLOURINGS[by].bounds), numbers, side="right")
        return np.where(np.isfinite(self.bits), steps, 0).astype(np.uint8).tobytes()

    def total(self, start: int = 0, end: int | None = None) -> Sum:
        """The bits of characters `start` to `end`."""
        end = len(self.text) if end is None else end
        counted = int(self._counts[end] - self._counts[start])
        return Sum(float(self._sums[end] - self._sums[start]), counted)

    def word_at(self, position: int) -> tuple[int, int] | None:
        """Where the word at a position starts and ends; None between words."""
        start = end = position
        while start > 0 and not self.text[start - 1].isspace():
            start -= 1
        while end < len(self.text) and not self.text[end].isspace():
            end += 1
        spans = (word.span() for word in WORD.finditer(self.text, start, end))
        return next((span for span in spans if span[0] <= position < span[1]), None)

    def line_at(self, position: int) -> tuple[int, int]:
        """Where the line at a position starts and ends, its newline included."""
        start = self.text.rfind("\n", 0, position) + 1
        found = self.text.find("\n", position)
        return start, len(self.text) if found < 0 else found + 1

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


def _most_surprising(bits: np.ndarray) -> list[int]:
    known = np.flatnonzero(np.isfinite(bits))
    most = max(int(_MARKED * len(known)), _FEWEST_MARKED)
    return sorted(known[(-bits[known]).argsort(kind="stable")[:most]].tolist())
