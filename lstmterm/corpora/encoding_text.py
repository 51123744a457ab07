"""A source's text becomes numbers: one pass counts its characters, one writes them as numbers."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lstmterm.corpora import encoded
from lstmterm.corpora.decoding import Changes, Encoding, NotTextError, Reading, encoding_of, text_of
from lstmterm.corpora.documents import Document, Seen, ignore
from lstmterm.corpora.encoded import Encoded, Facts
from lstmterm.corpora.sources import Source
from lstmterm.corpora.vocabulary import Level, Vocabulary
from lstmterm.errors import InputError

Progress = Callable[[str, int, int | None], None]  # the stage, its bytes so far, its bytes in all if known
_PIECE = 1 << 18  # characters turned into numbers at a time
_CODE_POINTS = 0x110000
_SHOWN = 3  # names in a note


@dataclass(frozen=True)
class Wanted:
    """How a text is to be read and numbered."""

    level: Level
    reading: Reading
    vocab_limit: int | None
    glob: str | None

    def options(self, unpacked: str) -> dict[str, Any]:
        """What beside the content decides the numbers, as plain data."""
        return {
            "level": self.level,
            "vocab_limit": self.vocab_limit,
            "glob": self.glob,
            "unpacked": unpacked,
        } | vars(self.reading)


class Watch:
    """Tells whoever wants to know how far each stage of the reading is."""

    def __init__(self, progress: Progress | None, stored: Sequence[Document]) -> None:
        self._progress = progress
        self._sizes = stored

    def stage(self, name: str, documents: Sequence[Document] | None = None) -> Seen:
        """What is to be told the bytes that go by in a stage that reads `documents`."""
        if self._progress is None:
            return ignore
        progress, done = self._progress, 0
        sizes = [document.size for document in (self._sizes if documents is None else documents)]
        total = None if None in sizes else sum(size or 0 for size in sizes)

        def seen(count: int) -> None:
            nonlocal done
            done += count
            progress(name, done, total)

        return seen


def encode(found: Source, wanted: Wanted, key: str, watch: Watch) -> Encoded:
    """Read the source, and keep its numbers as the cache's entry `key`."""
    if wanted.level == "byte":
        return _encode_bytes(found, key, watch)
    text = _Text(found, wanted.reading, watch)
    counts = _count(text.pieces("counting"))
    notes = text.notes()
    total = int(counts.sum())
    if total < 2:
        what = "is empty" if total == 0 else "has one character only"
        raise InputError(f"The text of {found.source} {what}; there is nothing to learn from it.")
    vocabulary, dropped = _vocabulary(counts, wanted.vocab_limit)
    if dropped:
        notes.append(dropped)
    highest = vocabulary.unknown if dropped else len(vocabulary) - 1
    numbers = (vocabulary.encode_codes(codes) for codes in _codes(text.pieces("encoding")))
    return encoded.keep(
        key, numbers, np.min_scalar_type(highest), lambda: Facts(vocabulary, text.encoding, tuple(notes))
    )


def _encode_bytes(found: Source, key: str, watch: Watch) -> Encoded:
    chosen = found.documents()
    if not any(chunk for document in chosen for chunk in document.chunks()):
        raise InputError(f"{found.source} is empty; there is nothing to learn from it.")
    seen = watch.stage("encoding", chosen)
    chunks = (chunk for document in chosen for chunk in document.chunks(seen))
    numbers = (np.frombuffer(chunk, dtype=np.uint8) for chunk in chunks)
    return encoded.keep(key, numbers, np.dtype(np.uint8), lambda: Facts(Vocabulary.bytes(), "bytes", ()))


class _Text:
    """The text of a source's documents, which can be read again and again."""

    def __init__(self, found: Source, reading: Reading, watch: Watch) -> None:
        self._reading, self._watch = reading, watch
        self._parts: list[tuple[Document, Encoding]] = []
        self._binary: list[str] = []
        self._changes = Changes()
        opened = found.documents()
        for document in opened:
            try:
                self._parts.append((document, encoding_of(document, reading.encoding)))
            except NotTextError:
                if len(opened) == 1:
                    raise
                self._binary.append(document.name)
        if not self._parts:
            raise NotTextError(
                f"{found.source} holds no text but binary files only; --level byte learns the bytes of anything."
            )

    @property
    def encoding(self) -> str:
        """The encoding of all documents, or "mixed"."""
        names = {encoding.shown for _, encoding in self._parts}
        return names.pop() if len(names) == 1 else "mixed"

    def pieces(self, stage: str) -> Iterator[str]:
        """The text in pieces; every document but the last ends with a newline, added where it lacks one."""
        self._changes = Changes()
        seen = self._watch.stage(stage, [document for document, _ in self._parts])
        end = ""
        for document, encoding in self._parts:
            if end and end != "\n":
                yield "\n"
            for piece in text_of(document, encoding, self._reading, self._changes, seen):
                end = piece[-1:] or end
                yield piece

    def notes(self) -> list[str]:
        """Sentences on how the documents were read the last time."""
        return [*_encoding_notes(self._parts), *self._changes.notes(), *_binary_notes(self._binary)]


def _encoding_notes(parts: list[tuple[Document, Encoding]]) -> Iterator[str]:
    hows = Counter((encoding.how, encoding.shown) for _, encoding in parts)
    for (how, name), count in sorted(hows.items()):
        of = "" if len(parts) == 1 else f" of {count:,} of {len(parts):,} files"
        if how == "detected":
            yield f"The encoding{of} was detected as {name}; --encoding NAME sets another."
        elif how == "mark":
            yield f"The encoding{of} is {name} by a byte order mark, which was left out."
        elif how == "damaged":
            yield f"The encoding{of} is taken to be {name} in spite of damaged places; --encoding NAME sets another."


def _binary_notes(names: list[str]) -> Iterator[str]:
    if names:
        shown = ", ".join(names[:_SHOWN]) + (", and others" if len(names) > _SHOWN else "")
        yield f"{len(names):,} binary {'file was' if len(names) == 1 else 'files were'} left out: {shown}."


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
    """The characters that occur, in the order of their code points, and a sentence on those beyond the limit."""
    codes = np.flatnonzero(counts)
    if limit is None or len(codes) <= limit:
        return _of_codes(codes), None
    by_count = codes[np.argsort(-counts[codes], kind="stable")]  # ties by code point
    dropped = by_count[limit:]
    share = counts[dropped].sum() / counts.sum()
    sentence = (
        f"--vocab-limit {limit:,} leaves out the {len(dropped):,} rarest characters: "
        f"{int(counts[dropped].sum()):,} in the text ({share:.3%}) count as unknown."
    )
    return _of_codes(np.sort(by_count[:limit])), sentence


def _of_codes(codes: np.ndarray) -> Vocabulary:
    return Vocabulary("".join(map(chr, codes.tolist())))
