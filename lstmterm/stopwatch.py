"""The time that work took, for its speed: a time in which the process was suspended does not count."""

import time
from collections.abc import Callable

BRIEF = 2.0  # seconds without a reading that always count
SHARE = 10  # of a longer stretch, at most so many times the processor time that the process used in it


class Stopwatch:
    """Counts from its beginning. It is to be read often, since it knows a suspension by a long stretch between two
    readings in which the process used hardly any processor time.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        worked: Callable[[], float] = time.process_time,
    ) -> None:
        """`worked` is the processor time of the process."""
        self._clock, self._worked = clock, worked
        self.restart()

    def restart(self) -> None:
        """Count from now."""
        self._seconds = 0.0
        self._last, self._last_worked = self._clock(), self._worked()

    def read(self, waited: float = 0.0) -> float:
        """The seconds so far; since the last reading the process waited on purpose for at most `waited` seconds."""
        now, worked = self._clock(), self._worked()
        passed = now - self._last
        if passed > waited + BRIEF:
            passed = min(passed, waited + SHARE * (worked - self._last_worked))
        self._seconds += passed
        self._last, self._last_worked = now, worked
        return self._seconds
