"""An axis of a drawing: where a value lies on it, and round values to label it with."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Axis:
    """The range of values of one axis, linear or logarithmic."""

    low: float
    high: float
    log: bool = False
    whole: bool = False  # whether only whole numbers are values, as of steps

    def share(self, value: float) -> float:
        """Where `value` lies: 0 at `low`, 1 at `high`, less or more outside."""
        low, high, value = (self._warp(v) for v in (self.low, self.high, value))
        return (value - low) / (high - low) if high > low else 0.5

    def value(self, share: float) -> float:
        """The value that lies at `share`; the inverse of `share`."""
        low, high = self._warp(self.low), self._warp(self.high)
        warped = low + share * (high - low)
        return math.exp(warped) if self.log else warped

    def _warp(self, value: float) -> float:
        return math.log(max(value, 1e-12)) if self.log else value

    def ticks(self, count: int) -> list[float]:
        """About `count` round values within the axis, increasing."""
        if not self.high > self.low or count < 1:
            return [self.low]
        find = _log_ticks if self.log else _linear_ticks
        ticks = find(self.low, self.high, count)
        return [tick for tick in ticks if tick == round(tick)] if self.whole else ticks


def _linear_ticks(low: float, high: float, count: int) -> list[float]:
    rough = (high - low) / count
    magnitude = 10.0 ** math.floor(math.log10(rough))
    step = next(m * magnitude for m in (1, 2, 2.5, 5, 10) if m * magnitude >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(i * step, 12) for i in range(first, last + 1)]


def _log_ticks(low: float, high: float, count: int) -> list[float]:
    """Round mantissas from the finest family that fits in `count`; linear ticks for a narrow range."""
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
    """The ticks as short texts, with as many decimals as distinguish them."""
    if not ticks:
        return []
    if max(abs(t) for t in ticks) >= 2_000:
        return [_thousands(t) for t in ticks]
    if 0 < max(abs(t) for t in ticks) < 0.01:
        return [
            f"{t:.2g}" if t >= 0.001 or not t else f"{t:.1e}".replace(".0e", "e").replace("e-0", "e-")
            for t in ticks
        ]
    decimals = max(_decimals(t) for t in ticks)
    return [f"{t:,.{decimals}f}" for t in ticks]


def _decimals(value: float) -> int:
    return next((d for d in range(4) if abs(value - round(value, d)) < 1e-9), 4)


def _thousands(value: float) -> str:
    if abs(value) >= 1e12:  # the loss of a run that diverged
        return f"{value:.2g}".replace("e+", "e")
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.4g}{letter}"
    return f"{value:.4g}"
