"""What a hidden unit does while its model reads a text: its states and gates after every character.

The quantities, of an LSTM with gates i, f and o (Hochreiter & Schmidhuber 1997; Gers et al. 2000):

    c       = f c + i g, the cell state; any number
    tanh_c  = tanh c, between -1 and 1
    h       = o tanh c, what other units and the output get; between -1 and 1
    input, forget, output = i, f, o, between 0 and 1

Shapes: T characters, H hidden units. Layers and units are numbered from 0, as in a model's file.
"""

from dataclasses import dataclass

import numpy as np

from lstmterm import atomic
from lstmterm.corpora import scratch
from lstmterm.infer.lstm import Progress, Reader
from lstmterm.infer.streams import StreamReading
from lstmterm.spec.units import Quantity

GATES: tuple[Quantity, ...] = ("input", "forget", "output")
_HELD = 1 << 26  # bytes of values that are held in memory
_PLACE = {"output": 0, "input": 1, "forget": 2}  # among the gates of a reader


@dataclass(frozen=True)
class LayerTrace:
    """A quantity of all units of a layer after each character of a text."""

    layer: int
    quantity: Quantity
    _values: np.ndarray  # (H, T), float32; c where its tanh is wanted

    @classmethod
    def of(
        cls,
        reading: StreamReading,
        layer: int,
        quantity: Quantity = "c",
        progress: Progress = lambda done, whole: None,
    ) -> "LayerTrace":
        """Read a text of T characters; one that was read to its end before is read once, not to be joined again.

        What does not fit in `_HELD` bytes is in a file without a name. `progress` is called with the characters
        done and in all. Raises `InputError` for a layer that is not there, and `WriteError`.
        """
        reading.model.check_unit(layer, 0)
        kept = state_of(quantity)
        values, done = _room(reading.model.hidden, reading.length), 0

        def look(reader: Reader) -> tuple[np.ndarray, ...]:
            return (looked_at(reader, layer, kept),)

        read = reading.read_again if reading.complete else reading.read
        for stretch in read(look, watched=kept in GATES):
            stretch.write(stretch.seen[0], values.T)
            done = min(done + stretch.positions.size, reading.length)
            progress(done, reading.length)
        return cls(layer, kept, values)

    def unit(self, unit: int, quantity: Quantity) -> np.ndarray:
        """A unit after each character, (T,): the quantity that was traced, or tanh c where that is c."""
        values = np.array(self._values[unit])
        return np.tanh(values) if quantity == "tanh_c" else values


def state_of(quantity: Quantity) -> Quantity:
    """The quantity to trace for this one: c for its tanh."""
    return "c" if quantity == "tanh_c" else quantity


def _room(units: int, length: int) -> np.ndarray:
    """Place for values, (H, T)."""
    if 4 * units * length <= _HELD:
        return np.full((units, length), np.nan, np.float32)
    with scratch.file() as file, atomic.explaining(scratch.folder()):
        return np.memmap(file, np.float32, "w+", shape=(units, length))


def looked_at(reader: Reader, layer: int, quantity: Quantity) -> np.ndarray:
    """The quantity of a layer now, (H,) or (H, B); c where its tanh is wanted."""
    if quantity == "h":
        return reader.h(layer)
    if quantity in GATES:
        size = len(reader.h(layer))
        first = _PLACE[quantity] * size
        return reader.gates(layer)[first : first + size]
    return reader.c(layer)
