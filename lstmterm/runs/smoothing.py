"""Smoothing of a noisy curve as it grows."""

import math


class Smoother:
    """An exponential mean, unbiased from its first value on.

    A value's influence halves after `horizon` of the axis. The horizon grows from zero to its full
    length: it is at most a twentieth of the axis so far, so that the mean follows the steep beginning
    of a curve as closely as its long end. Values that are not finite are skipped.
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
