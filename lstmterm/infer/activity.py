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
from lstmterm.infer.running import RunningLayer
from lstmterm.infer.streams import Collector, StreamReading
from lstmterm.infer.text_part import BEYOND, Stretch
from lstmterm.infer.trace import GATES, PLACE, looked_at
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
    reading: StreamReading, layer: int, unit: int, progress: Progress = lambda done, whole: None
) -> Activity:
    """Every quantity of a unit after each character of a text. Raises `InputError` for a unit that is not there.

    Of a text that was read before, no layer above the unit's is read. `progress` is called with the characters
    read and in all.
    """
    reading.model.check_unit(layer, unit)
    observed = _Observed(layer, unit, reading.length)
    for _ in reading.collect([observed], progress, layers=layer + 1 if reading.complete else None):
        pass
    values = observed.values | {"tanh_c": np.tanh(observed.values["c"])}
    return Activity(layer, unit, {quantity: values[quantity] for quantity in QUANTITIES})


class _Observed(Collector):
    """Collects every quantity of a unit but tanh c."""

    watched = True

    def __init__(self, layer: int, unit: int, length: int) -> None:
        self._layer, self._unit = layer, unit
        seen: tuple[Quantity, ...] = ("c", "h", *GATES)
        self.values: dict[Quantity, np.ndarray] = {q: np.empty(length, np.float32) for q in seen}

    def look(self, layer: int, running: RunningLayer) -> tuple[np.ndarray, ...]:
        """Each quantity now."""
        one = slice(self._unit, self._unit + 1)
        return tuple(looked_at(running, q)[one] for q in self.values) if layer == self._layer else ()

    def take(self, stretch: Stretch) -> None:
        """Keep them in some characters."""
        for values, seen in zip(self.values.values() if stretch.seen else (), stretch.seen, strict=True):
            stretch.write(seen[:, :, 0], values)


class GateCounts(Collector):
    """Collects how often the gates of all units are saturated."""

    watched = True

    def __init__(self, model: CharLSTM) -> None:
        self._shape = model.layers, len(GATES), model.hidden
        self._counts: dict[tuple[int, int], np.ndarray] = {}  # of a layer in the stretch at a position

    def look(self, layer: int, running: RunningLayer) -> tuple[np.ndarray, ...]:
        """Of each gate 1 if it is left-saturated, 2 if it is right-saturated, else 0."""
        gates = running.activated[: len(PLACE) * len(running.h)]
        return ((gates < LEFT) + 2 * (gates > RIGHT).view(np.uint8),)

    def take(self, stretch: Stretch) -> None:
        """Count those in some characters."""
        (codes,) = stretch.seen
        for stream, steps in enumerate(np.count_nonzero(stretch.positions < BEYOND, axis=0)):
            found = [(codes[:steps, stream] == code).view(np.uint8).sum(0, np.uint8) for code in (1, 2)]
            if steps:  # so few that a byte is enough, which is quick
                self._counts[stretch.layer, int(stretch.positions[0, stream])] = np.stack(found)

    def result(self, length: int) -> Saturation:
        """The fractions of `length` characters, which are those that were read."""
        counts = np.zeros((2, *self._shape))
        for (layer, _), found in self._counts.items():
            counts[:, layer] += found.reshape(2, *self._shape[1:])
        left, right = (_by_gate(part / length) for part in counts)
        return Saturation(left, right)


def _by_gate(values: np.ndarray) -> dict[Quantity, np.ndarray]:
    """`values`, (L, 3, H), in the order of a reader's gates, by their names."""
    return {gate: values[:, PLACE[gate]] for gate in GATES}


def saturation(model: CharLSTM, ids: np.ndarray, progress: Progress = lambda done, whole: None) -> Saturation:
    """How often the gates of all units are saturated while the model reads `ids`, (T,), at least one.

    `progress` is called with the characters read and in all.
    """
    counts = GateCounts(model)
    for _ in StreamReading(model, ids).collect([counts], progress):
        pass
    return counts.result(len(ids))
