"""Stretches of a text: words and lines around a character, the bits of them, and the most remarkable places."""

import math
from typing import NamedTuple

import numpy as np

from lstmterm.infer.features import WORD

_MARKED = 0.02  # the share of the characters, those with the highest numbers, that are marked
_FEWEST_MARKED = 5


class Sum(NamedTuple):
    """The bits of a stretch of text, and the characters that they are of."""

    bits: float
    chars: int

    @property
    def mean(self) -> float:
        """Bits per character; nan without any."""
        return self.bits / self.chars if self.chars else math.nan


class Sums:
    """The bits of any stretch of a text."""

    def __init__(self, bits: np.ndarray) -> None:
        """`bits` are of each character, (N,); nan for those that have none."""
        known = np.isfinite(bits)
        self._bits = np.append(0.0, np.where(known, bits, 0).cumsum())
        self._chars = np.append(0, known.cumsum())

    def total(self, start: int = 0, end: int | None = None) -> Sum:
        """The bits of characters `start` to `end`."""
        end = len(self._bits) - 1 if end is None else end
        return Sum(float(self._bits[end] - self._bits[start]), int(self._chars[end] - self._chars[start]))


def word_at(text: str, position: int) -> tuple[int, int] | None:
    """Where the word at a position starts and ends; None between words."""
    start = end = position
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    spans = (word.span() for word in WORD.finditer(text, start, end))
    return next((span for span in spans if span[0] <= position < span[1]), None)


def line_at(text: str, position: int) -> tuple[int, int]:
    """Where the line at a position starts and ends, its newline included."""
    start = text.rfind("\n", 0, position) + 1
    found = text.find("\n", position)
    return start, len(text) if found < 0 else found + 1


def highest(numbers: np.ndarray) -> list[int]:
    """The positions of the highest numbers, in ascending order: 2 % of those that are known, at least five."""
    known = np.flatnonzero(np.isfinite(numbers))
    most = max(int(_MARKED * len(known)), _FEWEST_MARKED)
    return sorted(known[(-numbers[known]).argsort(kind="stable")[:most]].tolist())
