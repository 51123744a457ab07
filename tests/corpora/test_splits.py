"""The parts of a text follow each other and lose nothing."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmterm.corpora.splits import Split, cut
from lstmterm.errors import InputError


def test_a_tenth_of_tinyshakespeare_is_its_last_111539_characters() -> None:
    split = cut(1_115_394, 0.1, 0)
    assert split == Split((0, 1_003_855), (1_003_855, 1_115_394), (1_115_394, 1_115_394))


@given(
    st.integers(200, 10_000_000),
    st.floats(0.05, 0.4),
    st.floats(0.05, 0.4),
    st.sampled_from([0, 100, 200_000]),
)
def test_the_parts_follow_each_other_and_lose_nothing(n: int, val: float, test: float, cap: int) -> None:
    split = cut(n, val, test, cap)
    assert split.train[0] == 0
    assert (split.train[1], split.val[1], split.test[1]) == (split.val[0], split.test[0], n)
    for (start, stop), share in ((split.val, val), (split.test, test)):
        assert stop - start == min(math.floor(n * share), cap or n)


def test_both_shares_may_be_zero() -> None:
    assert cut(10, 0, 0) == Split((0, 10), (10, 10), (10, 10))


@pytest.mark.parametrize(
    ("n", "val", "test"), [(10, 0.05, 0), (10, 0, 0.1), (1, 0, 0), (9, 0.5, 0.5), (9, -0.1, 0), (9, 1, 0)]
)
def test_a_split_that_cannot_be_is_refused(n: int, val: float, test: float) -> None:
    with pytest.raises(InputError):
        cut(n, val, test)


def test_how_long_a_text_must_be_is_said() -> None:
    with pytest.raises(InputError, match=r"too few for --val 0\.05, which takes at least 40;"):
        cut(39, 0.05, 0)
    cut(40, 0.05, 0)
    with pytest.raises(InputError, match=r"too few for --test 0\.07, which takes at least 29;"):
        cut(28, 0, 0.07)
    cut(29, 0, 0.07)
