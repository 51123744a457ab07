"""Sentences as batches of similar length.

A batch holds the concatenated words of its sentences, without padding that a loss or a prediction
could mistake for a word. An LSTM needs rectangles, so each direction copies the words into one, word
t of sentence b to row t, column b, and back:

    words of the batch      forwards        backwards
    the cat sat | go on     the  go         sat  on
                            cat  on         cat  go
                            sat  .          the  .

Each direction starts at row 0 of its rectangle, so the padding (zeros) comes after every word: neither
direction ever reads padding before a word.

Word types are encoded once per batch, however often they occur in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np
import torch
from torch import Tensor

from lstmterm.infer.sentence_lstm import Rectangle
from lstmterm.tagging.treebank import Tagged
from lstmterm.tagging.words import TaggerVocabulary

UNSCORED = -1  # the target of tags that training never saw


@dataclass(frozen=True)
class Sequences:
    """The layout of B concatenated sequences of N items in all, the longest of length T."""

    lengths_B: Tensor  # items of each sequence, at least 1
    sequence_N: Tensor  # the sequence of each item
    forwards_N: Tensor  # position of each item in the (T x B) rectangle read forwards
    backwards_N: Tensor  # and in the one read backwards
    longest: int  # T

    @classmethod
    def of(cls, lengths: np.ndarray) -> Self:
        """Lay out sequences of these lengths, (B,)."""
        laid = Rectangle.of(lengths, directions=2)
        forwards, backwards = torch.from_numpy(laid.steps * len(lengths) + laid.sentence)
        lengths_B, sequence_N = torch.from_numpy(lengths), torch.from_numpy(laid.sentence)
        return cls(lengths_B, sequence_N, forwards, backwards, laid.longest)

    def __len__(self) -> int:
        """The number of sequences."""
        return len(self.lengths_B)

    def to(self, device: torch.device) -> Self:
        """Copy the layout to a device."""
        moved = {name: value.to(device) for name, value in vars(self).items() if isinstance(value, Tensor)}
        return replace(self, **moved)


@dataclass(frozen=True)
class Batch:
    """B sentences of N words in all; U word types of M characters in all."""

    sentences: Sequences  # of words
    words_N: Tensor  # word numbers
    types_N: Tensor  # the type of each word
    targets: Tensor  # tag numbers (N,), or one label per sentence (B,), or UNSCORED
    types: Sequences  # of characters
    letters_M: Tensor  # character numbers
    shapes_U: Tensor
    suffixes_UK: Tensor

    def to(self, device: torch.device) -> Self:
        """Copy the batch to a device."""
        return type(self)(*(getattr(self, f.name).to(device) for f in fields(self)))


class EncodedSentences:
    """Sentences as numbers, ready to be divided into batches."""

    def __init__(self, sentences: Sequence[Tagged], vocabulary: TaggerVocabulary) -> None:
        numbers: dict[str, int] = {}
        self.rows = [
            np.array([numbers.setdefault(word, len(numbers)) for word in sentence.words])
            for sentence in sentences
        ]
        self.features = vocabulary.features(list(numbers))
        self.tags = [
            np.array([vocabulary.tag_numbers.get(tag, UNSCORED) for tag in sentence.tags])
            for sentence in sentences
        ]
        self.lengths = np.array([len(row) for row in self.rows])

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def tokens(self) -> int:
        """Number of words in all sentences."""
        return int(self.lengths.sum())

    def batch(self, chosen: Sequence[int] | np.ndarray) -> Batch:
        """Return the sentences with these numbers, in this order, as a batch."""
        types, types_n = np.unique(np.concatenate([self.rows[i] for i in chosen]), return_inverse=True)
        features = self.features.take(types)
        return Batch(
            sentences=Sequences.of(self.lengths[chosen]),
            words_N=torch.from_numpy(features.words[types_n]),
            types_N=torch.from_numpy(types_n),
            targets=torch.from_numpy(np.concatenate([self.tags[i] for i in chosen])),
            types=Sequences.of(np.array([len(letters) for letters in features.letters])),
            letters_M=torch.from_numpy(np.concatenate(features.letters)),
            shapes_U=torch.from_numpy(features.shapes),
            suffixes_UK=torch.from_numpy(features.suffixes),
        )


def plan_batches(
    lengths: np.ndarray, tokens: int, random: np.random.Generator | None = None
) -> list[np.ndarray]:
    """Divide all sentences into batches of similar length and about `tokens` words.

    With `random`, sentences of equal length are shuffled, and so are the batches.
    """
    tie = np.arange(len(lengths)) if random is None else random.permutation(len(lengths))
    order = np.lexsort((tie, lengths))
    cuts = np.cumsum(lengths[order]) // max(tokens, 1)
    batches = np.split(order, np.flatnonzero(np.diff(cuts)) + 1)
    if random is not None:
        batches = [batches[i] for i in random.permutation(len(batches))]
    return batches
