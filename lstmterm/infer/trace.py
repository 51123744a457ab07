"""What a hidden unit does while its model reads a text: its states and gates after every character.

The quantities, of an LSTM with gates i, f and o (Hochreiter & Schmidhuber 1997; Gers et al. 2000):

    c       = f c + i g, the cell state; any number
    tanh_c  = tanh c, between -1 and 1
    h       = o tanh c, what other units and the output get; between -1 and 1
    input, forget, output = i, f, o, between 0 and 1

Shapes: T characters, H hidden units. Layers and units are numbered from 0, as in a model's file.
"""

from collections.abc import Iterator

import numpy as np

from lstmterm.infer.lstm import CharLSTM, Progress, Reader, State
from lstmterm.infer.streams import StreamReading
from lstmterm.spec.units import Quantity

GATES: tuple[Quantity, ...] = ("input", "forget", "output")
_PIECE = 1024  # characters of a chunk
_PLACE = {"output": 0, "input": 1, "forget": 2}  # among the gates of a reader


def trace(
    model: CharLSTM,
    ids: np.ndarray,
    layer: int,
    unit: int,
    quantity: Quantity = "c",
    progress: Progress = lambda done, whole: None,
) -> np.ndarray:
    """A quantity of one unit after each of `ids`, (T,): (T,), float32.

    Raises `InputError` for a unit that the model does not have. `progress` is called with the characters
    done and in all.
    """
    model.check_unit(layer, unit)
    values, done = np.full(len(ids), np.nan, np.float32), 0
    if not len(ids):
        return values
    one = slice(unit, unit + 1)
    for stretch in StreamReading(model, ids).read(
        lambda reader: (looked_at(reader, layer, quantity)[one],), watched=quantity in GATES
    ):
        stretch.write(stretch.seen[0][:, 0], values)
        done = min(done + stretch.positions.size, len(ids))
        progress(done, len(ids))
    return np.tanh(values) if quantity == "tanh_c" else values


def traces(
    model: CharLSTM, ids: np.ndarray, layer: int, quantity: Quantity = "c", state: State | None = None
) -> Iterator[np.ndarray]:
    """A quantity of all units of a layer after each of `ids`, (T,): chunks (n, H) in the order of the text.

    It is read in one stream, in memory that T does not change; `state` takes the place of the initial one.
    """
    model.check_unit(layer, 0)
    reader = Reader(model, model.initial() if state is None else state, watched=quantity in GATES)
    for a in range(0, len(ids), _PIECE):
        chunk = np.empty((min(_PIECE, len(ids) - a), model.hidden), np.float32)
        for t in range(len(chunk)):
            reader.read(ids[a + t])
            chunk[t] = looked_at(reader, layer, quantity)
        yield np.tanh(chunk) if quantity == "tanh_c" else chunk


def looked_at(reader: Reader, layer: int, quantity: Quantity) -> np.ndarray:
    """The quantity of a layer now, (H,) or (H, B); c where its tanh is wanted."""
    if quantity == "h":
        return reader.h(layer)
    if quantity in GATES:
        size = len(reader.h(layer))
        first = _PLACE[quantity] * size
        return reader.gates(layer)[first : first + size]
    return reader.c(layer)
