"""The time that work took, for its speed: a time in which the process was suspended does not count."""

import os
import time
from collections.abc import Callable

BRIEF = 2.0  # seconds without a reading that always count
SHARE = 10  # of a longer stretch, at most so many times the processor time that the process used in it
_LOOKS_EVERY = 0.5  # seconds between looks at how long the process was kept waiting
_THREADS = "/proc/self/task"


def kept_waiting() -> float:
    """The seconds that the threads of this process were ready to work, but waited for a processor.

    While the process is suspended they do not grow. 0 where the system does not count them, as on macOS.
    """
    nanoseconds = 0
    try:
        with os.scandir(_THREADS) as threads:
            for thread in threads:
                with open(f"{thread.path}/schedstat", "rb") as file:
                    nanoseconds += int(file.read().split()[1])
    except (OSError, ValueError, IndexError):  # also of a thread that has just ended
        pass
    return nanoseconds / 1e9


class Stopwatch:
    """Counts from its beginning. It is to be read often, since it knows a suspension by a long stretch between two
    readings in which the process neither used a processor nor waited for one, as it does beside busy programs.

    Where nothing says how long it waited, a long stretch counts that used a tenth of a processor.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        worked: Callable[[], float] = time.process_time,
        waiting: Callable[[], float] = kept_waiting,
    ) -> None:
        """`worked` is the processor time of the process, and `waiting` how long it waited for a processor."""
        self._clock, self._worked, self._waiting = clock, worked, waiting
        self.restart()

    def restart(self) -> None:
        """Count from now."""
        self._seconds = 0.0
        self._last, self._last_worked = self._clock(), self._worked()
        self._looked, self._last_waiting = self._last, self._waiting()

    def read(self, waited: float = 0.0) -> float:
        """The seconds so far; since the last reading the process waited on purpose for at most `waited` seconds."""
        now, worked, waiting = self._clock(), self._worked(), self._last_waiting
        passed = now - self._last
        if now - self._looked > _LOOKS_EVERY:
            self._looked, self._last_waiting = now, self._waiting()
        if passed > waited + BRIEF:
            used = worked - self._last_worked
            passed = min(passed, waited + max(SHARE * used, used + self._last_waiting - waiting))
        self._seconds += passed
        self._last, self._last_worked = now, worked
        return self._seconds
