"""Spans as one tag for each word: BIO and BIOES.

B-X begins a span of type X, I-X continues it, O is outside of all spans; BIOES has E-X for the last
word of a longer span and S-X for a span of one word (Ramshaw & Marcus 1995; Ratinov & Roth 2009).
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

import numpy as np

Scheme = Literal["bio", "bioes"]
_TAG = re.compile(r"O|[BIES](-.+)?")
_MOST_REGULAR = 0.99  # share of the tags that must be tags of spans
_OPEN = frozenset("BI")  # marks after which a span may continue


class Span(NamedTuple):
    """Words `start` to `stop` (exclusive)."""

    kind: str
    start: int
    stop: int


def scheme_of(tags: Iterable[str]) -> Scheme | None:
    """The scheme that the tags of a text look like; None if they are not spans.

    A few may be none of it, such as misspelt ones; they count as outside of all spans.
    """
    counts = Counter(tags)
    names = {tag for tag in counts if _TAG.fullmatch(tag)}
    if sum(counts[tag] for tag in names) < _MOST_REGULAR * counts.total() or not {"O"} < names:
        return None
    marks = {tag[0] for tag in names}
    if not marks & _OPEN:
        return None
    return "bioes" if marks & {"E", "S"} else "bio"


def breaks(tags: Sequence[str], scheme: Scheme) -> Iterator[int]:
    """The words of a sentence whose tags are none of the scheme or break its rules, or after which a span
    is left open.

    Older data begins spans with I-X (IOB1). What is next to a word that is not annotated breaks no rule.
    """
    for i, (first, second) in enumerate(itertools.pairwise(["O", *tags, "O"])):
        if not (first and second):
            continue
        if not (_TAG.fullmatch(second) and _may_follow(first, second, scheme)):
            yield min(i, len(tags) - 1)


def spans(tags: Sequence[str]) -> list[Span]:
    """The spans of a sentence. Tags that break the rules are read as conlleval does: an I-X or E-X
    without an open span of its type begins one. A word that is not annotated is outside."""
    found: list[Span] = []
    start, kind = 0, None
    for i, tag in enumerate([*map(_regular, tags), "O"]):
        mark, tag_kind = tag[0], tag[2:]
        continues = kind is not None and mark in "IE" and tag_kind == kind
        if kind is not None and not continues:
            found.append(Span(kind, start, i))
            kind = None
        if mark != "O" and not continues:
            start, kind = i, tag_kind
        if mark in "ES" and kind is not None:
            found.append(Span(kind, start, i + 1))
            kind = None
    return found


class Rules:
    """Which tag may follow which, to decode the most probable sequence that keeps the rules."""

    def __init__(self, tags: Sequence[str], scheme: Scheme) -> None:
        forbidden = np.float32(-np.inf)
        may = np.array([[_may_follow(a, b, scheme) for b in tags] for a in tags])
        self._follow = np.where(may, np.float32(0), forbidden)  # (from, to)
        self._begin = np.where([_may_follow("O", tag, scheme) for tag in tags], np.float32(0), forbidden)
        self._end = np.where([_may_follow(tag, "O", scheme) for tag in tags], np.float32(0), forbidden)

    def decode(self, scores: np.ndarray) -> np.ndarray:
        """The best sequence of tags, (T,), for scores (T, G): log-probabilities up to a constant for
        each word (Viterbi 1967)."""
        best = scores[0] + self._begin
        back = np.empty(scores.shape, dtype=np.int64)
        for t in range(1, len(scores)):
            through = best[:, None] + self._follow
            back[t] = through.argmax(axis=0)
            best = through.max(axis=0) + scores[t]
        path = np.empty(len(scores), dtype=np.int64)
        path[-1] = (best + self._end).argmax()
        for t in range(len(scores) - 1, 0, -1):
            path[t - 1] = back[t, path[t]]
        return path


def _regular(tag: str) -> str:
    """A tag of spans; O for any other."""
    return tag if _TAG.fullmatch(tag) else "O"


def _may_follow(first: str, second: str, scheme: Scheme) -> bool:
    """Whether `second` may follow `first`; a sentence begins after an O and ends before one."""
    first, second = _regular(first), _regular(second)
    inside = second[0] in "IE"  # the second continues a span, which the first must have open
    if scheme == "bio":
        return not inside or (first[0] in _OPEN and first[2:] == second[2:])
    opened = first[0] in _OPEN  # in BIOES an open span must continue
    return inside == opened and (not inside or first[2:] == second[2:])
