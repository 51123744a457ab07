"""Encode a text: one pass counts its characters, the next writes their numbers to the cache."""

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np

from lstmterm.corpora import cache
from lstmterm.corpora.cache import Encoded, Facts
from lstmterm.corpora.decoding import DecodeOptions, utf8_of
from lstmterm.corpora.documents import Document, OnBytes, OnProgress, ignore
from lstmterm.corpora.sources import Source
from lstmterm.corpora.text import Text
from lstmterm.corpora.vocabulary import Vocabulary, codes_of
from lstmterm.errors import InputError
from lstmterm.spec.character import TextPart

_PIECE = 1 << 18  # characters encoded at a time
_CODE_POINTS = 0x110000


class Stages:
    """Reports the progress of each stage of reading a text."""

    def __init__(self, progress: OnProgress | None, originals: Sequence[Document]) -> None:
        self._progress = progress
        self._originals = originals

    def start(self, name: str, documents: Sequence[Document] | None = None) -> OnBytes:
        """Start a stage that reads `documents`: a callback for the bytes that it reads."""
        if self._progress is None:
            return ignore
        progress, done = self._progress, 0
        sizes = [document.size for document in (self._originals if documents is None else documents)]
        total = None if None in sizes else sum(size or 0 for size in sizes)

        def seen(count: int) -> None:
            nonlocal done
            done += count
            progress(name, done, total)

        return seen


def encode(found: Source, text: TextPart, key: str, stages: Stages) -> Encoded:
    """Read the source and store its numbers in the cache as entry `key`."""
    if text.level == "byte":
        return _encode_bytes(found, key, stages)
    options = DecodeOptions(text.encoding, text.raw_newlines, text.nfc)
    whole = Text(found.source, found.documents(), options)
    counts = _count(whole.pieces(stages.start("counting", whole.documents)))
    notes = whole.notes()
    total = int(counts.sum())
    _refuse_short(found, total, "character")
    vocabulary, dropped = _vocabulary(counts, text.vocab_limit)
    if dropped:
        notes.append(dropped)
    highest = vocabulary.unknown if dropped else len(vocabulary) - 1
    numbers = (
        vocabulary.encode_codes(codes)
        for codes in _codes(whole.pieces(stages.start("encoding", whole.documents)))
    )
    return cache.store(
        key, numbers, np.min_scalar_type(highest), Facts(vocabulary, whole.encoding, tuple(notes))
    )


def _encode_bytes(found: Source, key: str, stages: Stages) -> Encoded:
    chosen = found.documents()
    beginning = (chunk for document in chosen for chunk in utf8_of(document) if chunk)
    _refuse_short(found, sum(map(len, islice(beginning, 2))), "byte")
    seen = stages.start("encoding", chosen)
    chunks = (chunk for document in chosen for chunk in utf8_of(document, seen))
    numbers = (np.frombuffer(chunk, dtype=np.uint8) for chunk in chunks)
    return cache.store(key, numbers, np.dtype(np.uint8), Facts(Vocabulary.bytes(), "bytes", ()))


def _refuse_short(found: Source, length: int, unit: str) -> None:
    """Raise `InputError` for a text in which nothing can be predicted."""
    if length < 2:
        what = "is empty" if length == 0 else f"has only one {unit}"
        raise InputError(f"The text of {found.source} {what}; it must have at least two {unit}s.")


def _codes(pieces: Iterator[str]) -> Iterator[np.ndarray]:
    """Code points, arrays of shape (up to `_PIECE`,); lone surrogates become U+FFFD."""
    for piece in pieces:
        for start in range(0, len(piece), _PIECE):
            codes = codes_of(piece[start : start + _PIECE])
            if codes.max() >= 0xD800:
                codes = np.where((codes >= 0xD800) & (codes < 0xE000), np.uint32(0xFFFD), codes)
            yield codes


def _count(pieces: Iterator[str]) -> np.ndarray:
    """How often each code point occurs, shape (0x110000,)."""
    counts = np.zeros(_CODE_POINTS, dtype=np.int64)
    for codes in _codes(pieces):
        counted = np.bincount(codes)
        counts[: len(counted)] += counted
    return counts


def _vocabulary(counts: np.ndarray, limit: int | None) -> tuple[Vocabulary, str | None]:
    """The characters that occur, by code point, and a sentence on those that the limit leaves out."""
    codes, sentence = np.flatnonzero(counts), None
    if limit is not None and len(codes) > limit:
        by_count = codes[np.argsort(-counts[codes], kind="stable")]  # ties by code point
        codes, dropped = np.sort(by_count[:limit]), by_count[limit:]
        lost = int(counts[dropped].sum())
        sentence = (
            f"--vocab-limit {limit:,} leaves out the {len(dropped):,} rarest characters: "
            f"{lost:,} in the text ({lost / counts.sum():.3%}) become the unknown character."
        )
    return Vocabulary("".join(map(chr, codes.tolist()))), sentence
