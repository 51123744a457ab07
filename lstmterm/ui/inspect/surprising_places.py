"""The words and lines of a text that surprise a model most, and how the bits of its characters are distributed."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from lstmterm.infer.features import WORD
from lstmterm.ui.inspect.surprised_text import Sum, SurprisedText

MOST = 200  # places in a list
HIGHEST = 10  # bits; the last bar of the histogram has all characters of more
_SHORTEST_LINE = 5  # characters, newline included: the mean of less says little


class Place(NamedTuple):
    """A stretch of the text, from start to end, in line number `line` (from 1), and its bits."""

    start: int
    end: int
    line: int
    total: Sum


class Sums(NamedTuple):
    """How many there are of something, and how many bits each has on average; nan without any."""

    number: int
    mean: float


def words(found: SurprisedText) -> list[Place]:
    """The words with the most bits, the most surprising first; a word that occurs again counts once."""
    text = found.text
    seen: set[str] = set()
    chosen: list[tuple[int, int]] = []
    for start, end in _by_bits(found, _spans_of_words(found)):
        word = text[start:end].casefold()
        if word not in seen:
            seen.add(word)
            chosen.append((start, end))
            if len(chosen) == MOST:
                break
    return _places(found, chosen)


def lines(found: SurprisedText) -> list[Place]:
    """The lines with the most bits per character, the most surprising first."""
    spans = [(start, end) for start, end in _spans_of_lines(found) if end - start >= _SHORTEST_LINE]
    spans = [span for span in spans if found.total(*span).chars]
    spans.sort(key=lambda span: -found.total(*span).mean)
    return _places(found, spans[:MOST])


def sums(found: SurprisedText) -> dict[str, Sums]:
    """Of the characters, the words and the lines that were predicted."""
    kinds = {"words": _spans_of_words(found), "lines": _spans_of_lines(found)}
    total = found.total()
    of_kinds = {"characters": Sums(total.chars, total.mean)}
    for kind, spans in kinds.items():
        bits = [total.bits for span in spans if (total := found.total(*span)).chars]
        of_kinds[kind] = Sums(len(bits), float(np.mean(bits)) if bits else float("nan"))
    return of_kinds


def histogram(found: SurprisedText) -> np.ndarray:
    """How many characters have less than 1 bit, 1 to 2, ..., and `HIGHEST` and more: (HIGHEST + 1,)."""
    bits = found.bits[np.isfinite(found.bits)]
    return np.bincount(np.clip(bits, 0, HIGHEST).astype(int), minlength=HIGHEST + 1)


def _spans_of_words(found: SurprisedText) -> Iterable[tuple[int, int]]:
    return (match.span() for match in WORD.finditer(found.text))


def _spans_of_lines(found: SurprisedText) -> Iterable[tuple[int, int]]:
    start = 0
    for line in found.text.split("\n"):
        end = min(start + len(line) + 1, len(found.text))
        if end > start:
            yield start, end
        start = end


def _by_bits(found: SurprisedText, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    known = [span for span in spans if found.total(*span).chars]
    return sorted(known, key=lambda span: -found.total(*span).bits)


def _places(found: SurprisedText, spans: list[tuple[int, int]]) -> list[Place]:
    ends = np.array([at for at, character in enumerate(found.text) if character == "\n"], int)
    return [
        Place(start, end, 1 + int(np.searchsorted(ends, start)), found.total(start, end))
        for start, end in spans
    ]
