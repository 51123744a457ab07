"""What a hidden unit is for: how much worse, and where, a model predicts without it.

The unit's c is held at a value: 0, at which its h is 0 and tells nothing, or its mean, at which it tells
the same everywhere. What the loss rises by is what the model gets from the unit's changes, as far as no
other unit knows the same.
"""

import math
from dataclasses import dataclass

import numpy as np

from lstmterm.infer.lstm import CharLSTM, Progress
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
    model: CharLSTM,
    ids: np.ndarray,
    layer: int,
    unit: int,
    value: float = 0.0,
    before: np.ndarray | None = None,
    progress: Progress = lambda done, whole: None,
) -> Silenced:
    """Predict `ids`, (T,), with the c of a unit held at `value`, and without.

    `before` are the losses without, if they are known, as `Surprise` has them. `progress` is called with
    the predictions made and in all.
    """
    without = model.holding({(layer, unit): value})
    whole = (len(ids) - 1) * (1 if before is not None else 2)
    if before is None:
        before = Surprise.of(model, ids, lambda done, _: progress(done, whole)).nats
    made = whole - (len(ids) - 1)
    after = Surprise.of(without, ids, lambda done, _: progress(made + done, whole)).nats
    return Silenced(layer, unit, value, before, after, np.asarray(ids[1:]))
