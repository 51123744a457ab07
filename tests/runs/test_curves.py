"""Curves as numbers: what thinning, smoothing, axes and ticks promise."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmterm.runs.curves import Axis, Smoother, columns, smoothed, thinned, tick_texts


def test_thinning_keeps_every_extreme() -> None:
    """However many points there are, the lowest and the highest are still there."""
    chance = random.Random(1)
    xs = [float(i) for i in range(100_000)]
    ys = [chance.random() + 1 for _ in xs]
    ys[31_415], ys[92_653] = 9.0, -9.0
    found = columns(xs, ys, Axis(0, 99_999), 120)
    assert len(found) == 120
    assert max(c.high for c in found) == 9.0
    assert min(c.low for c in found) == -9.0
    few = thinned(xs, ys, 200)
    assert len(few) <= 400
    assert {9.0, -9.0} <= {y for _, y in few}


def test_columns_leave_out_what_is_not_finite() -> None:
    found = columns([0.0, 1.0, 2.0, 3.0], [math.nan, 1.0, math.inf, math.nan], Axis(0, 3), 4)
    assert [(c.index, c.low, c.high) for c in found] == [(1, 1.0, 1.0)]


def test_columns_look_only_within_the_axis() -> None:
    found = columns([0.0, 1.0, 2.0, 3.0], [5.0, 1.0, 2.0, 7.0], Axis(1, 2), 2)
    assert [(c.low, c.high) for c in found] == [(1.0, 1.0), (2.0, 2.0)]


def test_smoothing_is_unbiased_from_the_first_point() -> None:
    assert smoothed([3.0] * 50, [1.0] * 50, 10) == pytest.approx([3.0] * 50)


def test_smoothing_follows_a_step_and_passes_over_nan() -> None:
    mean = Smoother(5)
    for _ in range(200):
        mean.add(4.0)
    before = mean.add(math.nan)
    after = [mean.add(2.0) for _ in range(5)][-1]
    assert before == pytest.approx(4.0)
    assert after == pytest.approx(3.0, abs=1e-6)  # half of it after its horizon


@given(
    st.floats(1e-3, 1e5),
    st.floats(1.001, 1e4),
    st.booleans(),
    st.integers(2, 12),
)
def test_ticks_are_within_the_axis_increasing_and_told_apart(
    low: float, ratio: float, log: bool, count: int
) -> None:
    axis = Axis(low, low * ratio, log)
    ticks = axis.ticks(count)
    assert ticks == sorted(set(ticks))
    assert len(ticks) <= 2 * count + 2
    assert all(low * (1 - 1e-6) - 1e-9 <= t <= low * ratio * (1 + 1e-6) + 1e-9 for t in ticks)


def test_tick_texts_have_the_decimals_that_they_need() -> None:
    assert tick_texts([1.0, 1.5, 2.0]) == ["1.0", "1.5", "2.0"]
    assert tick_texts([0.0, 2000.0, 4000.0]) == ["0", "2k", "4k"]
    assert tick_texts([]) == []


@given(st.floats(0.01, 100), st.floats(1.01, 1000), st.booleans(), st.floats(0, 1))
def test_an_axis_goes_there_and_back(low: float, ratio: float, log: bool, share: float) -> None:
    axis = Axis(low, low * ratio, log)
    assert axis.share(axis.value(share)) == pytest.approx(share, abs=1e-6)
