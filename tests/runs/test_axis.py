"""Axes and their ticks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmterm.runs.axis import Axis, tick_texts


@given(
    st.floats(1e-3, 1e5),
    st.floats(1.001, 1e4),
    st.booleans(),
    st.integers(2, 12),
)
def test_ticks_are_within_the_axis_increasing_and_distinct(
    low: float, ratio: float, log: bool, count: int
) -> None:
    axis = Axis(low, low * ratio, log)
    ticks = axis.ticks(count)
    assert ticks == sorted(set(ticks))
    assert len(ticks) <= 2 * count + 2
    assert all(low * (1 - 1e-6) - 1e-9 <= t <= low * ratio * (1 + 1e-6) + 1e-9 for t in ticks)


def test_tick_texts_have_only_the_decimals_they_need() -> None:
    assert tick_texts([1.0, 1.5, 2.0]) == ["1.0", "1.5", "2.0"]
    assert tick_texts([0.0, 2000.0, 4000.0]) == ["0", "2k", "4k"]
    assert tick_texts([]) == []
    assert tick_texts([0.0, 1e23, 1.5e38]) == ["0", "1e23", "1.5e38"], "six characters at most"


@given(st.floats(0.01, 100), st.floats(1.01, 1000), st.booleans(), st.floats(0, 1))
def test_an_axis_inverts_exactly(low: float, ratio: float, log: bool, share: float) -> None:
    axis = Axis(low, low * ratio, log)
    assert axis.share(axis.value(share)) == pytest.approx(share, abs=1e-6)
