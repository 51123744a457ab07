"""Text in: from what a person names to an encoded, memory-mapped corpus, and its cut in splits.

A source is read in two passes of chunks: the first counts every character, which gives the
vocabulary, the second writes the numbers. The next time only the content is hashed and the numbers
are mapped. Memory does not grow with the text.
"""

from pathlib import Path

from lstmterm.corpora import builtin, encoded, encoding_text
from lstmterm.corpora.corpus import Corpus
from lstmterm.corpora.decoding import Reading, check_encoding
from lstmterm.corpora.documents import sha256_of
from lstmterm.corpora.encoded import Encoded
from lstmterm.corpora.encoding_text import Progress, Wanted
from lstmterm.corpora.sources import Source, default_name, source_of, unpacked_suffix
from lstmterm.corpora.vocabulary import Level
from lstmterm.errors import InputError
from lstmterm.paths import is_file_argument
from lstmterm.spec.character import TextPart

DEFAULT = builtin.DEFAULT  # the text when none is named


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
