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
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from lstmterm.amounts import NATS_PER_BIT, perplexity
from lstmterm.infer.lstm import CharLSTM, Progress, Reader, State
from lstmterm.infer.running import RunningLayer
from lstmterm.infer.streams import Collector, StreamReading, reads
from lstmterm.infer.text_part import Stretch

RESET = 256  # characters between resets of the state, for `val_loss_reset`
BLOCK = 131_072  # predictions of a text of any length that are made at a time
_MOST_VALUES = 1 << 24  # that are held of the predictions of a block
_PIECE = 4096  # predictions that are passed on at once
_BLOCKS = 64  # reset blocks that are read in parallel
_MOST_LOGITS = 4_000_000  # held at once


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
        return _carried(model, ids, start, _nats)
    return (losses for (losses,) in reset_blocks(model, ids, start, reset, lambda *seen: (_nats(*seen),)))


def log_probabilities(model: CharLSTM, ids: np.ndarray) -> Iterator[np.ndarray]:
    """ln p of each character of the vocabulary at the places of characters 1 to N - 1, (n, V), as `surprisals`."""
    return _carried(
        model, np.asarray(ids), model.initial(), lambda logits, _: _log_softmax(logits), model.vocabulary_size
    )


class _Predictions(Collector):
    """What `of` tells of the predictions after each character of a text, (T, ...)."""

    def __init__(self, model: CharLSTM, targets: np.ndarray, of: "_Of") -> None:
        """`targets` are the characters that follow, (T,)."""
        self._model, self._targets, self._of = model, targets, of
        self.found: np.ndarray | None = None

    def look(self, layer: int, running: RunningLayer) -> tuple[np.ndarray, ...]:
        """The h of the top layer now."""
        return (running.h,) if layer == self._model.layers - 1 else ()

    def take(self, stretch: Stretch) -> None:
        """Make the predictions after some characters."""
        for hidden in stretch.seen:
            targets = self._targets[np.minimum(stretch.positions, len(self._targets) - 1)]
            values = self._of(self._model.logits(hidden), targets)
            if self.found is None:
                self.found = np.empty((len(self._targets), *values.shape[2:]), values.dtype)
            stretch.write(values, self.found)


def _carried(
    model: CharLSTM, ids: np.ndarray, state: State, of: "_Of", values: int = 1
) -> Iterator[np.ndarray]:
    """Block after block, in pieces; `of` tells so many `values` of a prediction."""
    block = _block(values)
    for a in range(0, len(ids) - 1, block):
        targets = np.asarray(ids[a + 1 : a + block + 1])
        reading = StreamReading(model, ids[a : a + len(targets)], state)
        predictions = _Predictions(model, targets, of)
        for stretch in reading.read(predictions.look):
            predictions.take(stretch)
            if predictions.found is not None:
                yield predictions.found[:0]
        if predictions.found is not None:
            yield from np.array_split(predictions.found, -(-len(targets) // _PIECE))
        state = reading.state_at(len(targets))


def _block(values: int) -> int:
    """How many predictions, of each of which so many values are held, are made at a time."""
    return max(1, min(BLOCK, _MOST_VALUES // values))


def work(model: CharLSTM, predictions: int) -> tuple[int, int]:
    """How many characters of a carried text are read in one stream, and at most how many in parallel streams."""
    alone = together = 0
    for a in range(0, predictions, BLOCK):
        one_by_one, side_by_side = reads(model, min(BLOCK, predictions - a))
        alone += one_by_one
        together += side_by_side
    return alone, together


Measure = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, ...]]  # of logits (B, V) and targets (B,)


def reset_blocks(
    model: CharLSTM, ids: np.ndarray, start: State, reset: int, measure: Measure
) -> Iterator[tuple[np.ndarray, ...]]:
    """What `measure` tells of characters 1 to N - 1, the state reset every `reset` characters, in arrays (n,)."""
    predictions = max(len(ids) - 1, 0)
    most = max(1, min(_BLOCKS, _MOST_LOGITS // model.vocabulary_size)) * reset
    for a in range(0, predictions, most):
        b = min(a + most, predictions)
        blocks = -(-(b - a) // reset)
        length = min(reset, b - a)
        padded = np.full(blocks * length + 1, model.vocabulary_size, dtype=np.int64)
        padded[: b + 1 - a] = ids[a : b + 1]
        fed, targets = padded[:-1].reshape(blocks, length), padded[1:].reshape(blocks, length)
        reader = Reader(model, start.repeated(blocks))
        columns: list[tuple[np.ndarray, ...]] = []
        for t in range(length):
            reader.read(fed[:, t] if blocks > 1 else fed[0, t])
            columns.append(measure(reader.logits().reshape(model.vocabulary_size, blocks).T, targets[:, t]))
        yield tuple(np.stack(each, axis=1).reshape(-1)[: b - a] for each in zip(*columns, strict=True))


_Of = Callable[[np.ndarray, np.ndarray], np.ndarray]  # of logits (..., V) and targets (...,): (..., values)


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    """ln p of logits (..., V)."""
    moved = logits - logits.max(axis=-1, keepdims=True)
    moved -= np.log(np.exp(moved).sum(axis=-1, keepdims=True))
    return moved


def _nats(logits: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """-ln softmax at `targets`, (...,), of logits (..., V); nan where a target is the unknown character."""
    known = targets < logits.shape[-1]
    chosen = np.take_along_axis(logits, np.where(known, targets, 0)[..., None], axis=-1)
    highest = logits.max(axis=-1, keepdims=True)
    total = np.exp(logits - highest).sum(axis=-1)
    return np.where(known, np.log(total) + (highest - chosen)[..., 0], np.float32(np.nan)).astype(np.float32)
