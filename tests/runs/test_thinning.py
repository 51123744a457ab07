"""Which points of a long curve stay."""

import math
import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmterm.runs.thinning import thinned


def test_the_lowest_the_highest_and_the_last_point_stay() -> None:
    chance = random.Random(1)
    values = [chance.random() for _ in range(10_000)]
    values[4321], values[5678] = 9.0, -9.0
    kept = thinned(range(10_000), values, 1000)
    assert {4321, 5678, 9_999} <= {*kept}
    assert kept == sorted(set(kept))
    assert 400 < len(kept) <= 1000


def test_the_beginning_stays_dense_however_often_a_growing_curve_is_thinned() -> None:
    chance = random.Random(1)
    values = [chance.random() for _ in range(100_000)]
    steps: list[int] = []
    for step in range(100_000):
        steps.append(step)
        if len(steps) > 2000:
            steps = [steps[i] for i in thinned(steps, [values[s] for s in steps], 1000)]
    early = sum(step < 1000 for step in steps)
    assert early > 100, "for the logarithmic axis"
    gaps = [b - a for a, b in pairwise(steps)]
    assert max(gaps) <= 100_000 / 100


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_values_that_are_not_finite_hide_no_others(value: float) -> None:
    values = [value if step % 3 else float(step) for step in range(1000)]
    kept = thinned(range(1000), values, 100)
    assert 0 in kept
    assert 999 in kept
    assert sum(math.isfinite(values[i]) for i in kept) > len(kept) / 2


@given(st.lists(st.integers(0, 2**63 - 1), min_size=1, max_size=200), st.integers(5, 50))
def test_there_are_never_more_points_than_wanted(steps: list[int], most: int) -> None:
    assert len(thinned(steps, [0.0] * len(steps), most)) <= most
    chance = random.Random(1)
    assert len(thinned(steps, [chance.random() for _ in steps], most)) <= most
