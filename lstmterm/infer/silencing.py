"""What a hidden unit is for: how much worse, and where, a model predicts without it.

The unit's c is held at a value: 0, at which its h is 0 and tells nothing, or its mean, at which it tells
the same everywhere. What the loss rises by is what the model gets from the unit's changes, as far as no
other unit knows the same.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lstmterm.infer.lstm import Progress
from lstmterm.infer.surprise import Surprise

_BLOCK = 250  # characters of a block of text


@dataclass(frozen=True)
class Character:
    """What silencing changes for one character of the vocabulary."""

    symbol: int
    count: int  # predictions of it
    rise: float  # of their mean loss, nats
    share: float  # of the text's whole rise; negative where it helps


@dataclass(frozen=True)
class Silenced:
    """The losses of a text with and without a unit, in nats: arrays (T - 1,), nan where unknown."""

    layer: int
    unit: int
    value: float  # at which c was held
    before: np.ndarray
    after: np.ndarray
    targets: np.ndarray  # (T - 1,): the characters predicted

    @property
    def rises(self) -> np.ndarray:
        """By how much each loss rises, (T - 1,)."""
        return self.after - self.before

    @property
    def rise(self) -> float:
        """By how much the mean loss rises, nats per character; nan if no character is known."""
        known = self.rises[~np.isnan(self.rises)]
        return float(known.mean(dtype=np.float64)) if len(known) else math.nan

    @property
    def error(self) -> float:
        """The standard error of `rise`, nats per character; nan of a text too short for two blocks.

        It is that of the mean of blocks of `_BLOCK` characters: neighbouring rises are alike, far ones are not.
        """
        whole = self.rises[: len(self.rises) // _BLOCK * _BLOCK].reshape(-1, _BLOCK).astype(np.float64)
        known = ~np.isnan(whole)
        blocks = np.nansum(whole, axis=1)[known.any(axis=1)] / known.sum(axis=1)[known.any(axis=1)]
        return float(blocks.std(ddof=1) / math.sqrt(len(blocks))) if len(blocks) > 1 else math.nan

    def characters(self) -> list[Character]:
        """What changes for each character that occurs, those that lose most in all first."""
        known = ~np.isnan(self.rises)
        symbols, rises = self.targets[known].astype(np.int64), self.rises[known].astype(np.float64)
        counts, sums = np.bincount(symbols), np.bincount(symbols, rises)
        whole = rises.sum() or 1.0
        found = [
            Character(int(s), int(counts[s]), float(sums[s] / counts[s]), float(sums[s] / whole))
            for s in np.flatnonzero(counts)
        ]
        return sorted(found, key=lambda character: -character.rise * character.count)


def silence(
    before: Surprise, layer: int, unit: int, value: float = 0.0, progress: Progress = lambda done, whole: None
) -> Silenced:
    """As `silencing`, once all is right."""
    *_, silenced = silencing(before, layer, unit, value, progress)
    return silenced


def silencing(
    before: Surprise, layer: int, unit: int, value: float = 0.0, progress: Progress = lambda done, whole: None
) -> Iterator[Silenced]:
    """Predict a text with the c of a unit held at `value`, by its surprise without, which is computed.

    Yields the losses each time when those of a part of the text are known, and again when a few of them were
    corrected; the last are all. `progress` is called with the characters read and in all. Raises `InputError` for a
    unit that is not there.
    """
    reading = before.reading.holding({(layer, unit): value})
    after = Surprise(reading.model, before.ids, reading=reading)
    for read, _ in reading.collect([after], progress):
        if read == reading.model.layers - 1:
            yield Silenced(layer, unit, value, before.nats, after.nats.copy(), before.ids[1:])
