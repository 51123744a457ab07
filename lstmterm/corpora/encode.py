"""Encode a text: one pass counts its characters, the next writes their numbers to the cache."""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from lstmterm.corpora import cache
from lstmterm.corpora.cache import Encoded, Facts
from lstmterm.corpora.decoding import (
    Changes,
    DecodeOptions,
    Encoding,
    NotTextError,
    encoding_of,
    text_of,
    utf8_of,
)
from lstmterm.corpora.documents import Document, OnBytes, OnProgress, ignore
from lstmterm.corpora.sources import Source, left_out
from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.errors import InputError
from lstmterm.spec.character import TextPart

_PIECE = 1 << 18  # characters encoded at a time
_CODE_POINTS = 0x110000
_SHOWN = 3  # names listed in a note


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
    whole = _Text(found, options, stages)
    counts = _count(whole.pieces("counting"))
    notes = whole.notes()
    total = int(counts.sum())
    if total < 2:
        what = "is empty" if total == 0 else "has only one character"
        raise InputError(f"The text of {found.source} {what}; there is nothing to learn from it.")
    vocabulary, dropped = _vocabulary(counts, text.vocab_limit)
    if dropped:
        notes.append(dropped)
    highest = vocabulary.unknown if dropped else len(vocabulary) - 1
    numbers = (vocabulary.encode_codes(codes) for codes in _codes(whole.pieces("encoding")))
    return cache.store(
        key, numbers, np.min_scalar_type(highest), Facts(vocabulary, whole.encoding, tuple(notes))
    )


def _encode_bytes(found: Source, key: str, stages: Stages) -> Encoded:
    chosen = found.documents()
    if not any(chunk for document in chosen for chunk in utf8_of(document)):
        raise InputError(f"{found.source} is empty; there is nothing to learn from it.")
    seen = stages.start("encoding", chosen)
    chunks = (chunk for document in chosen for chunk in utf8_of(document, seen))
    numbers = (np.frombuffer(chunk, dtype=np.uint8) for chunk in chunks)
    return cache.store(key, numbers, np.dtype(np.uint8), Facts(Vocabulary.bytes(), "bytes", ()))


class _Text:
    """The text of a source's documents; it can be read several times."""

    def __init__(self, found: Source, options: DecodeOptions, stages: Stages) -> None:
        self._options, self._stages = options, stages
        self._parts: list[tuple[Document, Encoding]] = []
        self._binary: list[str] = []
        self._changes = Changes()
        opened = found.documents()
        for document in opened:
            try:
                self._parts.append((document, encoding_of(document, options.encoding)))
            except NotTextError:
                if len(opened) == 1:
                    raise
                self._binary.append(document.name)
        if not self._parts:
            raise NotTextError(
                f"{found.source} has only binary files; --level byte reads the bytes of any file."
            )

    @property
    def encoding(self) -> str:
        """The encoding of all documents, or "mixed"."""
        names = {encoding.shown for _, encoding in self._parts}
        return names.pop() if len(names) == 1 else "mixed"

    def pieces(self, stage: str) -> Iterator[str]:
        """The text in pieces; a newline is added between documents where there is none."""
        self._changes = Changes()
        seen = self._stages.start(stage, [document for document, _ in self._parts])
        end = ""
        for document, encoding in self._parts:
            if end and end != "\n":
                yield "\n"
            for piece in text_of(document, encoding, self._options, self._changes, seen):
                end = piece[-1:] or end
                yield piece

    def notes(self) -> list[str]:
        """Sentences on how the documents were read in the last pass."""
        return [*_encoding_notes(self._parts), *self._changes.notes(), *_binary_notes(self._binary)]


def _encoding_notes(parts: list[tuple[Document, Encoding]]) -> Iterator[str]:
    hows = Counter((encoding.how, encoding.shown) for _, encoding in parts)
    for (how, name), count in sorted(hows.items()):
        of = "" if len(parts) == 1 else f" of {count:,} of {len(parts):,} files"
        if how == "detected":
            yield f"The encoding{of} was detected as {name}; --encoding NAME sets another."
        elif how == "mark":
            yield f"The encoding{of} is {name}, as its byte order mark says; the mark was left out."
        elif how == "damaged":
            yield f"The encoding{of} appears to be {name} with damaged parts; --encoding NAME sets another."


def _binary_notes(names: list[str]) -> Iterator[str]:
    if names:
        shown = ", ".join(names[:_SHOWN]) + (" and others" if len(names) > _SHOWN else "")
        yield f"{left_out(len(names), 'binary file')}: {shown}."


def _codes(pieces: Iterator[str]) -> Iterator[np.ndarray]:
    """Code points, arrays of shape (up to `_PIECE`,); lone surrogates become U+FFFD."""
    for piece in pieces:
        for start in range(0, len(piece), _PIECE):
            codes = np.frombuffer(
                piece[start : start + _PIECE].encode("utf-32-le", "surrogatepass"), dtype="<u4"
            )
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
