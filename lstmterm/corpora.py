"""Text in: from what a person names to an encoded, memory-mapped corpus, and its cut in splits.

A source is read in two passes of chunks: the first counts every character, which gives the
vocabulary, the second writes the numbers. The next time only the content is hashed and the numbers
are mapped. Memory does not grow with the text.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lstmterm.errors import InputError
from lstmterm.paths import is_file_argument
from lstmterm.spec import TextPart
from lstmterm.texts import builtin, encoded, encoding_text
from lstmterm.texts.decoding import Reading, check_encoding
from lstmterm.texts.documents import sha256_of
from lstmterm.texts.encoded import Encoded
from lstmterm.texts.encoding_text import Progress, Wanted
from lstmterm.texts.sources import Source, default_name, source_of, unpacked_suffix
from lstmterm.vocabulary import Level, Vocabulary

DEFAULT = builtin.DEFAULT  # the text when none is named


@dataclass(frozen=True)
class Corpus:
    """A text as numbers.

    `ids` has shape (n,), uint8, uint16 or uint32, read-only and mapped. `sha256` is the content's as
    stored. `notes` are sentences on what was detected, replaced and left out. `floor` is the exact
    entropy rate in nats per character where it is known.
    """

    name: str
    source: str
    ids: np.memmap
    vocabulary: Vocabulary
    sha256: str
    encoding: str
    notes: tuple[str, ...]
    floor: float | None = None
    stored_bytes: int | None = None  # the content's size, where it was read

    def __len__(self) -> int:
        return len(self.ids)

    def text(self, start: int, stop: int) -> str:
        """The characters from `start` up to `stop`; the unknown symbol is U+FFFD."""
        ids = self.ids[start:stop]
        if self.vocabulary.level == "byte":
            return ids.tobytes().decode("utf-8", "replace")
        codes = np.array([*map(ord, self.vocabulary.symbols), 0xFFFD], dtype="<u4")
        return codes[ids].tobytes().decode("utf-32-le")


@dataclass(frozen=True)
class Split:
    """Where a text is cut: (start, stop) positions in encoded characters."""

    train: tuple[int, int]
    val: tuple[int, int]
    test: tuple[int, int]


def cut(n: int, val: float, test: float, cap: int | None = 200_000) -> Split:
    """Train, validation and test in the order of a text of `n` characters.

    `val` and `test` are shares of it, floored, each at most `cap` characters (0 or None: no cap); a
    share of 0 gives an empty range. Raises `InputError` where a part would be too short to predict
    one character.
    """
    for name, share in (("--val", val), ("--test", test)):
        if not 0 <= share < 1:
            raise InputError(f"{name} is {share:g}; it is a share from 0 to below 1.")
    if val + test >= 1:
        raise InputError(f"--val {val:g} and --test {test:g} leave nothing to train on; make them smaller.")
    most = cap or n
    val_count, test_count = (min(math.floor(n * share), most) for share in (val, test))
    train_count = n - val_count - test_count
    for option, share, count in (("val", val, val_count), ("test", test, test_count)):
        if share > 0 and count < 2:
            raise InputError(
                f"The text has {n:,} characters, too few for --{option} {share:.3g} of it; "
                f"take a longer text, a larger share, or none at all (--{option} 0)."
            )
    if train_count < 2:
        raise InputError(f"The text has {n:,} characters, too few to learn from; take a longer one.")
    return Split((0, train_count), (train_count, train_count + val_count), (train_count + val_count, n))


def open_corpus(
    source: str,
    *,
    level: Level = "char",
    encoding: str | None = None,
    raw_newlines: bool = False,
    nfc: bool = False,
    glob: str | None = None,
    vocab_limit: int | None = None,
    progress: Progress | None = None,
    expected_sha256: str | None = None,
) -> Corpus:
    """The corpus that `source` names: a built-in, kept or fetched one, a file, a folder, or `-`.

    `vocab_limit` keeps that many of the most frequent characters. With `expected_sha256` the content
    has to be that one; if the source can no longer be read, its numbers from the cache will do.
    Raises `InputError` for what is missing, unreadable, binary, or too short.
    """
    wanted = Wanted(level, Reading(encoding, raw_newlines, nfc), vocab_limit, glob)
    _check(wanted)
    remembered = None if expected_sha256 is None else _remembered(source, wanted, expected_sha256)
    if source == "-" and remembered is not None:
        return remembered
    try:
        found = source_of(source, glob)
    except InputError:
        if remembered is None:
            raise
        return remembered
    watched = encoding_text.Watch(progress, found.stored)
    before = [document.stamp() for document in found.stored]
    sha256 = sha256_of(found.stored, watched.stage("reading"))
    _check_content(found, sha256, expected_sha256)
    key = encoded.key_of(sha256, wanted.options(found.unpacked))
    known = encoded.recall(key)
    if known is None:
        with encoded.making(key):
            known = encoded.recall(key) or encoding_text.encode(found, wanted, key, watched)
        if [document.stamp() for document in found.stored] != before:
            encoded.forget(key)
            raise InputError(
                f"{found.source} changed while it was read; try again when nothing writes to it."
            )
    return _corpus(found, sha256, known)


def open_text(text: TextPart, progress: Progress | None = None) -> Corpus:
    """The corpus of a spec's text; where the spec has its hash, exactly that content."""
    return open_corpus(
        text.source,
        level=text.level,
        encoding=text.encoding,
        raw_newlines=text.raw_newlines,
        nfc=text.nfc,
        glob=text.glob,
        vocab_limit=text.vocab_limit,
        progress=progress,
        expected_sha256=text.sha256,
    )


