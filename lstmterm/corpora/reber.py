"""Strings of the embedded Reber grammar; its exact entropy rate is known.

A string is B, then T or P, then a string of the Reber grammar, then the same T or P again, then E.
The second to last character is decided at the start: a model has to remember it over the whole string.
Source: S. Hochreiter and J. Schmidhuber, Long Short-Term Memory, Neural Computation 9(8), 1997,
section 5.1; the inner grammar is that of A. S. Reber (1967). Each branch is taken with probability 1/2.
"""

import functools
import math
from collections.abc import Iterator

import numpy as np

# Inner grammar: state -> its branches, each a letter and the next state; it ends after the last state.
_BRANCHES: list[list[tuple[str, int]]] = [
    [("B", 1)],
    [("T", 2), ("P", 3)],
    [("S", 2), ("X", 4)],
    [("T", 3), ("V", 5)],
    [("X", 3), ("S", 6)],
    [("P", 4), ("V", 6)],
    [("E", 7)],
]
_OUTER = "TP"
STRINGS = 60_000
SEED = 1997


@functools.cache
def text(strings: int = STRINGS, seed: int = SEED) -> str:
    """`strings` strings, one per line; the same for the same seed."""
    coins = _coins(seed)
    return "".join(f"{_embedded(coins)}\n" for _ in range(strings))


def _coins(seed: int) -> Iterator[int]:
    """An endless stream of zeros and ones, each with probability 1/2."""
    random = np.random.Generator(np.random.PCG64(seed))
    while True:
        yield from random.integers(2, size=65_536).tolist()


def _embedded(coins: Iterator[int]) -> str:
    outer = _OUTER[next(coins)]
    return f"B{outer}{_inner(coins)}{outer}E"


def _inner(coins: Iterator[int]) -> str:
    letters, state = [], 0
    while state < len(_BRANCHES):
        branches = _BRANCHES[state]
        letter, state = branches[next(coins) if len(branches) > 1 else 0]
        letters.append(letter)
    return "".join(letters)


def entropy_rate() -> float:
    """The lowest loss that a model can reach on these strings, in nats per character.

    The strings are independent, and the letters of a string show which branches were taken, so the
    entropy of a string is the sum over states of the expected number of visits times the entropy of
    the branch. The visits v solve v = start + v P, with P the transition probabilities among the
    transient states. The rate is that entropy divided by the expected length of a line.
    """
    count = len(_BRANCHES)
    transition = np.zeros((count, count))
    for state, branches in enumerate(_BRANCHES):
        for _, following in branches:
            if following < count:
                transition[state, following] += 1 / len(branches)
    start = np.zeros(count)
    start[0] = 1
    visits = np.linalg.solve(np.eye(count) - transition.T, start)
    branch_entropy = np.array([math.log(len(branches)) for branches in _BRANCHES])
    nats = float(visits @ branch_entropy) + math.log(len(_OUTER))
    length = float(visits.sum()) + len("B?") + len("?E\n")  # each inner state writes one letter
    return nats / length
