"""What a text copies from a corpus while it is written.

Only the end of the text is looked up again: a stretch that ends before the end of the text stays as it is.
"""

from dataclasses import dataclass
from math import nan
from typing import NamedTuple

import numpy as np

from lstmterm.corpora.copied import LEAST, CopyIndex, Span

WINDOW = 16  # characters of the windows that are counted


class Stretch(NamedTuple):
    """Characters `start` to `end` of a text, which the corpus has too."""

    start: int
    end: int
    position: int  # in the corpus
    length: int  # in the corpus: characters, bytes of a corpus of bytes


@dataclass(frozen=True)
class Growth:
    """How the list of stretches changed: the first `kept` stay, all others are replaced by `stretches`."""

    kept: int
    stretches: list[Stretch]


class GrowingText:
    """A text that grows at its end; its stretches of at least `least` characters, in their order.

    `longest` and `share` are those of `CopyIndex.copying` for the whole text so far.
    """

    def __init__(self, index: CopyIndex, least: int = LEAST) -> None:
        self.index = index
        self.longest = 0  # the length of the longest stretch
        self._least = least
        self._tail = ""  # the end of the text, which is looked up again
        self._ids = index.numbers("")  # of the tail
        self._first, self._first_char = 0, 0  # where the tail begins, in numbers and in characters
        self._kept, self._end = 0, 0  # final stretches: how many, and where the last of them ends
        self._open: Span | None = None  # the stretch that is the whole tail, if the text ends in one
        self._windows = _Windows()

    def append(self, text: str) -> Growth:
        """Add `text` at the end."""
        self._tail += text
        added = self.index.numbers(text)
        self._ids = np.append(self._ids, added)
        if self._open and self.index.continues(self._open, added):
            self._open = self._open._replace(length=len(self._ids))  # longer than all that begin within it
            found = np.array([self._open])
        else:
            found = self.index.maximal(self._ids)
        found[:, 0] += self._first
        found = found[found[:, 0] + found[:, 1] > self._end]  # not within one that is final
        self.longest = max(self.longest, int(found[:, 1].max(initial=0)))
        chars = self._chars()
        growth = Growth(self._kept, self._stretches(found, chars))
        total = self._first + len(self._ids)
        open_ = len(found) and found[-1, 0] + found[-1, 1] == total
        self._settle(found, int(found[-1, 0]) if open_ else total, chars)
        is_tail = open_ and self._first == found[-1, 0]  # not where a character began before the stretch
        self._open = Span(0, *found[-1, 1:].tolist()) if is_tail else None
        return growth

    @property
    def share(self) -> float:
        """The share of the windows of `WINDOW` characters that the corpus has; nan for a shorter text."""
        windows = self._first + len(self._ids) - WINDOW + 1
        return self._windows.counted / windows if windows > 0 else nan

    def _settle(self, found: np.ndarray, first: int, chars: np.ndarray) -> None:
        """Look up again from number `first` on, or from the beginning of the character that it is in."""
        char = int(chars[first - self._first])
        skipped = int(np.searchsorted(chars, char))
        final = found[found[:, 0] < self._first + skipped]
        self._windows.settle(final)
        self._windows.count(found[len(final) :])
        self._kept += len(self._stretches(final, chars))
        if len(final):
            self._end = int(final[-1, 0] + final[-1, 1])
        self._first += skipped
        self._ids = self._ids[skipped:]
        self._tail = self._tail[char - self._first_char :]
        self._first_char = char

    def _chars(self) -> np.ndarray:
        """The character of each number of the tail, and of what follows it."""
        if len(self._ids) == len(self._tail):
            return np.arange(len(self._tail) + 1) + self._first_char
        sizes = [len(character.encode("utf-8", "surrogateescape")) for character in self._tail]
        return np.append(np.repeat(np.arange(len(sizes)), sizes), len(sizes)) + self._first_char

    def _stretches(self, found: np.ndarray, chars: np.ndarray) -> list[Stretch]:
        """The spans that are long enough, without parts of a character at their ends."""
        stretches = []
        for start, length, position in found[found[:, 1] >= self._least].tolist():
            a, b = start - self._first, start + length - self._first
            first = int(chars[a]) + int(a > 0 and chars[a - 1] == chars[a])
            stretches.append(Stretch(first, max(int(chars[b]), first), position, length))
        return stretches


class _Windows:
    """Counts the windows that lie within spans; those of final spans once."""

    def __init__(self) -> None:
        self.counted = 0
        self._final, self._next = 0, 0  # counted in final spans, and the first window after them

    def settle(self, spans: np.ndarray) -> None:
        """Count further spans, (K, 3), which are final."""
        self._final, self._next = self._after(spans)
        self.counted = self._final

    def count(self, spans: np.ndarray) -> None:
        """Count further spans until the next ones are."""
        self.counted, _ = self._after(spans)

    def _after(self, spans: np.ndarray) -> tuple[int, int]:
        counted, next_ = self._final, self._next
        for start, length, _ in spans[spans[:, 1] >= WINDOW].tolist():
            first, stop = max(start, next_), start + length - WINDOW + 1
            if stop > first:
                counted, next_ = counted + stop - first, stop
        return counted, next_
