"""Character n-gram models with interpolated modified Kneser-Ney smoothing, and their losses on a text.

Source: S. F. Chen and J. Goodman, An Empirical Study of Smoothing Techniques for Language Modeling,
Computer Speech & Language 13(4), 1999, section 3. An n-gram's count is discounted by D1, D2 or D3, for a
count of 1, 2, or 3 and more, and the context's discounts are the weight of the next shorter context.
Below the highest order, the count is that of the distinct characters that precede the n-gram; below
unigrams all characters are equally likely. Where too few n-grams are counted to estimate the discounts,
they are 0.5, 1 and 1.5, as in KenLM.

Everything is arrays: each n-gram of the training text has a number, its rank among those of its length,
and a longer one is known by the number of its context and its last character. So nothing overflows,
whatever the size of the vocabulary.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np

ORDERS = 6  # of the longest n-grams
_FALLBACK = (0.0, 0.5, 1.0, 1.5)  # discounts
_DENSE = 1 << 24  # pairs of context and character that are looked up in a table rather than sorted


def losses(train: np.ndarray, text: np.ndarray, symbols: int, orders: int = ORDERS) -> list[float]:
    """The mean loss on `text` of the models of order 1 to `orders`, counted on `train`; nats per character.

    Both have shape (n,), with numbers below `symbols`, or equal to it for unknown characters, which
    serve as context but are not predicted. As with a model, the first character is only read. Empty if there
    is nothing to count or to predict.
    """
    known = np.asarray(text[1:]) < symbols
    if not known.any() or not (np.asarray(train) < symbols).any():
        return []
    return [
        float(-np.log(p[1:][known]).mean())
        for p in probabilities(np.asarray(train), np.asarray(text), symbols, orders)
    ]


def probabilities(
    train: np.ndarray, text: np.ndarray, symbols: int, orders: int, levels: "list[_Level] | None" = None
) -> Iterator[np.ndarray]:
    """For each order, the probability of each character of `text` after those before it, shape (n,).

    The values for unknown characters mean nothing. What the highest order is made of is added to `levels`.
    """
    longest = _Grams.empty(train, text)
    lower = np.full(len(text), 1.0 / symbols)
    level = None
    for _ in range(orders):
        shorter, longest = longest, longest.longer(train, text, symbols)
        if shorter.length:  # it is known now what precedes its n-grams
            preceding = np.bincount(shorter.of_train[longest.places], minlength=len(shorter.counts))
            level = shorter.level(preceding)
            lower = shorter.smoothed(level, lower)
            if levels is not None:
                levels.append(level)
        level = longest.level(longest.counts)
        yield longest.smoothed(level, lower)
    if levels is not None and level is not None:
        levels.append(level)


class NGrams:
    """The n-gram model of one order: its probabilities of a text, and what it expects after any characters."""

    def __init__(
        self,
        train: np.ndarray,
        text: np.ndarray,
        symbols: int,
        order: int,
        progress: Callable[[int, int], None] = lambda done, whole: None,
    ) -> None:
        """Count `train` and predict `text` as `probabilities` does; `progress` takes orders done and in all.

        `probabilities` has shape (n,); the values for unknown characters mean nothing.
        """
        self._symbols = symbols
        self._levels: list[_Level] = []
        self.probabilities = np.full(len(text), 1.0 / symbols)
        found = probabilities(np.asarray(train), np.asarray(text), symbols, order, self._levels)
        for done, self.probabilities in enumerate(found, 1):
            progress(done, order)

    def expected(self, context: np.ndarray) -> np.ndarray:
        """The probability of each character, (V,), after the characters of `context`, (n,)."""
        base = self._symbols + 1
        expected = np.full(self._symbols, 1.0 / self._symbols)
        for length, level in enumerate(self._levels):  # `length` of its contexts
            number = self._number(context[len(context) - length :]) if length <= len(context) else -1
            if number < 0 or number >= len(level.totals) - 1 or not level.totals[number]:
                continue
            here = slice(*np.searchsorted(level.keys, [number * base, (number + 1) * base - 1]))
            expected *= level.left_over[number] / level.totals[number]
            expected[level.keys[here] % base] += level.seen[here] / level.totals[number]
        return expected

    def _number(self, characters: np.ndarray) -> int:
        """The number of the n-gram of these characters; -1 if it does not occur."""
        number = 0
        for character, level in zip(characters.tolist(), self._levels, strict=False):
            key = number * (self._symbols + 1) + character
            place = int(np.searchsorted(level.keys, key))
            if place == len(level.keys) or level.keys[place] != key:
                return -1
            number = place
        return number


@dataclass(frozen=True)
class _Level:
    """What the n-grams of one length contribute to probabilities.

    `keys` are of the n-grams in the order of their numbers: the number of the first n-1 characters, times the
    vocabulary size and 1, plus the last character. `seen` are their counts less the discounts. `totals` and
    `left_over` are the sums of counts and of discounts by context; the last one is for what does not occur.
    """

    keys: np.ndarray
    seen: np.ndarray
    totals: np.ndarray
    left_over: np.ndarray


@dataclass(frozen=True)
class _Grams:
    """The n-grams of one length in the training text, by their numbers.

    `counts`, `keys` (see `_Level`), `contexts` (the number of the first n-1 characters), `predicted` (whether the last character is
    known) and `places` (where one ends) are by n-gram; `of_train` and `of_text` are the n-grams that end at
    each position, -1 where none does that occurs in the training text; `after` is the context at each
    position of the text.
    """

    length: int
    counts: np.ndarray
    keys: np.ndarray
    contexts: np.ndarray
    predicted: np.ndarray
    places: np.ndarray
    of_train: np.ndarray
    of_text: np.ndarray
    after: np.ndarray

    @classmethod
    def empty(cls, train: np.ndarray, text: np.ndarray) -> Self:
        """The one n-gram without characters, which ends everywhere."""
        none = np.zeros(0, np.int64)
        of_train, of_text = (np.zeros(len(ids), np.int32) for ids in (train, text))
        return cls(0, np.ones(1, np.int64), none, none, none, none, of_train, of_text, none)

    def longer(self, train: np.ndarray, text: np.ndarray, symbols: int) -> Self:
        """The n-grams of one character more."""
        base, contexts = symbols + 1, len(self.counts)
        before, after = (_before(ids, self.length) for ids in (self.of_train, self.of_text))
        begins = np.flatnonzero(before >= 0)
        keys = before[begins].astype(np.int64) * base + train[begins]
        wanted = np.where(after >= 0, after.astype(np.int64) * base + text, -1)
        distinct, numbers, found = _numbered(keys, wanted, contexts * base)
        of_train = np.full(len(train), -1, np.int32)
        of_train[begins] = numbers
        places = np.zeros(len(distinct), np.int64)
        places[numbers] = begins
        return type(self)(
            length=self.length + 1,
            counts=np.bincount(numbers, minlength=len(distinct)),
            keys=distinct,
            contexts=distinct // base,
            predicted=distinct % base < symbols,
            places=places,
            of_train=of_train,
            of_text=found,
            after=after,
        )

    def level(self, counts: np.ndarray) -> _Level:
        """What these n-grams contribute by these counts of them."""
        counts = np.where(self.predicted, counts, 0)
        discounts = _discounts(counts)
        taken = discounts[np.minimum(counts, 3)]
        size = int(self.contexts.max(initial=0)) + 2  # the last one is for what does not occur, number -1
        totals = np.bincount(self.contexts, counts, size)
        left_over = np.bincount(self.contexts, taken, size)
        return _Level(self.keys, counts - taken, totals, left_over)

    def smoothed(self, level: _Level, lower: np.ndarray) -> np.ndarray:
        """The probabilities of the text, interpolated with those of the shorter context."""
        totals = level.totals
        c = np.where(self.after < len(totals) - 1, self.after, -1)
        seen = np.append(level.seen, 0.0)[self.of_text]
        return np.where(totals[c] > 0, (seen + level.left_over[c] * lower) / np.maximum(totals[c], 1), lower)


def _before(numbers: np.ndarray, length: int) -> np.ndarray:
    """At each position the n-gram that ends right before it; -1 at the start of the text."""
    if length == 0:
        return numbers
    return np.concatenate([np.full(1, -1, numbers.dtype), numbers[:-1]])


def _numbered(keys: np.ndarray, wanted: np.ndarray, limit: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The distinct keys in order, and the numbers among them of `keys` and of `wanted`, -1 for missing ones.

    Keys are below `limit`.
    """
    if not len(keys):
        return keys, keys.astype(np.int32), np.full(len(wanted), -1, np.int32)
    if limit <= _DENSE:
        seen = np.zeros(limit, bool)
        seen[keys] = True
        distinct = np.flatnonzero(seen)
        table = np.full(limit + 1, -1, np.int32)  # the last entry is for -1
        table[distinct] = np.arange(len(distinct), dtype=np.int32)
        return distinct, table[keys], table[wanted]
    order = np.argsort(keys)
    in_order = keys[order]
    new = np.concatenate([[True], in_order[1:] != in_order[:-1]])
    distinct = in_order[new]
    numbers = np.empty(len(keys), np.int32)
    numbers[order] = np.cumsum(new, dtype=np.int32) - 1
    place = np.minimum(np.searchsorted(distinct, wanted), len(distinct) - 1).astype(np.int32)
    return distinct, numbers, np.where(distinct[place] == wanted, place, np.int32(-1))


def _discounts(counts: np.ndarray) -> np.ndarray:
    """What counts of 0, 1, 2, and 3 or more are reduced by: equation 17 of the source."""
    n = np.bincount(np.minimum(counts, 5), minlength=5).astype(float)
    if not n[1:4].all():
        return np.array(_FALLBACK)
    y = n[1] / (n[1] + 2 * n[2])
    found = np.array([0.0, *(k - (k + 1) * y * n[k + 1] / n[k] for k in (1, 2, 3))])
    return found if (found >= 0).all() else np.array(_FALLBACK)
