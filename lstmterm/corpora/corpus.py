"""A corpus: a text as numbers, opened by a name, a path, or `-`.

The text is read in two passes of chunks: the first counts every character, which gives the
vocabulary, the second writes the numbers to the cache. The next time the content is only hashed and
the numbers are mapped. Memory does not grow with the text.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lstmterm.corpora import cache, encode, stored
from lstmterm.corpora.cache import Encoded
from lstmterm.corpora.detecting import given_encoding
from lstmterm.corpora.documents import OnProgress, sha256_of
from lstmterm.corpora.readers import format_of
from lstmterm.corpora.sources import Source, default_name, source_of
from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.errors import InputError
from lstmterm.paths import is_file_argument
from lstmterm.spec.character import READING, TextPart


@dataclass(frozen=True)
class Corpus:
    """A text as numbers.

    `ids` has shape (n,), dtype uint8, uint16 or uint32, and is a read-only memory map. `sha256` is the
    hash of the stored content, `digest` that of the numbers and the vocabulary. `notes` are sentences on what was detected, replaced and left out.
    `floor` is the exact entropy rate in nats per character where it is known.
    """

    name: str
    source: str
    ids: np.memmap
    vocabulary: Vocabulary
    sha256: str
    digest: str
    encoding: str
    notes: tuple[str, ...]
    floor: float | None = None
    stored_bytes: int | None = None  # size of the stored content, if known

    def __len__(self) -> int:
        return len(self.ids)

    def text(self, start: int, stop: int) -> str:
        """The characters from `start` up to `stop`; the unknown character is U+FFFD."""
        return self.vocabulary.decode(self.ids[start:stop])


def open_corpus(source: str, progress: OnProgress | None = None, **reading: Any) -> Corpus:
    """As `open_text`; `reading` are the fields of `TextPart` that say how to read the source."""
    return open_text(TextPart(source=source, name="", **reading), progress)


def open_text(text: TextPart, progress: OnProgress | None = None) -> Corpus:
    """Open a text: a built-in, added or fetched one by its name, a file, a folder, or `-`.

    Where `text` has hashes, the content and its numbers must match them; if the source can no longer be
    read, its numbers in the cache are used. Raises `InputError` if the text is missing, unreadable, binary, or too short.
    """
    corpus = _open(text, progress)
    if text.digest not in (None, corpus.digest):
        raise InputError(
            f"{corpus.source} is unchanged, but this version of lstmterm reads another text from it, so that "
            "training cannot be resumed exactly; start a new run."
        )
    return corpus


def _open(text: TextPart, progress: OnProgress | None) -> Corpus:
    _check(text)
    cached = None if text.sha256 is None else _from_cache(text, text.sha256)
    if text.source == "-" and cached is not None:
        return cached
    try:
        found = source_of(text.source, text.glob)
    except InputError:
        if cached is None:
            raise
        return cached
    stages = encode.Stages(progress, found.originals)
    before = [document.stamp() for document in found.originals]
    sha256 = sha256_of(found.originals, stages.start("reading"))
    _check_content(found, sha256, text.sha256)
    key = _key(text, sha256, found.unpacked)
    encoded = cache.load(key)
    if encoded is None:
        with cache.locked(key):
            encoded = cache.load(key) or encode.encode(found, text, key, stages)
            if [document.stamp() for document in found.originals] != before:
                cache.remove(key)
                raise InputError(
                    f"{found.source} changed while it was read; try again when nothing writes to it."
                )
    return _corpus(found, sha256, encoded)


def _corpus(found: Source, sha256: str, encoded: Encoded) -> Corpus:
    facts = encoded.facts
    sizes = [document.size for document in found.originals]
    return Corpus(
        found.name,
        found.source,
        encoded.ids,
        facts.vocabulary,
        sha256,
        encoded.digest,
        facts.encoding,
        found.notes + facts.notes,
        found.floor,
        sum(size or 0 for size in sizes) if sizes and None not in sizes else None,
    )


def _check(text: TextPart) -> None:
    if text.level == "byte" and (text.encoding or text.raw_newlines or text.nfc or text.vocab_limit):
        raise InputError(
            "--level byte reads the bytes as they are; it cannot be combined with --encoding, "
            "--raw-newlines, --nfc or --vocab-limit."
        )
    if text.encoding is not None:
        given_encoding(text.encoding)


def _key(text: TextPart, sha256: str, unpacked: str) -> str:
    """The cache's key of a text with this content, unpacked from this format."""
    return cache.key_of(sha256, {"unpacked": unpacked} | {name: getattr(text, name) for name in READING})


def _check_content(found: Source, sha256: str, expected: str | None) -> None:
    if len(found.originals) == 1 and (path := found.originals[0].path) is not None:
        stored.refuse_changed(path, sha256)
    if expected is not None and sha256 != expected:
        raise InputError(
            f"{found.source} has changed (its SHA-256 begins with {sha256[:12]}, "
            f"not {expected[:12]}); restore the original (--text FILE reads it from elsewhere)."
        )


def _from_cache(text: TextPart, sha256: str) -> Corpus | None:
    source = text.source
    is_file = is_file_argument(source)
    encoded = cache.load(_key(text, sha256, format_of(Path(source)) if is_file else ""))
    if encoded is None:
        return None
    note = "The text was loaded from the cache; its source cannot be read any more."
    return _corpus(Source(default_name(source), source, (), list, notes=(note,)), sha256, encoded)
