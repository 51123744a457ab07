"""The types of errors, by hand, and what a comparison adds up to."""

import math

import numpy as np
import pytest

from lstmterm.infer.error_types import TYPES, compare, error_types, shares_tell, word_counts

TEXT = "the cat. xylo\nthe cat! a"


def _types(text: str, nats: list[float], other: list[float], known: str | None) -> list[str]:
    counts = None if known is None else word_counts(known)
    return [TYPES[t] for t in error_types(text, np.array(nats), np.array(other), counts)]


def test_each_character_has_the_first_type_that_fits() -> None:
    nats, other = [3.0] * (len(TEXT) - 1), [3.0] * (len(TEXT) - 1)
    nats[0] = math.log(2)  # the h of the first word
    other[1] = 0.1  # its e
    found = dict(enumerate(_types(TEXT, nats, other, "the cat a " * 6 + "xylo " * 5), 1))
    expected = {
        1: "predicted",
        2: "the other predicts it",
        3: "space or newline",
        4: "after a space or newline",  # c
        5: "inside a word",
        6: "inside a word",
        7: "punctuation",
        8: "space or newline",
        9: "rare word",  # x: five times
        12: "rare word",
        13: "space or newline",
        14: "after a space or newline",  # t of the second the: its first character
        15: "repeated word",
        16: "repeated word",
        18: "after a space or newline",
        19: "repeated word",
        21: "punctuation",
        23: "after a space or newline",
    }
    assert {k: found[k] for k in expected} == expected


def test_a_word_is_repeated_within_a_thousand_characters_only() -> None:
    for gap, repeated in ((999, True), (1_000, False)):
        text = "word" + " " * (gap + 1) + "word"
        types = _types(text, [3.0] * (len(text) - 1), [3.0] * (len(text) - 1), None)
        assert (types[-1] == "repeated word") == repeated, gap


def test_without_a_training_text_no_word_is_rare() -> None:
    assert "rare word" not in _types(TEXT, [3.0] * 23, [3.0] * 23, None)
    assert "rare word" in _types(TEXT, [3.0] * 23, [3.0] * 23, "")


def test_rows_add_up() -> None:
    random = np.random.default_rng(1)
    nats, other = random.gamma(1, 1, 23), random.gamma(1, 1.2, 23)
    nats[4] = other[7] = np.nan
    types = error_types(TEXT, nats, other, None)
    *rows, whole = compare(types, nats, other)
    assert whole.name == "all"
    assert whole.count == sum(row.count for row in rows) == 21
    assert sum(row.share for row in rows) == pytest.approx(1)
    known = ~np.isnan(nats) & ~np.isnan(other)
    assert whole.bits == pytest.approx(nats[known].mean() / math.log(2))
    assert whole.gain == pytest.approx((other - nats)[known].mean() / math.log(2))
    for row in rows:
        mask = known & (types == TYPES.index(row.name))
        assert row.other_bits == pytest.approx(other[mask].mean() / math.log(2))


def test_a_gain_near_zero_is_not_shared_out() -> None:
    types, nats = np.array([0, 5, 5, 7]), np.array([0.1, 1.0, 2.0, 1.0])
    assert shares_tell(compare(types, nats, nats + 0.2))
    assert shares_tell(compare(types, nats, nats - 0.2))
    assert not shares_tell(compare(types, nats, nats + np.array([0.3, -0.3, 0.2, -0.19])))
    assert not shares_tell([])
