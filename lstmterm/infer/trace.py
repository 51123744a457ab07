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
from lstmterm.infer.lstm import Progress
from lstmterm.infer.running import RunningLayer
from lstmterm.infer.streams import Collector, StreamReading
from lstmterm.infer.text_part import Stretch
from lstmterm.spec.units import Quantity

GATES: tuple[Quantity, ...] = ("input", "forget", "output")
_HELD = 1 << 26  # bytes of values that are held in memory
PLACE = {"output": 0, "input": 1, "forget": 2}  # among the gates of a reader


@dataclass
class LayerTrace(Collector):
    """A quantity of all units of a layer after each character of a text."""

    layer: int
    quantity: Quantity  # "c" where its tanh is wanted
    values: np.ndarray  # of all units, (T, H), float32
    known: int = 0  # characters, from the first, after which it is known
    right: bool = False  # whether it is known after all of them, and will not change any more

    @classmethod
    def empty(cls, reading: StreamReading, layer: int, quantity: Quantity) -> "LayerTrace":
        """Place for a trace: what does not fit in `_HELD` bytes is in a file without a name."""
        shape = reading.length, reading.model.hidden
        if 4 * shape[0] * shape[1] <= _HELD:
            return cls(layer, state_of(quantity), np.empty(shape, np.float32))
        with scratch.file() as file, atomic.explaining(scratch.folder()):
            return cls(layer, state_of(quantity), np.memmap(file, np.float32, "w+", shape=shape))

    @classmethod
    def of(
        cls,
        reading: StreamReading,
        layer: int,
        quantity: Quantity = "c",
        progress: Progress = lambda done, whole: None,
    ) -> "LayerTrace":
        """Read a text of T characters; of one that was read to its end before, no layer above this one.

        `progress` is called with the characters done and in all. Raises `InputError` for a layer that is not
        there, and `WriteError`.
        """
        reading.model.check_unit(layer, 0)
        trace = cls.empty(reading, layer, quantity)
        for _ in reading.collect([trace], progress, layers=layer + 1 if reading.complete else None):
            pass
        return trace

    def __post_init__(self) -> None:
        self.watched = self.quantity in GATES

    def look(self, layer: int, running: RunningLayer) -> tuple[np.ndarray, ...]:
        """The quantity of its layer now."""
        return (looked_at(running, self.quantity),) if layer == self.layer else ()

    def take(self, stretch: Stretch) -> None:
        """Keep the quantity in some characters."""
        for values in stretch.seen:
            stretch.write(values, self.values)

    def reach(self, layer: int, first: int, end: int, *, right: bool) -> None:
        """Note how much is known."""
        if layer == self.layer:
            self.known = max(self.known, end)
            self.right = right and end == len(self.values)

    def unit(self, unit: int, quantity: Quantity) -> np.ndarray:
        """A unit after each character, (T,): the quantity that was traced, or tanh c where that is c.

        nan where it is not known yet.
        """
        values = np.full(len(self.values), np.nan, np.float32)
        values[: self.known] = self.values[: self.known, unit]
        return np.tanh(values) if quantity == "tanh_c" else values


def state_of(quantity: Quantity) -> Quantity:
    """The quantity to trace for this one: c for its tanh."""
    return "c" if quantity == "tanh_c" else quantity


def looked_at(running: RunningLayer, quantity: Quantity) -> np.ndarray:
    """The quantity of a layer now, (H,) or (H, B); c where its tanh is wanted."""
    if quantity == "h":
        return running.h
    if quantity in GATES:
        size = len(running.h)
        first = PLACE[quantity] * size
        return running.activated[first : first + size]
    return running.c
