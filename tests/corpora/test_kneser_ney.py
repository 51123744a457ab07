"""Kneser-Ney smoothing, against its formulas in plain Python and a count by hand."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmterm.corpora import kneser_ney
from lstmterm.corpora.kneser_ney import NGrams, losses, probabilities

Gram = tuple[int, ...]


def direct(train: list[int], symbols: int, order: int, history: Gram) -> list[float]:
    """The probability of each character after `history` by the model of this order, as the paper defines it."""

    def counts(length: int) -> Counter[Gram]:
        grams = Counter(tuple(train[i : i + length]) for i in range(len(train) - length + 1))
        if length < order:
            longer = {tuple(train[i : i + length + 1]) for i in range(len(train) - length)}
            grams = Counter(gram[1:] for gram in longer)
        return Counter({gram: c for gram, c in grams.items() if gram[-1] < symbols})

    def discount(found: Counter[Gram]) -> list[float]:
        n = [sum(1 for c in found.values() if c == k) for k in range(5)]
        if not (n[1] and n[2] and n[3]):
            return [0.0, 0.5, 1.0, 1.5]
        y = n[1] / (n[1] + 2 * n[2])
        each = [0.0] + [k - (k + 1) * y * n[k + 1] / n[k] for k in (1, 2, 3)]
        return each if min(each) >= 0 else [0.0, 0.5, 1.0, 1.5]

    p = [1 / symbols] * symbols
    for length in range(1, order + 1):
        context = history[len(history) - length + 1 :] if length > 1 else ()
        if len(context) < length - 1:
            break
        found = counts(length)
        d = discount(found)
        after = {gram[-1]: c for gram, c in found.items() if gram[:-1] == context}
        total = sum(after.values())
        if total:
            weight = sum(d[min(c, 3)] for c in after.values()) / total
            p = [
                (after.get(w, 0) - d[min(after.get(w, 0), 3)]) / total + weight * p[w] for w in range(symbols)
            ]
    return p


@given(st.data())
def test_probabilities_are_those_of_the_formulas(data: st.DataObject) -> None:
    symbols = data.draw(st.integers(1, 4))
    numbers = st.lists(st.integers(0, symbols), max_size=60)  # the unknown character too
    train, text = data.draw(numbers), data.draw(numbers)
    dtype = data.draw(st.sampled_from([np.uint8, np.uint16, np.uint32]))
    found = losses(np.array(train, dtype), np.array(text, dtype), symbols, 4)
    places = [i for i in range(1, len(text)) if text[i] < symbols]
    if not places or not any(c < symbols for c in train):
        assert found == []
        return
    for order, loss in enumerate(found, 1):
        each = [direct(train, symbols, order, tuple(text[:i]))[text[i]] for i in places]
        assert loss == pytest.approx(-sum(map(math.log, each)) / len(each))


@given(st.lists(st.integers(0, 3), min_size=1, max_size=80), st.lists(st.integers(0, 3), max_size=6))
def test_probabilities_of_all_characters_add_up_to_one(train: list[int], history: list[int]) -> None:
    symbols = 3
    total = np.zeros(6)
    for last in range(symbols):
        text = np.array([*history, last], np.uint8)
        total += [p[-1] for p in probabilities(np.array(train, np.uint8), text, symbols, 6)]
    assert total == pytest.approx(1)


@given(st.data())
def test_what_is_expected_of_each_character_is_its_probability(data: st.DataObject) -> None:
    symbols, order = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 6))
    numbers = st.lists(st.integers(0, symbols), max_size=60)  # the unknown character too
    train, text = (np.array(data.draw(numbers), np.uint8) for _ in range(2))
    model = NGrams(train, text, symbols, order)
    *_, p = probabilities(train, text, symbols, order)
    assert np.array_equal(model.probabilities, p)
    for i, character in enumerate(text):
        expected = model.expected(text[:i])
        assert expected.sum() == pytest.approx(1)
        if character < symbols:
            assert expected[character] == pytest.approx(p[i])


def test_sorting_finds_what_a_table_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = np.random.default_rng(0).integers(0, 5, 2_000).astype(np.uint8)
    table = losses(ids[:1500], ids[1500:], 5)
    monkeypatch.setattr(kneser_ney, "_DENSE", 0)
    assert losses(ids[:1500], ids[1500:], 5) == table


def test_large_vocabularies_do_not_overflow() -> None:
    train, text = (np.random.default_rng(0).integers(0, 1_000_000, 300, dtype=np.uint32) for _ in range(2))
    train[:50] = text[:50]
    assert losses(train, text, 1_000_000, 6)[5] < math.log(1_000_000)


def test_longer_contexts_help_where_the_text_repeats() -> None:
    ids = np.array([0, 1, 2, 1] * 200, dtype=np.uint8)
    found = losses(ids, ids[:100], 3)
    assert found[0] > found[1] > found[2]
    assert max(found[2:]) < 0.05


def test_a_count_by_hand() -> None:
    # abracadabra: a 5, b 2, r 2, c 1, d 1. No character occurs three times, so the discounts are 0.5, 1
    # and 1.5, and 4.5 of 11 are left over (0.5 + 0.5 + 1 + 1 + 1.5), for five characters alike.
    ids = np.array(["abcdr".index(c) for c in "abracadabra"], np.uint8)
    (unigram,) = probabilities(ids, ids, 5, 1)
    assert unigram[0] == pytest.approx((5 - 1.5) / 11 + 4.5 / 11 / 5)
    assert unigram[4] == pytest.approx((1 - 0.5) / 11 + 4.5 / 11 / 5)
    # After b there is r, twice. Below that, r follows only b: a follows 3 kinds, b, r, c and d one each.
    _, bigram = probabilities(ids, ids, 5, 2)
    lower = (1 - 0.5) / 7 + (1.5 + 4 * 0.5) / 7 / 5
    assert bigram[2] == pytest.approx((2 - 1) / 2 + 1 / 2 * lower)


def test_with_one_discount_the_values_are_those_of_nltk(monkeypatch: pytest.MonkeyPatch) -> None:
    # KneserNeyInterpolated(order, discount=0.75) of nltk 3.10.4, which subtracts the same from every count and
    # does not discount unigrams; fitted on the n-grams of the text, and the mean over the characters of the
    # other from the first one with a full context.
    text = "abracadabra alakazam abracadabra " * 2 + "a cadabra brazam lakadam abra"
    symbols = sorted(set(text))
    train, held = (
        np.array([symbols.index(c) for c in each], np.uint8) for each in (text, "abra kadabra alam zabra")
    )
    none, one = np.zeros(4), np.array([0, 0.75, 0.75, 0.75])
    monkeypatch.setattr(kneser_ney, "_discounts", lambda counts: none if len(counts) == len(symbols) else one)
    _, bigram, trigram = probabilities(train, held, len(symbols), 3)
    assert bigram[1:4] == pytest.approx([0.2592105263157895, 0.9352272727272727, 0.9556818181818181])
    assert -np.log(bigram[1:]).mean() == pytest.approx(1.1346380520106634)
    assert -np.log(trigram[2:]).mean() == pytest.approx(1.1139400001358548)
