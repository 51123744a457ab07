"""A text with the difference between two predictors: levels, marks, sums, and what both expected."""

import math

import pytest

from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.infer.against import Comparison
from lstmterm.ui.inspect.compared_text import BOUNDS, LABELS, ComparedText
from tests.random_models import predicted

TEXT = "the sea owes\nus a bücket"
LETTERS = Vocabulary("\n abcdefghijklmnopqrstuvwxyzü")
FEWER = Vocabulary("\n acehkostuwü")  # not b


def compared(one: Vocabulary, other: Vocabulary) -> ComparedText:
    return ComparedText.of(Comparison.of(predicted(one, TEXT)[0], predicted(other, TEXT, 2)[0], None))


def test_levels_are_steps_between_the_bounds_and_the_middle_one_is_near_zero() -> None:
    found = compared(LETTERS, LETTERS)
    assert len(LABELS) == len(BOUNDS) + 1
    for level, gain in list(zip(found.levels, found.comparison.gains, strict=True))[1:]:
        assert level == 1 + sum(gain >= bound for bound in BOUNDS)
        assert (level == 4) == (abs(gain) < 0.25)
    assert found.levels[0] == 0


def test_the_largest_differences_either_way_are_marked() -> None:
    found = compared(LETTERS, LETTERS)
    largest = sorted(sorted(range(1, len(TEXT)), key=lambda k: -abs(found.comparison.gains[k]))[:5])
    assert found.marks == largest
    assert {found.comparison.gains[k] > 0 for k in largest} == {True, False}


def test_stretches_have_the_bits_of_both_where_both_predict() -> None:
    found = compared(LETTERS, FEWER)
    at = TEXT.index("ü")
    (word, of_word), (line, of_line), (text, of_text) = found.stretches(at)
    assert (word, line, text) == ("bücket", "line", "text")
    nats = found.comparison.one.measures.nats, found.comparison.other.measures.nats
    for both, places in ((of_word, range(18, 24)), (of_line, range(13, 24)), (of_text, range(1, 24))):
        known = [k for k in places if TEXT[k] != "b"]
        assert both.one.chars == both.other.chars == len(known)
        for total, each in zip(both, nats, strict=True):
            assert total.bits == pytest.approx(sum(float(each[k - 1]) for k in known) / math.log(2), rel=1e-5)
    assert [name for name, _ in found.stretches(3)] == ["line", "text"]
    assert found.total(18, 19).one.chars == 0, "the other does not know b"


def test_both_give_their_probabilities_to_the_same_characters() -> None:
    found = compared(LETTERS, FEWER)
    assert found.likeliest(0) == []
    for at in (1, 12, 18):
        alternatives = found.likeliest(at, 3)
        one, other = found.comparison.one.expected(at), found.comparison.other.expected(at)
        assert all((a.one, a.other) == (one.get(a.symbol), other.get(a.symbol)) for a in alternatives)
        assert [a.symbol for a in alternatives if a.came] == [TEXT[at]]
        highest = [max(a.one or 0, a.other or 0) for a in alternatives]
        assert highest == sorted(highest, reverse=True)
        assert highest[0] == max(*one.values(), *other.values())
        assert len(alternatives) in (3, 4)
    assert next(a for a in found.likeliest(18) if a.came).other is None


def test_a_character_is_beside_its_first_byte() -> None:
    found = compared(Vocabulary.bytes(), LETTERS)
    came = {a.symbol: a for a in found.likeliest(TEXT.index("ü")) if a.came}
    assert came.keys() == {"byte C3", "ü"}
    assert came["byte C3"].other is None
    assert came["ü"].one is None
