"""The plan of a tagger: pure rules, and what they say in words."""

import itertools

from lstmterm.planning import tagger_plan
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


def test_all_weights_learn_slowly_from_a_few_words() -> None:
    further = {"words": 64}
    rates = [
        tagger_plan.shape_for("word", "", 13, given, further).training["learning_rate"]
        for given in ({}, {"learn": "all"})
    ]
    assert rates == [5e-3, 1e-4]


def test_a_run_that_ends_in_time_may_make_few_steps() -> None:
    for further in (False, True):
        assert tagger_plan.limits(10, cipher=False, folds=0, further=further).fewest > 1
        assert tagger_plan.limits(10, cipher=False, folds=0, further=further, in_time=True).fewest == 1
