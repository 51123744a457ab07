"""The end of a run is foreseen by its pace of the last half minute."""

import pytest

from lstmterm.planning.forecast import WATCHED, Forecast


def watched(forecast: Forecast, until: float, step_seconds: float, since: float = 0.0, step: int = 0) -> int:
    """Take note of steps of equal length four times a second; the last step."""
    now = since
    while now < until:
        now += 0.25
        forecast.take(now, step + int((now - since) / step_seconds))
    return step + int((now - since) / step_seconds)


def test_a_run_in_its_pace_is_not_late() -> None:
    forecast = Forecast(180, finish=5)
    watched(forecast, 60, step_seconds=0.1)
    assert forecast.late(1700) == 0
    assert forecast.late(1750) == 0, "by less than it may be"
    assert forecast.late(2000) == pytest.approx(25, abs=1), "200 s of steps, 5 s at the end"


def test_nothing_is_foreseen_from_the_first_moments() -> None:
    forecast = Forecast(180, finish=5)
    assert forecast.late(10**6) == 0
    step = watched(forecast, 18, step_seconds=0.5)
    assert forecast.late(10**6) == 0
    watched(forecast, 22, step_seconds=0.5, since=18, step=step)
    assert forecast.late(10**6) > 0


def test_slow_first_steps_make_no_run_seem_late() -> None:
    forecast = Forecast(180, finish=5)
    step = watched(forecast, 9, step_seconds=0.3)
    for now in range(10, 60):
        step = watched(forecast, now, step_seconds=0.1, since=now - 1, step=step)
        assert forecast.late(1650) == 0


def test_only_the_last_half_minute_counts() -> None:
    forecast = Forecast(180, finish=0)
    step = watched(forecast, 60, step_seconds=0.1)
    assert forecast.late(1800) == 0
    watched(forecast, 60 + WATCHED + 1, step_seconds=0.5, since=60, step=step)
    assert forecast.late(1800) == pytest.approx((1800 - 662) * 0.5 - 89, abs=15)


def test_what_was_seen_before_it_starts_again_does_not_count() -> None:
    forecast = Forecast(3600, finish=0)
    step = watched(forecast, 60, step_seconds=0.1)
    forecast.take(90, step + 1)  # the step and what came before it took half a minute
    assert forecast.late(10_000) > 0
    forecast.start_again()
    assert forecast.late(10_000) == 0
    watched(forecast, 130, step_seconds=0.1, since=90, step=step)
    assert forecast.late(10_000) == 0
    assert forecast.late(100_000) > 0


def test_steps_that_end_in_time_are_no_longer_late() -> None:
    forecast = Forecast(180, finish=5)
    watched(forecast, 60, step_seconds=0.4)
    steps = forecast.steps_in_time()
    assert 150 < steps < 1800
    assert forecast.late(steps) == 0
    assert 60 + (steps - 150) * 0.4 + 5 == pytest.approx(180, rel=0.03)


def test_after_its_time_a_run_makes_one_more_step() -> None:
    forecast = Forecast(10, finish=1)
    step = watched(forecast, 12, step_seconds=0.5)
    assert forecast.steps_in_time() == step + 1
