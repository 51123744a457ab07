"""Whether a run will end in time, at its pace of the last half minute."""

from collections import deque

WATCHED = 30.0  # seconds of the run by which its end is foreseen
# Of the time left, at most so many seconds: first left out, because what is computed beside the start of a run slows
# its first steps, and then watched before anything is foreseen.
FIRST_SHARE, FIRST_MOST = 0.1, 10.0
LATE_SHARE, LATE_LEAST = 0.05, 2.0  # of the time, and at least so many seconds: what counts as late
SAFETY = 0.98  # of the time left, when steps are left out to end in time


class Forecast:
    """Predicts the end of a run of `seconds`, of which its final figures take the last `finish`."""

    def __init__(self, seconds: float, finish: float) -> None:
        self.seconds = seconds
        self.finish = finish
        self._begun: float | None = None  # seconds of the run
        self._first = 0.0  # seconds left out, and then watched
        self._seen: deque[tuple[float, float]] = deque()  # seconds of the run, and its step

    def take(self, seconds: float, step: float) -> None:
        """Note that the run has made `step` steps after `seconds`, evaluations included."""
        if self._begun is None:
            self._begun = seconds
            self._first = min(FIRST_MOST, FIRST_SHARE * max(self.seconds - seconds, 0.0))
        if seconds < self._begun + self._first:
            return
        self._seen.append((seconds, step))
        while len(self._seen) > 2 and self._seen[1][0] <= seconds - WATCHED:
            self._seen.popleft()

    def start_again(self) -> None:
        """Forget the pace until now: the time up to the next step is not that of steps."""
        self._seen.clear()
        self._begun = None

    def late(self, steps: float) -> float:
        """How many seconds late a run of `steps` would end; 0 if it ends in time, or while that is unknown."""
        step_seconds = self._step_seconds()
        if step_seconds is None:
            return 0.0
        now, step = self._seen[-1]
        over = now + (steps - step) * step_seconds + self.finish - self.seconds
        return over if over > max(LATE_LEAST, LATE_SHARE * self.seconds) else 0.0

    def steps_in_time(self) -> int:
        """The total number of steps that end in time, at least one more than were made; only when `late` is known."""
        now, step = self._seen[-1]
        step_seconds = self._step_seconds() or self.seconds
        left = SAFETY * (self.seconds - self.finish - now)
        return int(step) + max(1, int(left / step_seconds))

    def _step_seconds(self) -> float | None:
        """The seconds per step, evaluations included; None until the run was watched for long enough."""
        if len(self._seen) < 2:
            return None
        (since, first), (now, step) = self._seen[0], self._seen[-1]
        watched = now - since
        if step == first or watched < self._first:
            return None
        return watched / (step - first)
