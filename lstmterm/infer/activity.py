"""What one hidden unit does in a text, and how far the gates of all units are open.

Karpathy, Johnson & Fei-Fei (Visualizing and Understanding Recurrent Networks, 2015) call a gate
left-saturated where it is below 0.1 and right-saturated where it is above 0.9, and show for each unit the
fractions of the characters at which its gates are so: a unit whose forget gate is often right-saturated
remembers, one whose forget gate is often left-saturated is a feed-forward one.

Shapes: T characters, L layers, H hidden units of each, B streams.
"""

from dataclasses import dataclass

import numpy as np

from lstmterm.infer.lstm import CharLSTM, Progress
from lstmterm.infer.streams import StreamReading
from lstmterm.infer.trace import GATES, looked_at
from lstmterm.spec.units import QUANTITIES, Quantity

LEFT, RIGHT = 0.1, 0.9  # below and above which a gate is saturated
_APART = 60  # characters at least between two passages
_BINS = 20


@dataclass(frozen=True)
class Saturation:
    """The fractions of characters at which gates are saturated: arrays (L, H) by the gate's name."""

    left: dict[Quantity, np.ndarray]
    right: dict[Quantity, np.ndarray]


@dataclass(frozen=True)
class Activity:
    """What a unit does in a text: every quantity after each character, (T,), float32."""

    layer: int
    unit: int
    values: dict[Quantity, np.ndarray]

    def saturation(self, gate: Quantity) -> tuple[float, float]:
        """The fractions of the text at which a gate is left- and right-saturated."""
        values = self.values[gate]
        return float((values < LEFT).mean()), float((values > RIGHT).mean())

    def histogram(self, quantity: Quantity = "tanh_c") -> tuple[np.ndarray, np.ndarray]:
        """How often values are in each of `_BINS` equal bins, and the bins' edges."""
        return histogram(self.values[quantity])

    def extremes(self, most: int = 5, quantity: Quantity = "c") -> tuple[list[int], list[int]]:
        """Positions at which the unit is highest, the highest first, and lowest; no two near each other."""
        return extremes(self.values[quantity], most)


def histogram(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How often values are in each of `_BINS` equal bins, and the bins' edges."""
    return np.histogram(values, bins=_BINS)


def extremes(values: np.ndarray, most: int) -> tuple[list[int], list[int]]:
    """Positions of the highest of `values`, (T,), the highest first, and of the lowest; no two near each other."""
    return peaks(values, most, _APART), peaks(-values, most, _APART)


def peaks(values: np.ndarray, most: int, apart: int) -> list[int]:
    """Positions of the highest of `values`, (T,), the highest first, no two within `apart`; nan is none."""
    left = np.where(np.isnan(values), -np.inf, values).astype(np.float64)
    found: list[int] = []
    while len(found) < most and len(left):
        best = int(np.argmax(left))
        if left[best] == -np.inf:
            break
        found.append(best)
        left[max(best - apart, 0) : best + apart + 1] = -np.inf
    return found


def observe(
    model: CharLSTM,
    ids: np.ndarray,
    layer: int,
    unit: int,
    progress: Progress = lambda done, whole: None,
) -> Activity:
    """Every quantity of a unit after each of `ids`, (T,). Raises `InputError` for a unit that is not there.

    `progress` is called with the characters read and in all.
    """
    model.check_unit(layer, unit)
    seen: tuple[Quantity, ...] = ("c", "h", *GATES)
    one, read = slice(unit, unit + 1), 0
    values = {quantity: np.full(len(ids), np.nan, np.float32) for quantity in seen}
    for stretch in StreamReading(model, ids).read(
        lambda reader: tuple(looked_at(reader, layer, quantity)[one] for quantity in seen), watched=True
    ):
        for part, quantity in zip(stretch.seen, seen, strict=True):
            stretch.write(part[:, 0], values[quantity])
        read = min(read + stretch.positions.size, len(ids))
        progress(read, len(ids))
    values["tanh_c"] = np.tanh(values["c"])
    return Activity(layer, unit, {quantity: values[quantity] for quantity in QUANTITIES})


def saturation(
    model: CharLSTM,
    ids: np.ndarray,
    progress: Progress = lambda done, whole: None,
    *,
    reading: StreamReading | None = None,
) -> Saturation:
    """How often the gates of all units are saturated while the model reads `ids`, (T,).

    The text is read twice, first to find the states, unless a `reading` of it was read to its end. `progress` is
    called with the characters read and in all.
    """
    whole, read = len(ids) * (2 if reading is None else 1), 0
    if reading is None:
        reading = StreamReading(model, ids)
        reading.join(lambda done, _: progress(done, whole))
        read = len(ids)
    low, high = (np.zeros((model.layers, len(GATES), model.hidden)) for _ in range(2))
    for stretch in reading.read_again(
        lambda reader: tuple(
            looked_at(reader, layer, gate) for layer in range(model.layers) for gate in GATES
        ),
        watched=True,
    ):
        inside = stretch.positions < len(ids)
        read += int(inside.sum())
        for k, values in enumerate(stretch.seen):
            here = np.moveaxis(values, -1, 1)[inside]
            low[divmod(k, len(GATES))] += (here < LEFT).sum(axis=0)
            high[divmod(k, len(GATES))] += (here > RIGHT).sum(axis=0)
        progress(read, whole)
    count = max(len(ids), 1)
    return Saturation(
        {gate: low[:, g] / count for g, gate in enumerate(GATES)},
        {gate: high[:, g] / count for g, gate in enumerate(GATES)},
    )
