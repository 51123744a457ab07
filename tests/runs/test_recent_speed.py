"""The recent speed of a run, against the best that it has shown."""

import math

from lstmterm.runs.events import Resumed, Step
from lstmterm.runs.progress import Progress
from lstmterm.runs.recent_speed import READINGS, RecentSpeed


def at_speeds(*speeds: float) -> RecentSpeed:
    recent = RecentSpeed()
    for speed in speeds:
        recent.take(speed)
    return recent


def test_the_share_is_of_the_best_that_lasted() -> None:
    assert at_speeds(*[1000.0] * (READINGS - 1)).share is None, "too few readings"
    assert at_speeds(*[1000.0] * READINGS).share == 1
    assert at_speeds(*[1000.0] * READINGS, *[620.0] * READINGS).share == 0.62


def test_one_fast_reading_is_not_the_best() -> None:
    assert at_speeds(*[1000.0] * READINGS, 8000.0, *[1000.0] * READINGS).best < 2000


def test_what_is_not_a_speed_is_left_out() -> None:
    assert at_speeds(*[1000.0] * READINGS, math.nan, math.inf, -1.0).share == 1


def test_a_resumed_run_begins_anew() -> None:
    progress = Progress()
    for step in range(1, READINGS + 1):
        progress.take(
            Step(step=step, time=step, steps=1, loss=1.0, epoch=0.1, chars_per_second=1000.0,
                 learning_rate=0.1, gradient_norm=1.0)
        )  # fmt: skip
    assert progress.recent_speed.share == 1
    progress.take(Resumed(step=4, time=20, steps=100))
    assert progress.recent_speed.share is None
