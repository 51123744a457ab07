"""How many steps a length of training gives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmterm.planning.length import Length
from lstmterm.planning.steps import (
    EVALUATION_SHARE,
    EVALUATIONS,
    FEWEST_EVALUATIONS,
    FEWEST_IN_SHORT,
    Limits,
    Pace,
    expected_pace,
    steps_for,
    steps_share,
)

LIMITS = Limits(steps_per_epoch=12.4, fewest=100, most=5000)
times = st.floats(0.01, 1e5)


def test_steps_and_epochs_need_no_pace() -> None:
    assert steps_for(Length("steps", 7), LIMITS).count == 7
    assert steps_for(Length("epochs", 2), LIMITS).count == 25
    assert steps_for(Length("epochs", 0.001), LIMITS).count == 1


@given(times, times, times, st.floats(0, 1e6), st.floats(1, 11))
def test_minutes_are_kept_unless_they_are_too_few(
    step: float, evaluation: float, finish: float, seconds: float, models: float
) -> None:
    limits = Limits(10, fewest=100, most=10**9, models=models)
    pace = Pace(1, 1, step, evaluation, finish)
    steps = steps_for(Length("minutes", 1), limits, pace, seconds)
    assert FEWEST_IN_SHORT <= steps.evaluations <= EVALUATIONS
    took = models * pace.seconds_of(steps.count, steps.evaluate_every)
    assert took <= (seconds + steps.over) * 1.0001
    assert steps.count == 100 or steps.over == 0


def test_the_fewest_steps_say_how_much_longer_they_take() -> None:
    pace = Pace(1, 1, 0.5, 2.0, 3.0)
    steps = steps_for(Length("minutes", 0.5), LIMITS, pace, 30.0)
    assert (steps.count, steps.evaluations) == (100, FEWEST_IN_SHORT)
    assert steps.over == pytest.approx(100 * 0.5 + 2 * 2.0 + 3.0 - 30.0)


def test_few_evaluations_leave_most_of_a_short_time_to_steps() -> None:
    steps = steps_for(Length("minutes", 0.5), LIMITS, Pace(1, 1, 0.05, 2.0, 3.0), 30.0)
    assert steps.evaluations == FEWEST_IN_SHORT
    steps = steps_for(Length("minutes", 1), LIMITS, Pace(1, 1, 0.05, 1.0, 0.0), 60.0)
    assert steps.evaluations == FEWEST_EVALUATIONS


def test_the_limits_hold() -> None:
    pace = Pace(1, 1, 0.01, 0.1, 1.0)
    assert steps_for(Length("minutes", 1), LIMITS, pace, 0.0).count == 100
    assert steps_for(Length("minutes", 1), LIMITS, pace, 10**6).count == 5000


def test_evaluations_take_their_share_and_no_more() -> None:
    slow = Pace(1, 1, 0.01, 1.0, 0.0)
    steps = steps_for(Length("minutes", 1), LIMITS, slow, 200.0)
    assert steps.evaluations == int(200 * EVALUATION_SHARE)
    assert steps.evaluate_every == -(-steps.count // steps.evaluations)


def test_the_steps_fill_the_expected_share_of_the_time() -> None:
    length = Length("minutes", 10)
    pace = expected_pace(length, 100, 10_000.0)
    count = steps_for(length, Limits(10, 1, 10**9), pace, 600.0).count
    assert count * pace.step == pytest.approx(600 * steps_share(600.0), rel=0.001)


def test_a_short_time_keeps_a_larger_share_in_reserve() -> None:
    limits, pace = Limits(10, 1, 10**9), Pace(1, 1, 0.01, 1e-6, 0.0)
    counts = [steps_for(Length("minutes", s / 60), limits, pace, s).count for s in (10, 60, 600, 6000)]
    assert counts == [pytest.approx(100 * s, abs=1) for s in (9.4, 56.4, 580, 5818)]
