"""A unit in the text that is shown: its value at each character, and the steps of a scale for them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lstmterm.amounts import NATS_PER_BIT
from lstmterm.infer.activity import extremes, histogram, peaks
from lstmterm.infer.silencing import Silenced
from lstmterm.infer.trace import GATES
from lstmterm.spec.units import TITLES, Quantity
from lstmterm.ui.inspect.reading import Reading
from lstmterm.ui.inspect.view import Colours

MOST = 5  # passages of each kind
_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)  # between the labels of values without bounds
_RISES = (0.1, 0.3, 1.0)  # bits
_APART = 10  # characters between marked rises


@dataclass(frozen=True, eq=False)
class UnitValues:
    """A quantity of a unit after each of N characters."""

    reading: Reading
    layer: int
    unit: int
    quantity: Quantity
    values: np.ndarray  # (T,), of the numbers that the model reads; nan where they are not known yet
    right: bool = True  # whether they will not change any more

    @property
    def name(self) -> str:
        """Such as `0:12`."""
        return f"{self.layer}:{self.unit}"

    @cached_property
    def by_character(self) -> np.ndarray:
        """The values after each character, (N,)."""
        return self.values[self.reading.ends]

    @cached_property
    def bounds(self) -> tuple[float, float]:
        """The lowest and the highest value that the scale shows."""
        if self.quantity in GATES:
            return 0.0, 1.0
        if self.quantity == "c":
            highest = float(np.nanmax(np.abs(self.values)))
            step = next((step for step in _STEPS if 3.5 * step >= highest), _STEPS[-1])
            return -3.0 * step, 3.0 * step
        return -1.0, 1.0

    @cached_property
    def passages(self) -> tuple[list[int], list[int]]:
        """Characters after which the unit is highest, the highest first, and lowest."""
        high, low = extremes(self.values, MOST)
        starts = self.reading.starts
        return tuple((np.searchsorted(starts, p, side="right") - 1).tolist() for p in (high, low))  # type: ignore[return-value]

    def histogram(self) -> tuple[np.ndarray, np.ndarray]:
        """How often values are in equal bins, and the bins' edges."""
        return histogram(self.values[np.isfinite(self.values)])

    def colours(self) -> Colours:
        """The text coloured by the values; the passages are marked."""
        marks = sorted({*self.passages[0], *self.passages[1]})
        title = TITLES[self.quantity].removesuffix(" gate")
        if self.quantity in GATES:
            steps = np.searchsorted((0.1, 0.3, 0.5, 0.7, 0.9), self.by_character, side="right") + 1
            labels = ("<.1", ".2", ".4", ".6", ".8", ">.9")
            return Colours(self._known(steps), title, labels, marks)
        third = self.bounds[1] / 3
        steps = np.clip(np.rint(self.by_character / third), -3, 3) + 4
        labels = tuple(_label(k * third) for k in range(-3, 4))
        return Colours(self._known(steps), title, labels, marks, diverging=True)

    def _known(self, steps: np.ndarray) -> bytes:
        """The steps of the scale, (N,), and 0 where the value is not known yet."""
        return np.where(np.isfinite(self.by_character), steps, 0).astype(np.uint8).tobytes()


def rise_colours(reading: Reading, silenced: Silenced) -> Colours:
    """The text coloured by how many bits more it takes without a unit; where it takes most is marked."""
    rises = np.append(np.nan, silenced.rises.astype(np.float64) / NATS_PER_BIT)
    each = np.add.reduceat(rises, reading.starts)
    known = np.isfinite(each)
    bounds = [*(-r for r in reversed(_RISES)), *_RISES]
    levels = np.where(known, np.searchsorted(bounds, np.where(known, each, 0), side="right") + 1, 0)
    labels = tuple(_label(v) for v in (*(-r for r in reversed(_RISES)), 0.0, *_RISES))
    marks = sorted(peaks(each, 2 * MOST, _APART))
    return Colours(levels.astype(np.uint8).tobytes(), "bits more", labels, marks, diverging=True)


def rise_at(reading: Reading, silenced: Silenced, position: int) -> float:
    """How many bits more the character at a position takes without a unit; nan if it is not predicted."""
    first, last = int(reading.starts[position]), int(reading.ends[position])
    return float(silenced.rises[first - 1 : last].sum()) / NATS_PER_BIT if first else float("nan")


def _label(value: float) -> str:
    """A signed number in few characters."""
    if not value:
        return "0"
    text = f"{value:+.1f}".removesuffix(".0")
    return text.replace("0.", ".", 1) if abs(value) < 1 else text
