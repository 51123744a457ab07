"""What a model predicts of a text of any length, measured place by place, in bounded memory.

Of a text of T characters there are T - 1 predictions: of all characters but the first. A measure takes logits (..., V)
and the characters that came, (...,), and returns arrays (..., n), or (...,) for one value of each prediction. V is the
vocabulary size, B the number of streams.
"""

from collections.abc import Callable, Iterator

import numpy as np

from lstmterm.infer.lstm import CharLSTM, Reader, State
from lstmterm.infer.running import RunningLayer
from lstmterm.infer.streams import Collector, StreamReading, reads
from lstmterm.infer.text_part import Stretch

BLOCK = 131_072  # predictions of a text of any length that are made at a time
_MOST_VALUES = 1 << 24  # that are held of the predictions of a block
_PIECE = 4096  # predictions that are passed on at once
_RESET_BLOCKS = 64  # that are read in parallel
_MOST_LOGITS = 4_000_000  # held at once

Measured = tuple[np.ndarray, ...]
Measure = Callable[[np.ndarray, np.ndarray], Measured]


class Predictions(Collector):
    """Measures the predictions after each character while a text is read."""

    def __init__(
        self, model: CharLSTM, targets: np.ndarray, measure: Measure, found: Measured | None = None
    ) -> None:
        """`targets`, (n,), are the characters that follow the first n; `found` are arrays for what is measured."""
        self.model, self._targets, self._measure = model, targets, measure
        self.found = found  # arrays (n, ...); None until there is a first prediction

    def look(self, layer: int, running: RunningLayer) -> tuple[np.ndarray, ...]:
        """The h of the top layer now."""
        return (running.h,) if layer == self.model.layers - 1 else ()

    def take(self, stretch: Stretch) -> None:
        """Make the predictions after some characters, in the place of those made there before."""
        for hidden in stretch.seen:
            targets = self._targets[np.minimum(stretch.positions, len(self._targets) - 1)]
            measured = self._measure(self.model.logits(hidden), targets)
            if self.found is None:
                self.found = tuple(
                    np.empty((len(self._targets), *values.shape[2:]), values.dtype) for values in measured
                )
            for values, array in zip(measured, self.found, strict=True):
                stretch.write(values, array)


def carried(
    model: CharLSTM, ids: np.ndarray, state: State, measure: Measure, values: int = 1
) -> Iterator[Measured]:
    """Measure the predictions of a text, (T,), in its order, in pieces; one of no predictions is a sign of life.

    The text is read in one stream from `state` (batch 1). `values` are those of one prediction.
    """
    block = max(1, min(BLOCK, _MOST_VALUES // values))
    for a in range(0, len(ids) - 1, block):
        targets = np.asarray(ids[a + 1 : a + block + 1])
        reading = StreamReading(model, ids[a : a + len(targets)], state)
        predictions = Predictions(model, targets, measure)
        for stretch in reading.read(predictions.look):
            predictions.take(stretch)
            if predictions.found is not None:
                yield tuple(array[:0] for array in predictions.found)
        assert predictions.found is not None
        for first in range(0, len(targets), _PIECE):
            yield tuple(array[first : first + _PIECE] for array in predictions.found)
        state = reading.state_at(len(targets))


def carried_work(model: CharLSTM, predictions: int) -> tuple[int, int]:
    """How many characters `carried` reads in one stream, and at most how many in parallel streams."""
    alone = together = 0
    for a in range(0, predictions, BLOCK):
        one_by_one, side_by_side = reads(model, min(BLOCK, predictions - a))
        alone += one_by_one
        together += side_by_side
    return alone, together


def reset_every(
    model: CharLSTM, ids: np.ndarray, start: State, reset: int, measure: Measure
) -> Iterator[Measured]:
    """Measure the predictions of a text, (T,), in pieces; the state is `start` again every `reset` characters."""
    predictions = max(len(ids) - 1, 0)
    most = max(1, min(_RESET_BLOCKS, _MOST_LOGITS // model.vocabulary_size)) * reset
    for a in range(0, predictions, most):
        b = min(a + most, predictions)
        blocks = -(-(b - a) // reset)
        length = min(reset, b - a)
        padded = np.full(blocks * length + 1, model.vocabulary_size, dtype=np.int64)
        padded[: b + 1 - a] = ids[a : b + 1]
        fed, targets = padded[:-1].reshape(blocks, length), padded[1:].reshape(blocks, length)
        reader = Reader(model, start.repeated(blocks))
        columns: list[Measured] = []
        for t in range(length):
            reader.read(fed[:, t] if blocks > 1 else fed[0, t])
            columns.append(measure(reader.logits().reshape(model.vocabulary_size, blocks).T, targets[:, t]))
        yield tuple(np.stack(each, axis=1).reshape(-1)[: b - a] for each in zip(*columns, strict=True))
