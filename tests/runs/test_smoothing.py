"""The smoothed loss."""

import math

import pytest

from lstmterm.runs.smoothing import Smoother


def test_smoothing_is_unbiased_from_the_first_point() -> None:
    mean = Smoother(10)
    assert [mean.add(3.0) for _ in range(50)] == pytest.approx([3.0] * 50)


def test_smoothing_follows_a_step_and_skips_nan() -> None:
    mean = Smoother(5)
    for _ in range(200):
        mean.add(4.0)
    before = mean.add(math.nan)
    after = [mean.add(2.0) for _ in range(5)][-1]
    assert before == pytest.approx(4.0)
    assert after == pytest.approx(3.0, abs=1e-6)  # half of it after its horizon
