"""Loops: the same characters three times, without overlaps."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from lstmterm.infer.loops import LOOP, TIMES, LoopGuard


def _first_loop(text: str) -> int | None:
    """How many characters are read when a loop is noticed."""
    guard = LoopGuard()
    for k, character in enumerate(text, 1):
        guard.read(ord(character))
        if guard.looping:
            return k
    return None


def _plainly(text: str) -> int | None:
    """The same, by counting the occurrences before each place from left to right."""
    for k in range(LOOP, len(text) + 1):
        if text[:k].count(text[k - LOOP : k]) >= TIMES:
            return k
    return None


@settings(max_examples=60, deadline=None)
@given(period=st.integers(1, 120), before=st.integers(0, 80), seed=st.integers(0, 99))
def test_a_loop_of_any_period_is_noticed_where_a_plain_count_finds_it(
    period: int, before: int, seed: int
) -> None:
    random.seed(seed)
    head, cycle = ("".join(random.choices("abcdefgh", k=n)) for n in (before, period))
    text = head + cycle * (4 + 4 * LOOP // period)
    found = _plainly(text)
    assert found is not None
    assert _first_loop(text) == found


def test_text_that_does_not_repeat_is_no_loop_and_a_short_rule_is_none() -> None:
    random.seed(1)
    assert _first_loop("".join(random.choices("abcdefgh", k=20_000))) is None
    assert _first_loop("-" * (TIMES * LOOP - 1)) is None
    assert _first_loop("-" * TIMES * LOOP) == TIMES * LOOP


def test_what_went_on_with_a_loop_is_known() -> None:
    guard = LoopGuard()
    text = "".join(map(chr, range(LOOP)))
    for next_one in "xy":
        for character in text + next_one:
            guard.read(ord(character))
        assert guard.followers == []
    for character in text:
        guard.read(ord(character))
    assert guard.looping
    assert guard.followers == [ord("x"), ord("y")]
    assert guard.found == 1


def test_memory_does_not_grow_with_the_text() -> None:
    random.seed(1)
    guard = LoopGuard()
    for character in random.choices("abcdefgh", k=30_000):
        guard.read(ord(character))
    assert len(guard._seen) < 6_000
