"""How the threads of a run on the CPU share its steps, and how this changes while other programs use the processors.

On a quiet machine torch shares each product among the threads, and at its many barriers each waits for the slowest.
Where another program takes one processor of two, a step on two threads then takes about ten times as long. So the run
watches its own speed: when it falls, or when others want a processor that it uses, it lets the threads make a step
apart (`pieces.py`), or where that is not possible it tries fewer threads; when processors are idle, it goes back. What
proves faster is kept.

The way decides in which order numbers are added, and with it the last bits of a result; a change is therefore
saved with the state (`training_state.py`), so that a resumed run repeats its steps in the same way.
"""

import itertools
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from lstmterm.planning import processors

LOOK_EVERY = 0.25  # seconds of steps between looks
LOOKS = 5  # the newest, that decide how many threads of other programs want a processor
FEWEST_LOOKS = 3  # before they decide anything
SLOW = 0.7  # of the best speed with as many threads: something is wrong
GAIN = 1.05  # times as fast must more threads be, to be kept
SHORTEST_WAIT, LONGEST_WAIT = 2.0, 60.0  # seconds from a decision to the next trial; failed ones double it


class Way(NamedTuple):
    """How a step is shared."""

    threads: int
    apart: bool = False  # whether each thread takes pieces of the step, instead of parts of each product


class ThreadWatch:
    """Decides after each step how the next one is shared among threads."""

    def __init__(
        self,
        threads: int,
        most: int,
        can_work_apart: bool = False,
        others: Callable[[], int] = processors.others_running,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """`threads`: to begin with; `most`: at most, no more than `threads` for a number that does not change.

        `others` looks how many threads of other programs want a processor now.
        """
        self.most = most
        self.can_work_apart = can_work_apart and most > 1
        self.way = Way(threads)
        # the ways of a quiet machine, tried in turn: that which was measured, and all threads together
        self._quiet = itertools.cycle(dict.fromkeys((self.way, Way(most))))
        self._others = others
        self._clock = clock
        self._looks: deque[int] = deque(maxlen=LOOKS)
        self._best: dict[Way, float] = {}  # units a second
        self._trial: tuple[Way, float] | None = None  # the way before it, and its speed
        self._wait, self._next_trial = SHORTEST_WAIT, 0.0
        self._restart()

    @property
    def adjusts(self) -> bool:
        """Whether the way changes at all."""
        return self.most > 1

    @property
    def _apart(self) -> Way:
        return Way(self.most, apart=True)

    def resume(self, way: Way) -> None:
        """Continue in the way of a saved state (0 threads: none is saved)."""
        if self.adjusts and way.threads and (self.can_work_apart or not way.apart):
            self.way = way

    def stay(self, way: Way) -> None:
        """Continue in the way before, where the one that was decided cannot be used now."""
        self.way, self._trial = way, None
        self._restart()

    def after_step(self, units: int, seconds: float) -> None:
        """Take note of a step, of characters or tokens; `way` is then that of the next one."""
        if not self.adjusts:
            return
        self._units += units
        self._seconds += seconds
        if self._seconds >= LOOK_EVERY:
            speed = self._units / self._seconds
            # a long step, which threads without a processor make longer, counts as several looks
            self._looks.extend([self._others()] * min(LOOKS, int(self._seconds / LOOK_EVERY)))
            self._restart()
            self.way = self._decide(speed)

    def _restart(self) -> None:
        self._units, self._seconds = 0, 0.0

    def _decide(self, speed: float) -> Way:
        """The way to continue in, at a speed in units a second."""
        now, way = self._clock(), self.way
        if self._trial is not None:
            before, its_speed = self._trial
            self._trial = None
            is_better = speed > its_speed * (GAIN if _asks_more(way, before) else 1.0)
            self._wait = SHORTEST_WAIT if is_better else min(2 * self._wait, LONGEST_WAIT)
            self._next_trial = now + self._wait
            if not is_better:
                return before
        best = self._best[way] = max(speed, self._best.get(way, 0.0))
        if now < self._next_trial:
            return way
        idle = min(self.most, processors.idle_beside(self._looks))
        is_known = len(self._looks) >= FEWEST_LOOKS
        if way.apart:
            return self._try(next(self._quiet), speed) if is_known and idle == self.most else way
        if self.can_work_apart and way.threads < self.most and is_known and idle <= way.threads:
            return self._try(self._apart, speed)
        if way.threads > 1 and (speed < SLOW * best or (is_known and idle < way.threads)):
            fewer = Way(max(1, min(way.threads - 1, idle)))
            return self._try(self._apart if self.can_work_apart else fewer, speed)
        if is_known and idle > way.threads:
            return self._try(Way(idle), speed)
        return way

    def _try(self, way: Way, speed: float) -> Way:
        self._trial = self.way, speed
        return way


def _asks_more(way: Way, before: Way) -> bool:
    """Whether a way suits a quieter machine than the one before it, and must be faster to be kept."""
    return (not way.apart, way.threads) > (not before.apart, before.threads)
