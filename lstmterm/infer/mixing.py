"""A character model's predictions mixed with those of the n-grams that were read before: an honest compressor.

Every prediction is made before its character is known, and what is learned comes from the text that was read
alone. So the loss is the size of the text as a compressor would write it with the model at hand.

The n-gram predictions are interpolated by Witten and Bell's rule, as in PPM with method C (Bell, Cleary & Witten
1990): a context that was followed n times by u different characters gives its counts n / (n + u) of the whole, and
the next shorter context the rest. The mixture is geometric,

    p(x) ~ exp(sum_i w_i ln p_i(x)),

whose weights follow the gradient of each character's loss (Mattern 2012, "Mixing strategies in data compression"),
with a step for each weight (Duchi et al. 2011, Adagrad). There is a set of weights for each length of the longest
context that was seen before.

Shapes: T characters, V vocabulary size (the unknown character is number V), I inputs of the mixture.
"""

from collections.abc import Iterator

import numpy as np

from lstmterm.infer.adapt import AdaptingModel
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.score import log_probabilities

ORDERS = 7  # characters of the longest context
_MIXED = (3, 5, 7)  # lengths of context whose predictions are inputs of the mixture
_RATE = 0.05  # of the weights
_EARLIER = 10.0  # sum of squared gradients that a weight begins with


class ReadNGrams:
    """Counts of what followed each context of up to `ORDERS` characters in the text that was read."""

    def __init__(self, vocabulary_size: int) -> None:
        self._size = vocabulary_size
        self._followers: dict[tuple[int, ...], dict[int, int]] = {}
        self._recent: tuple[int, ...] = ()  # the last `ORDERS` characters, the latest first
        self.known = 0  # length of the longest context that was seen before, after `predict`

    def predict(self, wanted: tuple[int, ...]) -> list[np.ndarray]:
        """The probabilities of the next character by contexts of up to each of the `wanted` lengths, (V,) each."""
        p = np.full(self._size, 1 / self._size)
        made: list[np.ndarray] = []
        self.known = 0
        for length in range(ORDERS + 1):
            followers = self._followers.get(self._recent[:length]) if length <= len(self._recent) else None
            if followers:
                self.known = length
                total = sum(followers.values()) + len(followers)
                p = p * (len(followers) / total)
                for character, count in followers.items():
                    p[character] += count / total
            if length in wanted:
                made.append(p)
        return made

    def read(self, character: int) -> None:
        """Count what came; the unknown character is context only."""
        if character < self._size:
            for length in range(len(self._recent) + 1):
                followers = self._followers.setdefault(self._recent[:length], {})
                followers[character] = followers.get(character, 0) + 1
        self._recent = (character, *self._recent[: ORDERS - 1])


class Mixture:
    """Mixes a model's predictions of a text with those of what was read of it."""

    def __init__(self, vocabulary_size: int, first: int) -> None:
        """`first` is the number of the text's first character, which is only read."""
        self._ngrams = ReadNGrams(vocabulary_size)
        self._ngrams.read(first)
        inputs = 1 + len(_MIXED)
        self._weights = np.zeros((ORDERS + 1, inputs))
        self._weights[:, 0] = 1  # at first, the model alone
        self._squares = np.full((ORDERS + 1, inputs), _EARLIER)

    def read(self, log_p_TV: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """-ln p of the targets, (T,), float32, by the mixture; nan where one is unknown.

        `log_p_TV` are the model's log probabilities of the characters that follow what was read before.
        """
        nats = np.full(len(targets), np.nan, np.float32)
        for t, target in enumerate(targets.tolist()):
            others = self._ngrams.predict(_MIXED)
            if target < log_p_TV.shape[1]:
                nats[t] = self._predict(np.stack([log_p_TV[t], *np.log(others)]), target)
            self._ngrams.read(target)
        return nats

    def _predict(self, log_p_IV: np.ndarray, target: int) -> float:
        """-ln p of a target, from which the weights then learn."""
        weights, squares = self._weights[self._ngrams.known], self._squares[self._ngrams.known]
        mixed = weights @ log_p_IV
        mixed -= mixed.max()
        p = np.exp(mixed)
        total = p.sum()
        gradient = log_p_IV[:, target] - log_p_IV @ p / total
        squares += gradient**2
        weights += _RATE * gradient / np.sqrt(squares)
        return float(np.log(total) - mixed[target])


def surprisals(model: CharLSTM | AdaptingModel, ids: np.ndarray) -> Iterator[np.ndarray]:
    """-ln p of characters 1 to N - 1 of `ids`, (N,), in arrays, by a model mixed with what was read; nan where unknown.

    An adapting model learns from the text as it does alone. Raises as its `surprisals`.
    """
    ids = np.asarray(ids)
    parts = (
        (model.log_probabilities for _ in model.surprisals(ids))
        if isinstance(model, AdaptingModel)
        else log_probabilities(model, ids)
    )
    mixture: Mixture | None = None
    done = 1
    for log_p_TV in parts:
        mixture = mixture or Mixture(log_p_TV.shape[1], int(ids[0]))
        targets = np.asarray(ids[done : done + len(log_p_TV)])
        done += len(targets)
        yield mixture.read(log_p_TV, targets)
