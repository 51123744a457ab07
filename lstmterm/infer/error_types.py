"""Where one predictor of a text beats another, by types of characters.

The types follow Karpathy, Johnson & Fei-Fei (Visualizing and Understanding Recurrent Networks, 2015,
section 4.3), who call a character an error where the LSTM gives it a probability below 0.5, and sort the
errors by what would mend them. A character has the first type that it fits:

- **predicted**: the model gives it at least 0.5.
- **the other predicts it**: the other gives it at least 0.5. Against an n-gram model these are the paper's
  n-gram errors.
- **repeated word**: it is in a word, not its first character, and the same word ends within the 1,000 characters
  before (dynamic memory: the model could have copied it).
- **rare word**: it is in a word that occurs at most 5 times in the text that the model was trained on.
- **after a space or newline**: it is the first character of a word, after white space or the text's start: a
  matter of which word comes, not of how it is spelled.
- **punctuation**: neither white space nor in a word.
- **space or newline**: the end of a word or a line was not foreseen.
- **inside a word**: what is left.

The first two types are chosen by what the two predict, so that one of them is ahead there by definition.
A word is as in `features`: letters, digits and underscores, with single apostrophes among them.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lstmterm.amounts import NATS_PER_BIT
from lstmterm.infer.features import WORD

TYPES = (
    "predicted",
    "the other predicts it",
    "repeated word",
    "rare word",
    "after a space or newline",
    "punctuation",
    "space or newline",
    "inside a word",
)
RARE = 5  # occurrences of a word in the training text, at most
MEMORY = 1_000  # characters within which a word is repeated
_SMALL = 0.05  # bits per character; the types' shares of a smaller gain are noise of many times the gain
_HALF = float(np.log(2))  # nats of a probability of 0.5


@dataclass(frozen=True)
class Row:
    """The characters of a type: how many, and the mean losses of the model and of the other, bits."""

    name: str
    count: int
    bits: float
    other_bits: float
    share: float  # of the whole difference in nats; it sums to 1 over all types

    @property
    def gain(self) -> float:
        """By how many bits per character the model is better than the other."""
        return self.other_bits - self.bits


def shares_tell(rows: Sequence[Row]) -> bool:
    """Whether the gain of all characters, which is in the last row, is large enough to be shared out."""
    return bool(rows) and abs(rows[-1].gain) >= _SMALL


def word_counts(text: str) -> Mapping[str, int]:
    """How often each word of a text occurs."""
    return Counter(match[0] for match in WORD.finditer(text))


def error_types(
    text: str, nats: np.ndarray, other: np.ndarray, counts: Mapping[str, int] | None
) -> np.ndarray:
    """The number in `TYPES` of characters 1 to T - 1 of `text`, (T - 1,).

    `nats` and `other` are the losses of the model and of the other, (T - 1,); `counts` are those of words in the
    training text, None where it is not known: then no word is rare.
    """
    repeated, rare, first, inside = (np.zeros(len(text), bool) for _ in range(4))
    last_end: dict[str, int] = {}
    for match in WORD.finditer(text):
        start, end = match.span()
        word = match[0]
        inside[start:end] = True
        first[start] = start == 0 or text[start - 1].isspace()
        repeated[start + 1 : end] = start - last_end.get(word, -MEMORY - 1) <= MEMORY
        rare[start:end] = counts is not None and counts.get(word, 0) <= RARE
        last_end[word] = end
    space = np.fromiter((character.isspace() for character in text), bool, len(text))
    fits = (
        nats <= _HALF,
        other <= _HALF,
        *(mask[1:] for mask in (repeated, rare, first, ~space & ~inside, space)),
        np.ones(len(nats), bool),
    )
    return np.argmax(np.stack(fits), axis=0)


def compare(types: np.ndarray, nats: np.ndarray, other: np.ndarray) -> list[Row]:
    """A row for each type that occurs, in the order of `TYPES`, and one for all; characters of both losses only."""
    known = ~(np.isnan(nats) | np.isnan(other))
    whole = float((other[known] - nats[known]).sum(dtype=np.float64)) or 1.0
    masks = [(name, known & (types == number)) for number, name in enumerate(TYPES)]
    return [
        _row(name, nats[mask], other[mask], whole) for name, mask in (*masks, ("all", known)) if mask.any()
    ]


def _row(name: str, nats: np.ndarray, other: np.ndarray, whole: float) -> Row:
    mean, other_mean = (float(values.mean(dtype=np.float64)) for values in (nats, other))
    share = (other_mean - mean) * len(nats) / whole
    return Row(name, len(nats), mean / NATS_PER_BIT, other_mean / NATS_PER_BIT, share)