def _corpus(found: Source, sha256: str, known: Encoded) -> Corpus:
    facts = known.facts
    notes = found.notes + facts.notes
    sizes = [document.size for document in found.stored]
    stored = sum(size or 0 for size in sizes) if sizes and None not in sizes else None
    return Corpus(
        found.name,
        found.source,
        known.ids,
        facts.vocabulary,
        sha256,
        facts.encoding,
        notes,
        found.floor,
        stored,
    )


def _check(wanted: Wanted) -> None:
    if wanted.vocab_limit is not None and wanted.vocab_limit < 1:
        raise InputError(f"--vocab-limit is {wanted.vocab_limit}; it is at least 1.")
    if wanted.level == "byte" and (wanted.reading != Reading() or wanted.vocab_limit is not None):
        raise InputError(
            "--level byte takes the bytes as they are; --encoding, --raw-newlines, --nfc and --vocab-limit "
            "go with characters only."
        )
    if wanted.reading.encoding is not None:
        check_encoding(wanted.reading.encoding)


def _check_content(found: Source, sha256: str, expected: str | None) -> None:
    if found.expected_sha256 is not None and sha256 != found.expected_sha256:
        raise InputError(
            f"The kept text {found.name!r} is no longer what it was when it came here; "
            f"`lstmterm corpora remove {found.name}`, then fetch or add it again."
        )
    if expected is not None and sha256 != expected:
        raise InputError(
            f"{found.source} is not the text that it was (its SHA-256 begins with {sha256[:12]}, not {expected[:12]}); "
            "put the text back as it was, or begin anew with this one."
        )


def _remembered(source: str, wanted: Wanted, sha256: str) -> Corpus | None:
    is_file = is_file_argument(source)
    suffix = unpacked_suffix(Path(source)) if is_file else ""
    known = encoded.recall(encoded.key_of(sha256, wanted.options(suffix)))
    if known is None:
        return None
    name = default_name(Path(source)) if is_file else {"-": "stdin"}.get(source, source)
    note = "This is the text as it was read earlier, from the cache."
    return _corpus(Source(name, source, (), list, notes=(note,)), sha256, known)
