"""What n-grams expect at each place of a text, if they have counted every place but this one.

A short text shows what may follow most contexts once or twice, and is read many times: a model becomes too sure of it.
What n-grams spread over all characters is a better target at first. At its own place the character that follows is left
out of the counts, as if it had not been seen (Ney, Essen & Kneser 1995, "On the estimation of small probabilities by
leaving-one-out"); otherwise the n-grams would be as sure as the model. That noise from n-grams keeps a network from
overfitting was shown by Xie et al. 2017, "Data noising as smoothing in neural network language models".
"""

import math

import numpy as np
import torch
from torch import Tensor

from lstmterm.errors import InputError

LONGEST = 4  # characters of an n-gram, with the expected one
DISCOUNT = 0.75  # taken from each count, for what shorter n-grams expect
MOST_CHARACTERS = 3_000_000  # which takes several seconds; a long text gains nothing
MOST_NUMBERS = 20_000_000  # in a table; where it would be larger, n-grams are shorter


def refuse_ngrams(chars: int, vocabulary_size: int) -> None:
    """Raise `InputError` for a training part from which no n-grams are learned: it is too long, or has too many characters."""
    if chars > MOST_CHARACTERS:
        raise InputError(
            f"--ngram-share is for short texts, of at most {MOST_CHARACTERS:,} characters (this one has {chars:,} to "
            "train on); leave it out."
        )
    if vocabulary_size**2 > MOST_NUMBERS:
        raise InputError(
            f"--ngram-share is for small vocabularies, of at most {math.isqrt(MOST_NUMBERS):,} characters (this one has "
            f"{vocabulary_size:,}); leave it out, or limit the vocabulary (--vocab-limit)."
        )


class LeftOut:
    """The probabilities of the character at each place of a text."""

    def __init__(self, ids: np.ndarray, vocabulary_size: int) -> None:
        """Count the characters `ids` (n,), whose beginning follows their end; number V is the unknown one."""
        ids = np.asarray(ids, dtype=np.int64)
        base = vocabulary_size + 1
        # for each length, the number of what stands before each place
        contexts = [np.zeros_like(ids)]
        rows = np.unique(ids, return_index=True, return_inverse=True)
        for size in range(1, LONGEST):
            context = np.unique(contexts[-1] * base + np.roll(ids, size), return_inverse=True)[1]
            longer = np.unique(context * base + ids, return_index=True, return_inverse=True)
            if len(longer[0]) * vocabulary_size > MOST_NUMBERS:
                break
            contexts.append(context)
            rows = longer
        self.longest = len(contexts)
        _, places_R, self._row_of_place = rows
        self._table_RV = torch.from_numpy(_interpolated(ids, contexts, places_R, vocabulary_size))

    def read(self, places_TB: np.ndarray) -> Tensor:
        """Return the probabilities (T, B, V) of the characters at these places."""
        return self._table_RV[torch.from_numpy(self._row_of_place[places_TB])]


def _interpolated(
    ids: np.ndarray, contexts: list[np.ndarray], places_R: np.ndarray, vocabulary_size: int
) -> np.ndarray:
    """Return the probabilities (R, V) at each of the places, by n-grams with an absolute discount, from short to long."""
    own_R, scored = ids[places_R], ids < vocabulary_size
    is_known_R = own_R < vocabulary_size
    expected_RV = np.full((len(places_R), vocabulary_size), 1 / vocabulary_size, dtype=np.float32)
    for context in contexts:
        counted = np.zeros((int(context.max()) + 1, vocabulary_size), dtype=np.float32)
        np.add.at(counted, (context[scored], ids[scored]), 1)
        counts_RV = counted[context[places_R]]
        counts_RV[is_known_R, own_R[is_known_R]] -= 1
        total_R, kinds_R = counts_RV.sum(1), (counts_RV > 0).sum(1)
        spread_R = (DISCOUNT * kinds_R).astype(np.float32) / np.maximum(total_R, 1)
        longer_RV = np.maximum(counts_RV - DISCOUNT, 0) / np.maximum(total_R, 1)[:, None]
        seen_R = (total_R > 0)[:, None]
        expected_RV = np.where(seen_R, longer_RV + spread_R[:, None] * expected_RV, expected_RV)
    return expected_RV
