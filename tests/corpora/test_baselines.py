"""Baselines, against a count in plain Python."""

import math
from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmterm.corpora import baselines
from lstmterm.corpora.baselines import ngram_losses


def counted(train: list[int], text: list[int], symbols: int) -> dict[str, float]:
    """The same losses by dictionaries, after Witten and Bell's rule as the books have it."""
    followers: list[dict[tuple[int, ...], Counter[int]]] = []
    for order in range(3):
        table: dict[tuple[int, ...], Counter[int]] = defaultdict(Counter)
        for i in range(order, len(train)):
            table[tuple(train[i - order : i])][train[i]] += 1
        followers.append(table)

    def probability(i: int, order: int) -> float:
        if order < 0:
            return 1 / symbols
        seen = followers[order].get(tuple(text[i - order : i]))
        shorter = probability(i, order - 1)
        if not seen:
            return shorter
        n, d = sum(seen.values()), len(seen)
        return n / (n + d) * seen[text[i]] / n + d / (n + d) * shorter

    places = [i for i in range(2, len(text)) if text[i] < symbols]
    if len(train) < 3 or not places:
        return {}
    return {
        name: -sum(math.log(probability(i, order)) for i in places) / len(places)
        for order, name in enumerate(baselines.NAMES)
    }


@given(st.data())
def test_losses_are_those_of_a_plain_count(data: st.DataObject) -> None:
    symbols = data.draw(st.integers(1, 5))
    numbers = st.lists(st.integers(0, symbols), max_size=60)  # the unknown symbol too
    train, text = data.draw(numbers), data.draw(numbers)
    dtype = data.draw(st.sampled_from([np.uint8, np.uint16, np.uint32]))
    losses = ngram_losses(np.array(train, dtype=dtype), np.array(text, dtype=dtype), symbols)
    assert losses == pytest.approx(counted(train, text, symbols))


def test_large_vocabularies_do_not_overflow() -> None:
    generator = np.random.default_rng(0)
    train, text = (generator.integers(0, 1_000_000, 300, dtype=np.uint32) for _ in range(2))
    train[:50] = text[:50]
    losses = ngram_losses(train, text, 1_000_000)
    assert losses == pytest.approx(counted(train.tolist(), text.tolist(), 1_000_000))


def test_longer_contexts_help_where_the_text_repeats() -> None:
    ids = np.array([0, 1, 2, 1] * 200, dtype=np.uint8)
    losses = ngram_losses(ids, ids[:100], 3)
    assert losses["trigram"] < losses["bigram"] < losses["unigram"] < math.log(3)
    assert losses["trigram"] < 0.05


def test_only_the_end_of_a_long_text_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baselines, "_MOST_TRAINING", 100)
    ids = np.array([0] * 1000 + [1, 2] * 50, dtype=np.uint8)
    assert ngram_losses(ids, ids[-50:], 3) == ngram_losses(ids[-100:], ids[-50:], 3)


def test_too_little_text_has_no_baselines() -> None:
    ids = np.array([0, 1, 0, 1], dtype=np.uint8)
    assert ngram_losses(ids[:2], ids, 2) == {}
    assert ngram_losses(ids, ids[:2], 2) == {}
    assert ngram_losses(ids, ids[:0], 2) == {}
