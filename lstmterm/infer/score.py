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

A long carried text is read in parallel streams, which takes a fifth of the time. Each stream warms up on
the characters before its own part; where it has not arrived at the state in which the stream before
it ends, its part is read again from there. So the figure is that of one stream, to the sixth digit.

The unknown character is fed like any other but not scored: a prediction of it is left out of both
the sum and the count. The forward pass is float32; nats are summed in float64.
"""

import math
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from lstmterm.amounts import NATS_PER_BIT, perplexity
from lstmterm.infer.lstm import CharLSTM, Progress, Reader, State
from lstmterm.infer.streams import warmed_up

RESET = 256  # characters between resets of the state, for `val_loss_reset`
_CHUNK = 512  # characters of one stream between products with the output weights
_SAME = 1e-3  # states that differ by less make the same predictions soon after
_STREAMS = 32  # in which a carried text is read
_FEWEST_STREAMS = 8  # fewer are not faster than one
_WARM_UP = 1024  # characters that a stream reads before its own part
_LONGEST_STREAM = 4 * _WARM_UP
_BEAT = 256  # characters of a stream between signs of life
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
    return _carried(model, np.asarray(ids), model.initial(), lambda logits, targets: _log_softmax(logits).T)


def _carried(model: CharLSTM, ids: np.ndarray, state: State, of: "_Of") -> Iterator[np.ndarray]:
    """Block after block in parallel streams, and what is too short for them in one stream."""
    while cut := _streams(model, len(ids) - 1):
        streams, length = cut
        state = yield from _parallel(model, ids, streams, length, state, of)
        ids = ids[streams * length :]
    yield from _one_stream(model, ids, state, of)


def _streams(model: CharLSTM, predictions: int) -> tuple[int, int] | None:
    """The number and length of the streams to read next; None if they would be no faster than one stream."""
    streams = min(_STREAMS, _MOST_LOGITS // model.vocabulary_size, predictions // (2 * _WARM_UP))
    return (streams, min(_LONGEST_STREAM, predictions // streams)) if streams >= _FEWEST_STREAMS else None


def work(model: CharLSTM, predictions: int) -> tuple[int, int]:
    """How many characters of a carried text are read in one stream, and how many in parallel, warm-up included."""
    parallel = 0
    while cut := _streams(model, predictions):
        streams, length = cut
        parallel += streams * length + (streams - 1) * _WARM_UP
        predictions -= streams * length
    return predictions, parallel


def _one_stream(
    model: CharLSTM, ids: np.ndarray, state: State, of: "_Of"
) -> Generator[np.ndarray, None, State]:
    """What is wanted of all predictions; returns the state after them."""
    chunk = max(1, min(_CHUNK, _MOST_LOGITS // model.vocabulary_size))
    for a in range(0, len(ids) - 1, chunk):
        b = min(a + chunk, len(ids) - 1)
        hidden, state = model.run(ids[a:b], state)
        yield of(model.logits(hidden).T, ids[a + 1 : b + 1])
    return state


def _parallel(
    model: CharLSTM, ids: np.ndarray, streams: int, length: int, state: State, of: "_Of"
) -> Generator[np.ndarray, None, State]:
    """What is wanted of the first `streams` * `length` predictions; returns the state after them."""
    starts = length * np.arange(streams)
    first = warmed_up(model, ids, starts, _WARM_UP, state)
    reader = Reader(model, first)
    columns: list[np.ndarray] = []
    for t in range(length):
        reader.read(ids[starts + t])
        columns.append(of(reader.logits(), ids[starts + t + 1]))
        if t % _BEAT == 0:
            yield columns[0][:0]
    found = np.stack(columns, axis=1)
    last = reader.state
    for k in range(streams):
        if k and not first.stream(k).near(state, _SAME):
            state = yield from _one_stream(model, ids[starts[k] : starts[k] + length + 1], state, of)
        else:
            yield found[k]
            state = last.stream(k)
    return state


Measure = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, ...]]  # of logits (V, B) and targets (B,)


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
            columns.append(measure(reader.logits().reshape(model.vocabulary_size, blocks), targets[:, t]))
        yield tuple(np.stack(each, axis=1).reshape(-1)[: b - a] for each in zip(*columns, strict=True))


_Of = Callable[[np.ndarray, np.ndarray], np.ndarray]  # of logits (V, B) and targets (B,): (B, ...)


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    """ln p of logits (V, B)."""
    moved = logits - logits.max(axis=0)
    return moved - np.log(np.exp(moved).sum(axis=0))


def _nats(logits: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """-ln softmax at `targets`, (B,), of logits (n, B); nan where a target is the unknown character."""
    n = len(logits)
    known = targets < n
    columns = np.arange(logits.shape[1])
    chosen = logits[np.where(known, targets, 0), columns]
    highest = logits.max(axis=0)
    total = np.exp(logits - highest).sum(axis=0)
    return np.where(known, np.log(total) + highest - chosen, np.float32(np.nan)).astype(np.float32)
