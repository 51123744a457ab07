"""The strings of the Reber corpus have the stated entropy rate."""

import math
import re
from collections import Counter

import numpy as np

from lstmterm.corpora import reber
from lstmterm.corpora.corpus import open_corpus

_INNER = re.compile(r"B(T(S*X)|P(T*V))")  # how every inner string begins
_STRING = re.compile(r"B([TP])B(T|P)[TSXPV]+E\1E")


def test_every_line_is_a_string_of_the_embedded_grammar() -> None:
    lines = reber.text(2_000).splitlines()
    assert all(_STRING.fullmatch(line) and _INNER.match(line[2:]) for line in lines)
    assert {line[1] for line in lines} == {"T", "P"}


def test_the_seed_decides() -> None:
    assert reber.text(50, 7) == reber.text(50, 7) != reber.text(50, 8)


def test_the_entropy_rate_is_that_of_the_strings() -> None:
    """The mean surprise of many strings under the grammar's own probabilities tends to the rate."""
    count = 40_000
    text = reber.text(count)
    forks = sum(_forks(line) for line in text.splitlines())
    measured = forks * math.log(2) / len(text)
    assert abs(measured - reber.entropy_rate()) < 0.003


def _forks(line: str) -> int:
    """How many coins were thrown for a line: one for the frame, one at each state with two ways on."""
    state, thrown = 0, 1
    for letter in line[2:-2]:
        ways = reber._BRANCHES[state]
        thrown += len(ways) == 2
        state = next(following for name, following in ways if name == letter)
    return thrown


def test_no_table_of_contexts_beats_the_floor() -> None:
    """Counting what follows each line's beginning gets close to the floor, from above."""
    corpus = open_corpus("reber")
    text = corpus.text(0, len(corpus))
    followers: dict[str, Counter[str]] = {}
    for line in text.splitlines(keepends=True):
        for position, letter in enumerate(line[:12]):
            followers.setdefault(line[:position], Counter())[letter] += 1
    nats = letters = 0.0
    for counts in followers.values():
        total = sum(counts.values())
        nats += sum(count * -math.log(count / total) for count in counts.values())
        letters += total
    assert corpus.floor == reber.entropy_rate()
    assert np.isclose(nats / letters, _rate_of_beginnings(12), atol=0.004)


def _rate_of_beginnings(length: int) -> float:
    """The grammar's entropy per character over the first `length` characters of each line."""
    entropy = {state: math.log(len(ways)) for state, ways in enumerate(reber._BRANCHES)}
    nats, letters = math.log(2), 2.0  # the frame's B and T or P
    at = {0: 1.0}
    tail = [0.0] * 4  # the frame's end, E, and the newline, after the inner string
    for _ in range(2, length):
        following: dict[int, float] = {}
        for state, share in at.items():
            nats += share * entropy[state]
            letters += share
            for _, onward in reber._BRANCHES[state]:
                following[onward] = following.get(onward, 0) + share / len(reber._BRANCHES[state])
        letters += sum(tail[:3])
        tail = [following.pop(len(reber._BRANCHES), 0.0), *tail[:3]]
        at = following
    return nats / letters
