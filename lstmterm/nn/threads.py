"""How many threads a run on the CPU uses: fewer while other programs use the processors, all again afterwards.

A step is shared among the threads, and at its many barriers each waits for the slowest. Where another program
takes one processor of two, a step on two threads takes about ten times as long, and on one thread little longer
than on a quiet machine. So the run watches its own speed: when it falls, or when others want a processor that it
uses, it tries fewer threads; when processors are idle, more. What proves faster is kept.

The number decides in which order numbers are added, and with it the last bits of a result; a change is therefore
saved with the state (`training_state.py`), so that a resumed run repeats its steps with the same threads.
"""

import time
from collections import deque
from collections.abc import Callable

from lstmterm.nn.device import use_threads
from lstmterm.planning import processors

LOOK_EVERY = 0.25  # seconds of steps between looks
LOOKS = 5  # the newest, that decide how many threads of other programs want a processor
FEWEST_LOOKS = 3  # before they decide anything
SLOW = 0.7  # of the best speed with as many threads: something is wrong
GAIN = 1.05  # times as fast must more threads be, to be kept
SHORTEST_WAIT, LONGEST_WAIT = 2.0, 60.0  # seconds from a decision to the next trial; failed ones double it


class ThreadWatch:
    """Decides after each step how many threads the next one uses."""

    def __init__(
        self,
        threads: int,
        most: int,
        others: Callable[[], int] = processors.others_running,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """`threads`: to begin with; `most`: at most, no more than `threads` for a number that does not change.

        `others` looks how many threads of other programs want a processor now.
        """
        self.threads = threads
        self.most = most
        self._others = others
        self._clock = clock
        self._looks: deque[int] = deque(maxlen=LOOKS)
        self._best: dict[int, float] = {}  # units a second, by number of threads
        self._trial: tuple[int, float] | None = None  # the number before it, and its speed
        self._wait, self._next_trial = SHORTEST_WAIT, 0.0
        self._restart()

    @property
    def adjusts(self) -> bool:
        """Whether the number changes at all."""
        return self.most > 1

    def use(self) -> None:
        """Make torch use the number of threads that was decided."""
        use_threads(self.threads)

    def resume(self, threads: int) -> int:
        """Use the number of threads in a saved state (0: none is saved); return the number used."""
        if self.adjusts and threads:
            self.threads = threads
            self.use()
        return self.threads

    def after_step(self, units: int, seconds: float) -> None:
        """Take note of a step, of characters or tokens; `threads` is then the number for the next one."""
        if not self.adjusts:
            return
        self._units += units
        self._seconds += seconds
        if self._seconds >= LOOK_EVERY:
            speed = self._units / self._seconds
            # a long step, which threads without a processor make longer, counts as several looks
            self._looks.extend([self._others()] * min(LOOKS, int(self._seconds / LOOK_EVERY)))
            self._restart()
            self.threads = self._decide(speed)

    def _restart(self) -> None:
        self._units, self._seconds = 0, 0.0

    def _decide(self, speed: float) -> int:
        """The number of threads to continue with, at a speed in units a second."""
        now, threads = self._clock(), self.threads
        if self._trial is not None:
            before, its_speed = self._trial
            self._trial = None
            is_better = speed > its_speed * (GAIN if threads > before else 1.0)
            self._wait = SHORTEST_WAIT if is_better else min(2 * self._wait, LONGEST_WAIT)
            self._next_trial = now + self._wait
            if not is_better:
                return before
        best = self._best[threads] = max(speed, self._best.get(threads, 0.0))
        if now < self._next_trial:
            return threads
        idle = min(self.most, processors.idle_beside(self._looks))
        is_known = len(self._looks) >= FEWEST_LOOKS
        if threads > 1 and (speed < SLOW * best or (is_known and idle < threads)):
            return self._try(max(1, min(threads - 1, idle)), speed)
        if is_known and idle > threads:
            return self._try(idle, speed)
        return threads

    def _try(self, threads: int, speed: float) -> int:
        self._trial = self.threads, speed
        return threads
