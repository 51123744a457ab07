"""How fast a run trains now, as a share of the best that it has shown on this machine.

The reference is the run's own: its fastest two seconds or so since it was started or resumed. What was measured of
the machine before is of another model, often for a moment only, and perhaps beside other programs. So the share
says how far a run has fallen below what this machine did for it, not what an idle machine could do: a run that
has been disturbed from its first step does not know better.
"""

import math
from collections import deque
from dataclasses import dataclass, field

READINGS = 8  # that a speed is the mean of; they come up to four times a second


@dataclass
class RecentSpeed:
    """The speed of the latest readings, and the best that as many in a row have had."""

    best: float = 0.0  # characters (or tokens) a second; 0 while unknown
    _latest: deque[float] = field(default_factory=lambda: deque(maxlen=READINGS))

    def take(self, speed: float) -> None:
        """Take the next reading."""
        if not math.isfinite(speed) or speed < 0:
            return
        self._latest.append(speed)
        if len(self._latest) == READINGS:
            self.best = max(self.best, self._mean)

    @property
    def share(self) -> float | None:
        """The present speed over the best one, at most 1; None before there are enough readings."""
        return self._mean / self.best if self.best > 0 else None

    @property
    def _mean(self) -> float:
        return sum(self._latest) / len(self._latest)
