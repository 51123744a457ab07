"""Decoding: turn the bytes of a document into characters, piece by piece.

`detecting` says which encodings there are; here is what it takes to find the one of a whole document.
"""

import codecs
import itertools
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lstmterm.amounts import plural
from lstmterm.corpora import detecting
from lstmterm.corpora.detecting import Encoding, NotTextError
from lstmterm.corpora.documents import Document, OnBytes, ignore
from lstmterm.corpora.guessing import SAMPLE
from lstmterm.corpora.normalising import Composed, LineEnds
from lstmterm.errors import InputError


@dataclass(frozen=True)
class DecodeOptions:
    """How documents are decoded and normalised."""

    encoding: str | None = None
    raw_newlines: bool = False
    nfc: bool = False
    keep_mark: bool = False  # of UTF-8, as the character U+FEFF


@dataclass
class Changes:
    """Counts of what was changed while decoding."""

    replaced: int = 0  # undecodable sequences that became U+FFFD
    crlf: int = 0
    cr: int = 0
    composed: bool = False
    composed_by: int = 0  # characters that NFC saved

    def notes(self) -> list[str]:
        """A sentence for each kind of change."""
        notes = []
        if self.replaced:
            places = plural(self.replaced, "place")
            notes.append(f"{places} could not be decoded and became U+FFFD.")
        ends = [f"{count:,} {name}" for count, name in ((self.crlf, "CRLF"), (self.cr, "CR")) if count]
        if ends:
            notes.append(f"{' and '.join(ends)} line endings became LF (--raw-newlines keeps them).")
        if self.composed:
            notes.append(f"Normalising to NFC shortened the text by {plural(self.composed_by, 'character')}.")
        return notes


def encoding_of(document: Document, given: str | None = None) -> Encoding:
    """The encoding of `document`. Raises `NotTextError` if it is binary or its encoding cannot be detected."""
    if (given := document.encoding or given) is not None:
        return detecting.given_encoding(given)
    start = next(document.chunks(), b"")
    whole = document.size is not None and len(start) == document.size
    if found := detecting.by_head(document.shown, start, whole):
        return found
    strict = codecs.getincrementaldecoder("utf-8")("strict")
    before = b""
    try:
        for chunk in document.chunks():
            strict.decode(chunk)
            before = chunk[-SAMPLE:]
        strict.decode(b"", True)
    except UnicodeDecodeError as error:
        if is_damaged_utf8(document.chunks()):
            return detecting.DAMAGED_UTF8
        sample = _whole_lines(before + error.object, len(before) + error.start)
        return detecting.by_guess(sample)
    return detecting.UTF8


def is_damaged_utf8(chunks: Iterable[bytes]) -> bool:
    """Whether valid sequences of UTF-8 outnumber invalid ones by more than any other encoding would allow.

    In Chinese and the like, bytes are valid UTF-8 by chance; in texts with isolated bytes beyond ASCII they
    hardly are.
    """
    changes = Changes()
    good = total = 0
    for piece in decoded(chunks, "utf-8", changes):
        total += len(piece)
        good += len(piece) - len(piece.encode("ascii", "ignore"))
    good -= changes.replaced
    return good > 20 * changes.replaced or (good >= changes.replaced and good < total / 5)


def _whole_lines(data: bytes, bad: int) -> bytes:
    """Part of `data` around the position `bad`, from the start of a line if possible."""
    start = max(0, bad - SAMPLE // 4)
    line = data.find(b"\n", start, bad)
    return data[line + 1 if line >= 0 else start :][:SAMPLE]


def decoded(chunks: Iterable[bytes], codec: str, changes: Changes) -> Iterator[str]:
    """The characters of `chunks`, in pieces; undecodable bytes become U+FFFD and are counted."""
    decoder = codecs.getincrementaldecoder(codec)(_REPLACING)
    for chunk in itertools.chain(chunks, [b""]):  # the last is empty
        _replacements.count = 0
        try:
            piece = decoder.decode(chunk, not chunk)
        except UnicodeError as error:
            raise InputError(
                f"The text cannot be decoded: {error}. Choose another encoding (--encoding)."
            ) from None
        changes.replaced += _replacements.count
        yield piece


_REPLACING = "lstmterm.replacing"
_replacements = threading.local()


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    _replacements.count += 1
    return "\ufffd", error.end


codecs.register_error(_REPLACING, _replace)


def text_of(
    document: Document, encoding: Encoding, options: DecodeOptions, changes: Changes, seen: OnBytes = ignore
) -> Iterator[str]:
    """The document's text, decoded, plain and normalised, in pieces that may be empty."""
    keeps = options.keep_mark and encoding.codec == "utf-8-sig"
    pieces = decoded(document.chunks(seen), "utf-8" if keeps else encoding.codec, changes)
    if document.to_plain is not None:
        pieces = iter([document.to_plain("".join(pieces))])
    yield from normalised(pieces, options, changes)


def whole_text(document: Document, seen: OnBytes = ignore) -> str:
    """The whole text of a document in its own encoding."""
    return "".join(text_of(document, encoding_of(document), DecodeOptions(), Changes(), seen))


def utf8_of(document: Document, seen: OnBytes = ignore) -> Iterable[bytes]:
    """A document's bytes as they are, or those of its text if it has markup.

    Raises `InputError` if it has markup and is not a text.
    """
    if document.to_plain is None:
        return document.chunks(seen)
    try:
        return [whole_text(document, seen).encode()]
    except NotTextError:
        raise InputError(f"{document.name} is damaged: it is not text, which its format requires.") from None


def normalised(pieces: Iterable[str], options: DecodeOptions, changes: Changes) -> Iterator[str]:
    """The text of `pieces` with LF line endings and in NFC, as `options` say."""
    ends, composed = LineEnds(), Composed()
    stages = [*([] if options.raw_newlines else [ends]), *([composed] if options.nfc else [])]
    for piece in pieces:
        for stage in stages:
            piece = stage.feed(piece, last=False)
        yield piece
    piece = ""
    for stage in stages:
        piece = stage.feed(piece, last=True)
    yield piece
    changes.crlf += ends.crlf
    changes.cr += ends.cr
    changes.composed |= composed.changed
    changes.composed_by += composed.shorter_by
