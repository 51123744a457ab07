"""How well a model predicts a text: exact losses, in nats.

Which predictions are made, for a text of N characters:

- **Carried** (`reset` None): the model starts in its initial state (zero, or the learned one) and
  reads the whole text in one stream. Character 0 is only fed; character t, for t = 1 to N - 1, is
  predicted from all of 0 to t - 1: N - 1 predictions. This is `val_loss`.
- **Reset every R** (`reset` = R): the text is cut into blocks. The block that starts at s = 0, R, 2R...
  starts in the initial state, is fed characters s to s + R - 1 and predicts s + 1 to s + R: R
  predictions, the first from one character of context and the last from R. The last block may be
  shorter: again N - 1 predictions in all. With R = 256 this is `val_loss_reset`, comparable with
  models whose context is fixed at 256 characters.

A long carried text is read in parallel streams, which takes a third of the time (see `text_part`). The figure is that
of one stream, to the sixth digit.

The unknown character is fed like any other but not scored: a prediction of it is left out of both
the sum and the count. The forward pass is float32; nats are summed in float64.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from lstmterm.amounts import NATS_PER_BIT, perplexity
from lstmterm.infer.lstm import CharLSTM, Progress, State
from lstmterm.infer.predictions import Measured, carried, reset_every

RESET = 256  # characters between resets of the state, for `val_loss_reset`


@dataclass(frozen=True)
class Score:
    """The loss of a text."""

    chars: int  # scored: all predictions but those of unknown characters
    nats: float  # their sum
    unknown: int  # predictions that are not scored because their character is unknown

    @property
    def nats_per_char(self) -> float:
        """The mean loss; nan if nothing was scored."""
        return self.nats / self.chars if self.chars else math.nan

    @property
    def bits_per_char(self) -> float:
        """The mean loss in bits."""
        return self.nats_per_char / NATS_PER_BIT

    @property
    def perplexity(self) -> float:
        """exp of the mean loss: the number of equally likely characters with the same loss."""
        return perplexity(self.nats_per_char)


def score(
    model: CharLSTM,
    ids: np.ndarray,
    reset: int | None = None,
    progress: Progress | None = None,
) -> Score:
    """The loss of `ids`, shape (N,), of any integer type; a mapped file is read piece by piece.

    `progress` is called now and then with the number of predictions done and in all.
    """
    return total(surprisals(model, ids, reset=reset), len(ids) - 1, progress)


def total(surprisals: Iterable[np.ndarray], predictions: int, progress: Progress | None = None) -> Score:
    """The score of `predictions` whose nats come in arrays; nan where a character is unknown."""
    chars, nats, done = 0, 0.0, 0
    for losses in surprisals:
        known = ~np.isnan(losses)
        chars += int(known.sum())
        nats += float(losses[known].sum(dtype=np.float64))
        done += len(losses)
        if progress is not None:
            progress(done, predictions)
    return Score(chars, nats, done - chars)


def surprisals(
    model: CharLSTM, ids: np.ndarray, state: State | None = None, reset: int | None = None
) -> Iterator[np.ndarray]:
    """-ln p of characters 1 to N - 1 in their order, float32, in arrays; an empty array is a sign of life.

    nan where a character is unknown. `state` (batch 1) takes the place of the initial state, at the start
    or at every reset.
    """
    if reset is not None and reset < 1:
        raise ValueError("a reset block has at least one character")
    ids = np.asarray(ids)  # a memmap stays mapped, and is quicker to index
    start = model.initial() if state is None else state
    if reset is None:
        return (losses for (losses,) in carried(model, ids, start, _nats))
    return (losses for (losses,) in reset_every(model, ids, start, reset, _nats))


def log_probabilities(model: CharLSTM, ids: np.ndarray) -> Iterator[np.ndarray]:
    """ln p of each character of the vocabulary at the places of characters 1 to N - 1, (n, V), as `surprisals`."""
    found = carried(model, np.asarray(ids), model.initial(), _log_softmax, model.vocabulary_size)
    return (values for (values,) in found)


def _log_softmax(logits: np.ndarray, targets: np.ndarray) -> Measured:
    """ln p of all characters, (..., V), by logits (..., V)."""
    moved = logits - logits.max(axis=-1, keepdims=True)
    moved -= np.log(np.exp(moved).sum(axis=-1, keepdims=True))
    return (moved,)


def _nats(logits: np.ndarray, targets: np.ndarray) -> Measured:
    """-ln softmax at `targets`, (...,), of logits (..., V); nan where a target is the unknown character."""
    known = targets < logits.shape[-1]
    chosen = np.take_along_axis(logits, np.where(known, targets, 0)[..., None], axis=-1)
    highest = logits.max(axis=-1, keepdims=True)
    total = np.exp(logits - highest).sum(axis=-1)
    nats = np.where(known, np.log(total) + (highest - chosen)[..., 0], np.float32(np.nan))
    return (nats.astype(np.float32),)
