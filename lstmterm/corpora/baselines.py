"""Honest baselines: how well counting alone predicts the validation text.

A model's loss says little by itself. Beside it stand the losses of character n-gram models counted
on the training text, interpolated by Witten and Bell's rule (1991): after a context seen n times
with d distinct followers, the n-gram's own estimate weighs n / (n + d) and the shorter context's
the rest. All numbers are nats per character.
"""

from collections.abc import Iterator

import numpy as np

NAMES = ("unigram", "bigram", "trigram")
_MOST_TRAINING = 1_000_000  # characters counted, from the end of the training text


def ngram_losses(train: np.ndarray, validation: np.ndarray, symbols: int) -> dict[str, float]:
    """Losses on `validation` of n-gram models of `train`, by their names.

    Both are numbers of shape (n,) below `symbols`, or equal to it for unknown characters, which
    serve as context and are not scored. Empty where there is too little text to score.
    """
    train = np.asarray(train[-_MOST_TRAINING:], dtype=np.int64)
    text = np.asarray(validation, dtype=np.int64)
    scored = text[2:] < symbols
    if len(train) < 3 or not scored.any():
        return {}
    losses = _interpolated(train, text, symbols)
    return {name: float(-np.log(p[scored]).mean()) for name, p in zip(NAMES, losses, strict=True)}


def _interpolated(train: np.ndarray, text: np.ndarray, symbols: int) -> Iterator[np.ndarray]:
    """The probabilities of characters 2 and on of `text` by contexts of 0, 1 and 2 characters."""
    base = symbols + 1
    p = np.full(len(text) - 2, 1.0 / symbols)
    context_train = np.zeros(len(train), dtype=np.int64)
    context_text = np.zeros(len(text), dtype=np.int64)
    for order in range(3):
        if order:
            context_train = _behind(train, order) * base ** (order - 1) + context_train
            context_text = _behind(text, order) * base ** (order - 1) + context_text
        grams, counts = np.unique(context_train[order:] * base + train[order:], return_counts=True)
        contexts, first, distinct = np.unique(grams // base, return_index=True, return_counts=True)
        totals = np.add.reduceat(counts, first)
        c = _looked_up(grams, counts, context_text[2:] * base + text[2:])
        n = _looked_up(contexts, totals, context_text[2:])
        d = _looked_up(contexts, distinct, context_text[2:])
        p = (c + d * p) / np.maximum(n + d, 1) + np.where(n == 0, p, 0.0)
        yield p


def _behind(ids: np.ndarray, distance: int) -> np.ndarray:
    """`ids` moved on by `distance`: at every place, the number that stands so far before it."""
    moved = np.zeros_like(ids)
    moved[distance:] = ids[:-distance]
    return moved


def _looked_up(keys: np.ndarray, values: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The value of each wanted key; 0 where there is none. `keys` are sorted."""
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, values[place], 0)
