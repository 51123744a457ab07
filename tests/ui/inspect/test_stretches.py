"""Words and lines around a character, sums over stretches, and the places with the highest numbers."""

import math

import numpy as np

from lstmterm.ui.inspect.stretches import Sums, highest, line_at, word_at

TEXT = "the sea owes\nus a bucket"


def test_words_and_lines_around_a_character() -> None:
    assert word_at(TEXT, 5) == (4, 7)
    assert word_at(TEXT, 3) is None
    assert line_at(TEXT, 5) == line_at(TEXT, 12) == (0, 13)
    assert line_at(TEXT, 13) == (13, len(TEXT))


def test_a_sum_is_of_what_is_known() -> None:
    sums = Sums(np.array([np.nan, 1.0, np.nan, 2.0]))
    assert sums.total() == (3.0, 2)
    assert sums.total(2, 4) == (2.0, 1)
    assert sums.total().mean == 1.5
    assert math.isnan(sums.total(0, 1).mean)


def test_the_highest_are_two_in_a_hundred_and_at_least_five() -> None:
    numbers = np.arange(1_000.0)
    numbers[-1] = np.nan
    assert highest(numbers) == [*range(980, 999)]
    assert highest(np.array([3.0, np.nan, 1.0])) == [0, 2]
