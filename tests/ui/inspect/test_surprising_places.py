"""The most surprising words and lines, checked by hand on a page."""

import math

import numpy as np
import pytest

from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.ui.inspect import surprising_places
from lstmterm.ui.inspect.surprised_text import SurprisedText
from lstmterm.ui.inspect.surprising_places import histogram, lines, sums, words
from tests.ui.inspect.models import surprised

TEXT = "the sea\n\na bucket of sea"


@pytest.fixture
def found() -> SurprisedText:
    return surprised(TEXT)


def test_the_words_with_the_most_bits_come_first_and_once(found: SurprisedText) -> None:
    places = words(found)
    bits = [found.bits[a:b][1:].sum() if a == 0 else found.bits[a:b].sum() for a, b, _, _ in places]
    assert sorted(TEXT[a:b] for a, b, _, _ in places) == ["a", "bucket", "of", "sea", "the"]
    assert bits == sorted(bits, reverse=True)
    assert [place.total.bits for place in places] == pytest.approx(bits)
    sea = next(place for place in places if TEXT[place.start : place.end] == "sea")
    assert sea.start == max((4, 21), key=lambda at: found.total(at, at + 3).bits)
    assert sea.line == (1 if sea.start == 4 else 3)


def test_lines_come_by_their_bits_per_character(found: SurprisedText) -> None:
    places = lines(found)
    assert sorted((place.start, place.end, place.line) for place in places) == [(0, 8, 1), (9, 24, 3)]
    assert places[0].total.mean >= places[1].total.mean


def test_means_are_of_what_was_predicted(found: SurprisedText) -> None:
    shown = sums(found)
    assert [(name, each.number) for name, each in shown.items()] == [
        ("characters", 23),
        ("words", 6),
        ("lines", 3),
    ]
    inside = [at for at, letter in enumerate(TEXT) if letter.isalpha() and at]
    assert shown["words"].mean == pytest.approx(found.bits[inside].sum() / 6)
    assert shown["lines"].mean == pytest.approx(found.bits[1:].sum() / 3)


def test_every_character_is_in_the_histogram(found: SurprisedText) -> None:
    counts = histogram(found)
    assert counts.sum() == 23
    assert counts[0] == (found.bits[1:] < 1).sum()
    assert counts[-1] == (found.bits[1:] >= 10).sum()


def test_nothing_known_is_nothing_to_list() -> None:
    found = surprised("€€€€€€", Vocabulary("ab"))
    assert words(found) == lines(found) == []
    assert math.isnan(sums(found)["words"].mean)
    assert not histogram(found).any()


def test_lists_are_of_the_most_surprising_only(monkeypatch: pytest.MonkeyPatch, found: SurprisedText) -> None:
    everything = words(found)
    monkeypatch.setattr(surprising_places, "MOST", 2)
    assert words(found) == everything[:2]
    assert len(lines(found)) == 2


def test_a_word_in_the_list_is_the_word_at_its_place(found: SurprisedText) -> None:
    for place in words(found):
        assert found.word_at(place.start) == (place.start, place.end)
    assert np.isfinite([place.total.bits for place in words(found)]).all()
