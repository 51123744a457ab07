"""Curves as numbers: smoothing, thinning to what a drawing can show, axes and their ticks.

Nothing here knows of screens or files. A curve is two lists of the same length: increasing steps,
and values. Thinning keeps the lowest and the highest value of every column, so no spike is lost
however many points there are.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

NATS_PER_BIT = math.log(2)


def smoothed(values: Sequence[float], weights: Sequence[float], horizon: float) -> list[float]:
    """The exponential mean of `values`, unbiased from its first point on.

    `weights` says how much of the axis each value covers; a value's influence halves after
    `horizon` of it. Values that are not finite are passed over.
    """
    mean = Smoother(horizon)
    return [mean.add(value, weight) for value, weight in zip(values, weights, strict=True)]


class Smoother:
    """An exponential mean that takes one value at a time.

    The horizon grows from nothing to its full length, so that the mean follows the steep beginning
    of a curve as closely as its long end: it is at most a twentieth of what was seen.
    """

    def __init__(self, horizon: float) -> None:
        self.horizon = max(horizon, 1e-9)
        self._seen = 0.0
        self._sum = 0.0
        self._weight = 0.0

    def add(self, value: float, weight: float = 1.0) -> float:
        """The mean after one more value that covers `weight` of the axis; nan before a finite one."""
        self._seen += weight
        keep = 0.5 ** (weight / min(self.horizon, max(self._seen / 20, 1e-9)))
        if math.isfinite(value):
            self._sum = self._sum * keep + value * (1 - keep)
            self._weight = self._weight * keep + (1 - keep)
        return self._sum / self._weight if self._weight else math.nan


@dataclass(frozen=True)
class Axis:
    """One direction of a drawing: the values it spans, and whether by their logarithm."""

    low: float
    high: float
    log: bool = False

    def share(self, value: float) -> float:
        """Where `value` lies, 0 at `low` and 1 at `high`; outside of them beyond that."""
        low, high, value = (self._warp(v) for v in (self.low, self.high, value))
        return (value - low) / (high - low) if high > low else 0.5

    def value(self, share: float) -> float:
        """The value at `share` of the way."""
        low, high = self._warp(self.low), self._warp(self.high)
        warped = low + share * (high - low)
        return math.exp(warped) if self.log else warped

    def _warp(self, value: float) -> float:
        return math.log(max(value, 1e-12)) if self.log else value

    def ticks(self, count: int) -> list[float]:
        """About `count` round values within the axis, increasing."""
        if not self.high > self.low or count < 1:
            return [self.low]
        if self.log:
            return _log_ticks(self.low, self.high, count)
        return _linear_ticks(self.low, self.high, count)


def _linear_ticks(low: float, high: float, count: int) -> list[float]:
    rough = (high - low) / count
    magnitude = 10.0 ** math.floor(math.log10(rough))
    step = next(m * magnitude for m in (1, 2, 2.5, 5, 10) if m * magnitude >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(i * step, 12) for i in range(first, last + 1)]


def _log_ticks(low: float, high: float, count: int) -> list[float]:
    """Round mantissas of as fine a family as still fits in `count`; plain ticks for a narrow span."""
    families: tuple[tuple[float, ...], ...] = (
        (1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9),
        (1, 1.5, 2, 3, 4, 6, 8),
        (1, 2, 3, 5),
        (1, 2, 5),
        (1, 3),
        (1,),
    )
    first, last = math.floor(math.log10(max(low, 1e-12))), math.ceil(math.log10(high))
    for family in families:
        ticks = [
            round(m * 10.0**e, 12)
            for e in range(first, last + 1)
            for m in family
            if low * (1 - 1e-9) <= m * 10.0**e <= high * (1 + 1e-9)
        ]
        if 2 <= len(ticks) <= count:
            return ticks
    return _linear_ticks(low, high, count)


def tick_texts(ticks: Sequence[float]) -> list[str]:
    """The ticks as short texts with just the decimals that tell them apart."""
    if not ticks:
        return []
    if max(abs(t) for t in ticks) >= 2_000:
        return [_thousands(t) for t in ticks]
    decimals = max(_decimals(t) for t in ticks)
    return [f"{t:,.{decimals}f}" for t in ticks]


def _decimals(value: float) -> int:
    return next((d for d in range(4) if abs(value - round(value, d)) < 1e-9), 4)


def _thousands(value: float) -> str:
    if value == 0:
        return "0"
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.4g}{letter}"
    return f"{value:.4g}"


@dataclass(frozen=True)
class Column:
    """What a curve does within one column of a drawing: its extremes, and where it comes and goes."""

    index: int
    low: float
    high: float
    first: float
    last: float


def columns(xs: Sequence[float], ys: Sequence[float], axis: Axis, count: int) -> list[Column]:
    """The curve in `count` columns along `axis`; columns without a finite value are left out.

    The cost is that of one look at each value within the axis, at the speed of `min` and `max`.
    """
    found: list[Column] = []
    start = bisect_left(xs, axis.low)
    end = bisect_right(xs, axis.high)
    for index in range(count):
        if start >= end:
            break
        stop = end if index == count - 1 else bisect_right(xs, axis.value((index + 1) / count), start, end)
        part = ys[start:stop]
        start = stop
        if not part:
            continue
        low, high = min(part), max(part)
        if not math.isfinite(low + high + part[0] + part[-1]):
            part = [y for y in part if math.isfinite(y)]
            if not part:
                continue
            low, high = min(part), max(part)
        found.append(Column(index, low, high, part[0], part[-1]))
    return found


def between(xs: Sequence[float], ys: Sequence[float], low: float, high: float) -> tuple[float, float] | None:
    """The smallest and the largest finite value for `low <= x <= high`, or None if there is none."""
    start, end = bisect_left(xs, low), bisect_right(xs, high)
    part = [y for y in ys[start:end] if math.isfinite(y)]
    return (min(part), max(part)) if part else None


def thinned(xs: Sequence[float], ys: Sequence[float], count: int) -> list[tuple[float, float]]:
    """At most about `2 * count` points that draw the same curve, in order."""
    if len(xs) <= 2 * count:
        return [(x, y) for x, y in zip(xs, ys, strict=True) if math.isfinite(y)]
    axis = Axis(xs[0], xs[-1])
    points: list[tuple[float, float]] = []
    for column in columns(xs, ys, axis, count):
        x = axis.value((column.index + 0.5) / count)
        rising = column.first <= column.last
        points += [(x, column.low if rising else column.high), (x, column.high if rising else column.low)]
    return points
