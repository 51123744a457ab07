"""Where a text surprises a model: of every character its surprisal, its rank, and the entropy before it.

For the character at position p of a text, 1 to T - 1, predicted from characters 0 to p - 1 (T characters,
V vocabulary size):

- **nats**: -ln of its probability. nan if the vocabulary lacks it: then there is no prediction of it.
- **rank**: 1 + the number of characters that are likelier than it; 0 if the vocabulary lacks it.
- **entropy**: of the prediction, in nats: what the model expects nats to be.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np

from lstmterm.infer.lstm import CharLSTM, Progress, State
from lstmterm.infer.predictions import Measured, Predictions, carried, reset_every
from lstmterm.infer.sample import probabilities
from lstmterm.infer.streams import StreamReading


@dataclass(frozen=True)
class Measures:
    """What is known of some predictions, in the order of the text: arrays (n,)."""

    nats: np.ndarray  # float32
    ranks: np.ndarray  # int32
    entropy: np.ndarray  # float32, nats

    @classmethod
    def of_nats(cls, nats: np.ndarray) -> "Measures":
        """Losses of which nothing else is known."""
        return cls(nats, np.zeros(len(nats), np.int32), np.full(len(nats), np.nan, np.float32))

    def by_character(self, starts: np.ndarray) -> "Measures":
        """Those of characters 1 to N - 1, the first numbers of which are at `starts`, (N,).

        A character of several bytes has the sum of their nats, the highest of their ranks, and the entropy
        before the first. What is measured are the predictions of all numbers but the first.
        """
        if len(starts) == len(self.nats) + 1 or len(starts) < 2:
            return self if len(starts) > 1 else Measures(self.nats[:0], self.ranks[:0], self.entropy[:0])
        first = starts[1:] - 1
        return Measures(
            np.add.reduceat(self.nats, first), np.maximum.reduceat(self.ranks, first), self.entropy[first]
        )


class Surprise(Predictions):
    """A model's surprise at a text. `expected` tells what it expected.

    `compute` fills the arrays, or a reading of the text for which this is a collector.
    """

    def __init__(
        self,
        model: CharLSTM,
        ids: np.ndarray,
        state: State | None = None,
        *,
        reading: StreamReading | None = None,
    ) -> None:
        """`ids` are (T,), at least 2; `state` (batch 1) takes the place of the initial state.

        A `reading` of `ids` from that state is read in place of a new one.

        The arrays have shape (T - 1,), and number k is of the character at position k + 1. Until they are
        computed they hold nan and 0.
        """
        self.ids = np.asarray(ids)
        n = len(ids) - 1
        self.nats = np.full(n, np.nan, np.float32)
        self.ranks = np.zeros(n, np.int32)
        self.entropy = np.full(n, np.nan, np.float32)
        super().__init__(model, self.ids[1:], measures, (self.nats, self.ranks, self.entropy))
        self.reading = StreamReading(model, self.ids, state) if reading is None else reading

    @classmethod
    def of(
        cls,
        model: CharLSTM,
        ids: np.ndarray,
        progress: Progress = lambda done, whole: None,
        *,
        reading: StreamReading | None = None,
    ) -> "Surprise":
        """The surprise at `ids`, (T,), computed; `progress` is called with characters done and in all."""
        surprise = cls(model, ids, reading=reading)
        for done in surprise.compute():
            progress(done, len(surprise.nats))
        return surprise

    @property
    def everywhere(self) -> bool:
        """Whether all is predicted, though some predictions may change a little."""
        return bool(np.isfinite(self.entropy).all())

    def compute(self) -> Iterator[int]:
        """Fill the arrays; yields how much is done, as a number of predictions, after every few steps of a layer.

        They are made side by side at several places of the text. When all are made the last few yields
        correct those after the joints of these parts.
        """
        done, n = 0, len(self.nats)
        for stretch in self.reading.read(self.look):
            self.take(stretch)
            done += stretch.positions.size
            yield min(done // self.model.layers, n)

    def expected(self, position: int) -> np.ndarray:
        """The probabilities of the character at `position` (1 to T, the next one), (V,), float64.

        Reads at most a few dozen characters again. Raises `ValueError` where nothing was computed yet.
        """
        if not 1 <= position <= len(self.ids):
            raise ValueError(f"there is no prediction of position {position}")
        state = self.reading.state_at(position - 1)
        hidden, _ = self.model.run(self.ids[position - 1 : position], state)
        return probabilities(self.model.logits(hidden)[0])

    def state_at(self, position: int) -> State:
        """The state in which the character at `position`, 0 to T - 1, is read."""
        return self.reading.state_at(position)


def measures(logits: np.ndarray, targets: np.ndarray) -> Measured:
    """Nats, ranks and entropy, (...,) each, by logits (..., V) and the characters that came, (...,).

    Unknown characters have nats nan and rank 0.
    """
    symbols = logits.shape[-1]
    known = targets < symbols
    chosen = np.take_along_axis(logits, np.where(known, targets, 0)[..., None], axis=-1)
    ranks = np.where(known, 1 + np.count_nonzero(logits > chosen, axis=-1), 0).astype(np.int32)
    highest = logits.max(axis=-1, keepdims=True)
    shifted = logits - highest
    weights = np.exp(shifted)
    total = weights.sum(axis=-1)
    nats = np.where(known, np.log(total) + (highest - chosen)[..., 0], np.float32(np.nan))
    shifted *= weights
    entropy = np.maximum(np.log(total) - shifted.sum(axis=-1) / total, 0)
    return nats.astype(np.float32), ranks, entropy.astype(np.float32)


def measured(model: CharLSTM, ids: np.ndarray, reset: int | None = None) -> Iterator[Measures]:
    """The surprise at a text of any length, (T,), in bounded memory: part after part of its predictions.

    With `reset` the state is reset every `reset` characters, as in `score`.
    """
    start = model.initial()
    if reset is None:
        parts = carried(model, ids, start, measures, len(fields(Measures)))
    else:
        parts = reset_every(model, ids, start, reset, measures)
    for part in parts:
        yield Measures(*part)
