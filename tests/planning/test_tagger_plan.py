"""The plan of a tagger: pure rules, and what they say in words."""

import itertools

import pytest

from lstmterm.planning import tagger_plan
from lstmterm.planning.length import Length
from lstmterm.spec.tagger import Level

KINDS: tuple[tagger_plan.Cipher, ...] = ("", "shift", "key")


def test_a_knob_that_was_set_is_kept() -> None:
    by_hand = {"hidden": 7, "tokens": 3, "cased": False}
    levels: tuple[Level, ...] = ("word", "char", "sequence")
    for level, words, cipher in itertools.product(levels, (100, 10**6), KINDS):
        shape = tagger_plan.shape_for(level, cipher, words, by_hand)
        assert (shape.model.hidden, shape.batches.tokens, shape.model.cased) == (7, 3, False)


def test_more_words_get_a_larger_tagger() -> None:
    sizes = [tagger_plan.shape_for("word", "", n, {}).model for n in (1000, 20_000, 10**6)]
    assert [m.hidden * m.layers for m in sizes] == sorted(m.hidden * m.layers for m in sizes)


def test_small_data_may_take_many_epochs_and_large_data_few() -> None:
    assert tagger_plan.limits(2, cipher=False, folds=0).most > 2 * 40
    assert tagger_plan.limits(1000, cipher=False, folds=0).most == 40 * 1000
    assert tagger_plan.limits(10, cipher=False, folds=5).models == 6
    assert tagger_plan.limits(10, cipher=True, folds=0).evaluations > 20


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (Length("minutes", 3), "3 minutes, at most 40 epochs"),
        (Length("epochs", 2), "2 epochs, about 400 steps"),
        (Length("steps", 300), "300 steps"),
    ],
)
def test_the_plan_in_words(length: Length, words: str) -> None:
    found = tagger_plan.forecast(length, "word", "", 100_000, {})
    assert found.what == f"{words}.\n2x128 bidirectional, 500 words a step."
    assert "100,000 words" in found.why


def test_further_training_says_what_is_learned_and_a_few_words_alone_are_advised_against() -> None:
    length, further = Length("minutes", 1), {"words": 64, "hidden": 32, "layers": 1}
    few = tagger_plan.forecast(length, "word", "", 13, {}, further)
    assert few.what == (
        "Learns the data's words only.\n60 seconds, at most 60 steps.\n1x32 bidirectional, 100 words a step."
    )
    every = tagger_plan.forecast(length, "word", "", 13, {"learn": "all"}, further)
    assert "Learns all weights." in every.what
    alone = tagger_plan.forecast(length, "word", "", 13, {})
    assert "13 words alone: it would know only them, and guess the rest." in alone.what


def test_all_weights_learn_slowly_from_a_few_words() -> None:
    further = {"words": 64}
    rates = [
        tagger_plan.shape_for("word", "", 13, given, further).training["learning_rate"]
        for given in ({}, {"learn": "all"})
    ]
    assert rates == [5e-3, 1e-4]
