"""What a text copies word for word from a corpus: the longest stretches, and the share of it that occurs there.

The positions of the corpus are sorted once (`suffixes.py`), in blocks so that memory stays bounded, and kept in
the cache as a memory map of four bytes for each character. Answers are exact, also for stretches across
blocks: those overlap, and lengths are measured in the whole text. (Only which of several stretches of more
than 65,536 characters is the longest may be missed in texts of more than one block.)
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np

from lstmterm import atomic, paths, plain_data
from lstmterm.corpora import cache, suffixes
from lstmterm.corpora.corpus import Corpus

WINDOWS = (8, 16, 32)  # characters of the windows that are looked for
LEAST = 16  # characters of a span that is worth showing
MOST_UNASKED = 20_000_000  # characters of a corpus that is sorted where the user did not ask for it
_FORMAT = 1
_BLOCK = 1 << 22  # characters sorted at a time
_OVERLAP = 1 << 16
_LONG = 64  # characters up to which all positions of a text are looked up together
_LONGER, _FEW = 1024, 4096  # the same for positions of longer stretches, if there are no more than a few
_MOST_NEWLINES = 1 << 22  # characters in which newlines are counted at a time

OnSorted = Callable[[int, int], None]  # takes the characters that are sorted, and all


class Span(NamedTuple):
    """A stretch of a text that occurs in a corpus, and where it begins in both.

    It cannot be extended to either side.
    """

    start: int
    length: int
    position: int


@dataclass(frozen=True)
class Copying:
    """What a text copies: its longest span, the shares of its windows by their length, and its spans.

    A share is nan if the text is shorter than the window.
    """

    longest: Span | None
    shares: dict[int, float]
    spans: list[Span]

    def figures(self) -> dict[str, float]:
        """The length of the longest span, and the shares that are known, by name."""
        shares = {f"share_{size}": round(share, 6) for size, share in self.shares.items() if share == share}
        return {"longest": self.longest.length if self.longest else 0, **shares}


class CopyIndex:
    """Finds stretches of any text in a corpus, or in the part of it from `span[0]` to `span[1]`."""

    def __init__(self, corpus: Corpus, span: tuple[int, int], sorted_: np.ndarray) -> None:
        self.corpus = corpus
        self.span = span
        self._text = np.asarray(corpus.ids[slice(*span)])
        self._sorted = np.asarray(sorted_)

    @classmethod
    def of(
        cls,
        corpus: Corpus,
        span: tuple[int, int] | None = None,
        progress: OnSorted = lambda done, whole: None,
    ) -> Self:
        """The index of a corpus or a part of it, built if it is not kept or damaged. Raises `WriteError`."""
        span = span or (0, len(corpus))
        if found := cls.kept(corpus, span):
            return found
        key = _key(corpus, span)
        with cache.locked(key):
            return cls.kept(corpus, span) or cls(
                corpus, span, _built(key, corpus.ids[slice(*span)], progress)
            )

    @classmethod
    def kept(cls, corpus: Corpus, span: tuple[int, int]) -> Self | None:
        """The index if it has been built before."""
        array = _kept(_key(corpus, span), span)
        return None if array is None else cls(corpus, span, array)

    @classmethod
    def unasked(
        cls, corpus: Corpus, span: tuple[int, int], progress: OnSorted = lambda done, whole: None
    ) -> Self | None:
        """The index, or None if it is not kept and building it takes longer than some seconds."""
        return cls.kept(corpus, span) if cls.is_long(span) else cls.of(corpus, span, progress)

    @staticmethod
    def is_long(span: tuple[int, int]) -> bool:
        """Whether an index is only built when the user asks for it."""
        return span[1] - span[0] > MOST_UNASKED

    def spans(self, text: str, least: int = LEAST) -> list[Span]:
        """The spans of `text` of at least this length that the corpus has, in their order; they may overlap.

        Starts and lengths are in characters, in bytes for a corpus of bytes.
        """
        return self.copying(text, least).spans

    def share(self, text: str, n: int) -> float:
        """The share of the windows of `n` characters of `text` that the corpus has; nan for a shorter text."""
        ids = self.numbers(text)
        return _share(self.maximal(ids), len(ids), n)

    def copying(self, text: str, least: int = LEAST) -> Copying:
        """All of it at once."""
        ids = self.numbers(text)
        found = self.maximal(ids)
        longest = Span(*found[found[:, 1].argmax()].tolist()) if len(found) else None
        shown = found[found[:, 1] >= least].tolist()
        return Copying(
            longest, {n: _share(found, len(ids), n) for n in WINDOWS}, [Span(*each) for each in shown]
        )

    def numbers(self, text: str) -> np.ndarray:
        """The text's numbers, int64; a character that the vocabulary lacks matches nothing."""
        vocabulary = self.corpus.vocabulary
        ids = vocabulary.encode(text).astype(np.int64)
        ids[ids == vocabulary.unknown] += vocabulary.level == "char"
        return ids

    def maximal(self, ids: np.ndarray) -> np.ndarray:
        """All spans of `ids`, (K, 3), by their beginnings and so by their ends: from each position the longest stretch, without those within another."""
        most = _LONG
        lengths, places = self._matches(ids, np.arange(len(ids)), most)
        longer = np.flatnonzero(lengths == most)
        if 0 < len(longer) <= _FEW:  # a row of dashes has a stretch at each of its positions
            most = max(_LONGER, _LONG)
            lengths[longer], places[longer] = self._matches(ids, longer, most)
        before = np.concatenate([[0], lengths[:-1]]) if len(ids) else lengths
        first = np.flatnonzero((lengths > 0) & (lengths >= before) & (lengths < most))
        found = np.stack([first, lengths[first], places[first]], axis=1)
        long = lengths == most
        starts = np.flatnonzero(long & ~np.concatenate([[False], long[:-1]])) if len(ids) else first[:0]
        more = [span for start in starts.tolist() for span in self._long_from(ids, start, most)]
        if not more:
            return found
        both = np.concatenate([found, np.array(more, np.int64)])
        return both[np.argsort(both[:, 0])]

    def _matches(self, ids: np.ndarray, starts: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
        """The longest stretch from each of some positions, `most` characters of it, and where it stands."""
        lengths, places = np.zeros(len(starts), np.int64), np.zeros(len(starts), np.int64)
        for text, order, offset in self._blocks():
            block_lengths, found = suffixes.matches(text, order, ids, starts, most)
            better = block_lengths > lengths
            lengths = np.where(better, block_lengths, lengths)
            places = np.where(better, found + offset, places)
        return lengths, places

    def _long_from(self, ids: np.ndarray, start: int, most: int) -> Iterator[tuple[int, int, int]]:
        """The spans of at least `most` characters that follow each other from `start`, the beginning of the first.

        The next one after a span that ends at `stop` begins at the first position from which the character at
        `stop` is reached; from all positions after that one it is reached too.
        """
        while True:
            length, place = self._longest(ids[start:])
            yield start, length, place
            stop = start + length
            if stop == len(ids):
                return
            low, high = start + 1, stop - most + 2  # from `high` on, what reaches over `stop` may be short
            while low < high:
                middle = (low + high) // 2
                if middle + self._longest(ids[middle : stop + 1])[0] > stop:
                    high = middle
                else:
                    low = middle + 1
            if low == stop - most + 2:
                return
            start = low

    def _longest(self, wanted: np.ndarray) -> tuple[int, int]:
        found = (
            (length, place + offset)
            for text, order, offset in self._blocks()
            for length, place in (suffixes.longest_match(text, order, wanted),)
        )
        return max(found, key=lambda each: each[0])

    def _blocks(self) -> Iterator[tuple[np.ndarray, np.ndarray, int]]:
        """For each block: the text from there on, the order of its positions, and where it begins in the corpus."""
        done = 0
        for begin, stop in _cut(len(self._text)):
            order = self._sorted[done : done + stop - begin]
            done += stop - begin
            yield self._text[begin:], order, self.span[0] + begin

    def continues(self, span: Span, ids: np.ndarray) -> bool:
        """Whether the corpus has `ids` right after a stretch."""
        at = span.position - self.span[0] + span.length
        return np.array_equal(self._text[at : at + len(ids)], ids)

    def lines(self, spans: list[Span]) -> list[int]:
        """The line of the corpus in which each span begins, from 1."""
        positions = np.array([span.position for span in spans], np.int64)
        newline, ids = self.corpus.vocabulary.symbols.find("\n"), self.corpus.ids
        lines = np.ones(len(spans), np.int64)
        for at in range(0, int(positions.max(initial=0)), _MOST_NEWLINES):
            ends = np.flatnonzero(ids[at : at + _MOST_NEWLINES] == newline) + at
            lines += np.searchsorted(ends, positions)
        return lines.tolist()


def _share(found: np.ndarray, characters: int, n: int) -> float:
    """The share of the windows of `n` characters that lie within a span."""
    windows = characters - n + 1
    if windows < 1:
        return float("nan")
    change = np.zeros(windows + 1, np.int64)
    long = found[found[:, 1] >= n]
    np.add.at(change, long[:, 0], 1)
    np.add.at(change, long[:, 0] + long[:, 1] - n + 1, -1)
    return float((np.cumsum(change[:-1]) > 0).mean())


# Kept in the cache


def _cut(length: int) -> list[tuple[int, int]]:
    """The blocks, with their overlap."""
    return [(at, min(at + _BLOCK + _OVERLAP, length)) for at in range(0, length, _BLOCK)]


def _key(corpus: Corpus, span: tuple[int, int]) -> str:
    identity = json.dumps([_FORMAT, corpus.digest, span, _BLOCK, _OVERLAP])
    return hashlib.sha256(identity.encode()).hexdigest()[:40]


def _array(key: str) -> Path:
    return paths.encoded() / f"{key}.suffixes"


def _facts(key: str) -> Path:
    return paths.encoded() / f"{key}.suffixes.json"


@dataclass(frozen=True)
class _Facts:
    """What is true of a complete file, and of no other."""

    length: int
    modified_ns: int


def _kept(key: str, span: tuple[int, int]) -> np.ndarray | None:
    """The positions in order; None if they are missing, or the file is not as it was written."""
    length = sum(stop - begin for begin, stop in _cut(span[1] - span[0]))
    try:
        facts = plain_data.restored(_Facts, plain_data.read(_facts(key)))
        status = _array(key).stat()
        if (length, 4 * length, facts.modified_ns) != (facts.length, status.st_size, status.st_mtime_ns):
            return None
        return np.memmap(_array(key), dtype="<u4", mode="r", shape=(length,))
    except (OSError, ValueError):
        return None


def _built(key: str, ids: np.ndarray, progress: OnSorted) -> np.ndarray:
    """Sort the positions and keep them."""
    length = 0
    with atomic.writing(_array(key), 4 * len(ids)) as file:
        for begin, stop in _cut(len(ids)):
            progress(begin, len(ids))
            order: np.ndarray[Any, Any] = suffixes.suffix_array(np.asarray(ids[begin:stop])).astype("<u4")
            file.write(order.data)
            length += len(order)
    facts = {"length": length, "modified_ns": _array(key).stat().st_mtime_ns}
    atomic.write_text(_facts(key), json.dumps(facts))
    progress(len(ids), len(ids))
    array = _kept(key, (0, len(ids)))
    if array is None:
        raise OSError(f"The sorted text in {paths.encoded()} changed while it was written.")
    return array
