"""N-gram baselines: the losses of character n-gram models, to compare a model's loss with.

The n-grams are counted on the training text and interpolated with Witten-Bell smoothing (I. H. Witten
and T. C. Bell, The Zero-Frequency Problem, IEEE Transactions on Information Theory 37(4), 1991): after
a context seen n times with d distinct followers, the n-gram's estimate has the weight n / (n + d) and
the shorter context's estimate the rest. Losses are in nats per character.
"""

from collections.abc import Iterator

import numpy as np

NAMES = ("unigram", "bigram", "trigram")
_MOST_TRAINING = 1_000_000  # characters counted at most, the last of the training text


def ngram_losses(train: np.ndarray, validation: np.ndarray, symbols: int) -> dict[str, float]:
    """The loss on `validation` of each n-gram model of `train`, by name.

    Both texts have shape (n,). Numbers are below `symbols`, or equal to it for unknown characters,
    which serve as context but are not scored. Empty if there is too little text.
    """
    train = np.asarray(train[-_MOST_TRAINING:], dtype=np.int64)
    text = np.asarray(validation, dtype=np.int64)
    scored = text[2:] < symbols
    if len(train) < 3 or not scored.any():
        return {}
    losses = _interpolated(train, text, symbols)
    return {name: float(-np.log(p[scored]).mean()) for name, p in zip(NAMES, losses, strict=True)}


def _interpolated(train: np.ndarray, text: np.ndarray, symbols: int) -> Iterator[np.ndarray]:
    """For contexts of 0, 1 and 2 characters: the probabilities of `text[2:]`, shape (n - 2,)."""
    base = symbols + 1
    p = np.full(len(text) - 2, 1.0 / symbols)
    context_train = np.zeros(len(train), dtype=np.int64)
    context_text = np.zeros(len(text), dtype=np.int64)
    for order in range(3):
        if order:
            context_train = _shifted(train, order) * base ** (order - 1) + context_train
            context_text = _shifted(text, order) * base ** (order - 1) + context_text
        grams, counts = np.unique(context_train[order:] * base + train[order:], return_counts=True)
        contexts, first, distinct = np.unique(grams // base, return_index=True, return_counts=True)
        totals = np.add.reduceat(counts, first)
        c = _looked_up(grams, counts, context_text[2:] * base + text[2:])
        n = _looked_up(contexts, totals, context_text[2:])
        d = _looked_up(contexts, distinct, context_text[2:])
        p = (c + d * p) / np.maximum(n + d, 1) + np.where(n == 0, p, 0.0)
        yield p


def _shifted(ids: np.ndarray, distance: int) -> np.ndarray:
    """At each position the number that is `distance` positions earlier; 0 at the start."""
    moved = np.zeros_like(ids)
    moved[distance:] = ids[:-distance]
    return moved


def _looked_up(keys: np.ndarray, values: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The value of each wanted key; 0 for keys that are missing. `keys` are sorted."""
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, values[place], 0)
