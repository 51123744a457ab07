"""A text with surprise: levels, sums, and what was expected."""

import math

import numpy as np
import pytest

from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.infer.score import surprisals
from lstmterm.ui.widgets.colourings import COLOURINGS
from tests.ui.inspect.models import LETTERS, surprised

TEXT = "the sea owes\nus a bucket"


def test_the_bits_are_those_of_score() -> None:
    found = surprised(TEXT)
    losses = np.concatenate(list(surprisals(found._surprise.model, LETTERS.encode(TEXT))))
    assert np.allclose(found.bits[1:], losses / math.log(2), atol=1e-4)
    assert math.isnan(found.bits[0])
    assert found.total().bits == pytest.approx(float(losses.sum()) / math.log(2), abs=1e-3)
    assert found.total().chars == len(TEXT) - 1
    assert found.total(0, 1).chars == 0
    assert math.isnan(found.total(0, 1).mean)


def test_levels_are_steps_between_the_bounds() -> None:
    found = surprised(TEXT)
    for by, numbers in (("bits", found.bits), ("ranks", found.ranks)):
        bounds = COLOURINGS[by].bounds
        assert len(COLOURINGS[by].labels) == len(bounds) + 1
        for level, number in list(zip(found.levels(by), numbers, strict=True))[1:]:
            assert level == 1 + sum(number >= bound for bound in bounds)
        assert found.levels(by)[0] == 0


def test_words_and_lines_around_a_character() -> None:
    found = surprised(TEXT)
    assert found.word_at(5) == (4, 7)
    assert found.word_at(3) is None
    assert found.line_at(5) == found.line_at(12) == (0, 13)
    assert found.line_at(13) == (13, len(TEXT))


def test_the_likeliest_have_their_probabilities_and_the_one_that_came() -> None:
    found = surprised(TEXT)
    assert found.likeliest(0) == []
    for at in (1, 12, len(TEXT) - 1):
        likeliest = found.likeliest(at, 3)
        came = [(symbol, p) for symbol, p, here in likeliest if here]
        assert came == [(TEXT[at], pytest.approx(2 ** -found.bits[at], rel=1e-3))]
        assert [p for _, p, _ in likeliest] == sorted((p for _, p, _ in likeliest), reverse=True)
        assert len(likeliest) == (3 if found.ranks[at] <= 3 else 4)


def test_the_most_surprising_are_marked() -> None:
    found = surprised(TEXT)
    assert sorted(found.marks) == found.marks
    assert set(found.marks) == set((-found.bits[1:]).argsort()[:5] + 1)
    assert found.mark_at(found.marks[2]) == 3
    assert found.mark_at(0) is None


def test_an_unknown_character_has_no_number() -> None:
    found = surprised("the €sea", LETTERS)
    assert math.isnan(found.bits[4])
    assert found.levels("bits")[4] == found.levels("ranks")[4] == 0
    assert found.total().chars == 6
    assert not any(here for _, _, here in found.likeliest(4))


def test_a_character_of_several_bytes_has_the_sum_of_their_bits() -> None:
    text = "aé漢👩\udcffb"
    found = surprised(text, Vocabulary.bytes())
    bits = found._surprise.nats.astype(float) / math.log(2)  # of bytes 1, 2, ...
    sizes = [1, 2, 3, 4, 1, 1]
    starts = [sum(sizes[:k]) for k in range(6)]
    for k in range(1, 6):
        assert found.bits[k] == pytest.approx(bits[starts[k] - 1 : starts[k] - 1 + sizes[k]].sum())
        assert found.ranks[k] == found._surprise.ranks[starts[k] - 1 : starts[k] - 1 + sizes[k]].max()
    assert [s for s, _, here in found.likeliest(1) if here] == ["byte C3"]
