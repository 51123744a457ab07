"""Decoding: find the encoding of a document, and turn its bytes into characters, piece by piece.

The encoding is the one given, else what a byte order mark says, else UTF-8 if all bytes are valid,
else charset-normalizer's guess from a sample. Binary files are recognised and refused here.
"""

import codecs
import itertools
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lstmterm.amounts import plural
from lstmterm.corpora.documents import Document, OnBytes, ignore
from lstmterm.corpora.normalising import Composed, LineEnds
from lstmterm.errors import InputError

_SAMPLE = 1 << 18  # bytes from which an encoding is guessed
_HEAD = 1 << 16  # bytes that are checked for being text
_MOST_NULS = 0.001  # share of NULs in the head of a text
_MOST_CONTROLS = 0.02  # share of control characters
_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\v\f\r\b\x1b")) + b"\x7f"
_MARKS = (  # the longer of two with the same beginning comes first
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class NotTextError(InputError):
    """A binary document, or one whose encoding is unknown."""


@dataclass(frozen=True)
class Encoding:
    """The encoding of a document, and how it was found."""

    codec: str
    how: str  # "given", "mark", "valid", "damaged" or "detected"

    @property
    def shown(self) -> str:
        """The encoding's usual name."""
        return {"utf-8-sig": "utf-8", "cp1252": "windows-1252", "cp1251": "windows-1251"}.get(
            self.codec, self.codec.replace("_", "-")
        )


@dataclass(frozen=True)
class DecodeOptions:
    """How documents are decoded and normalised."""

    encoding: str | None = None
    raw_newlines: bool = False
    nfc: bool = False


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


def check_encoding(name: str) -> None:
    """Raises `InputError` unless `name` is an encoding of text."""
    try:
        codec = codecs.lookup(name)
        if not codec._is_text_encoding or codec.incrementaldecoder is None:  # type: ignore[attr-defined]
            raise LookupError
        codec.incrementaldecoder("strict").decode(b"", True)
    except (LookupError, ValueError):
        raise InputError(
            f"--encoding {name!r} is not a known text encoding; examples are utf-8, cp1252 and gb18030."
        ) from None


def encoding_of(document: Document, given: str | None = None) -> Encoding:
    """The encoding of `document`. Raises `NotTextError` if it is binary or its encoding cannot be detected."""
    if (given := document.encoding or given) is not None:
        check_encoding(given)
        name = codecs.lookup(given).name
        return Encoding("utf-8-sig" if name == "utf-8" else name, "given")
    head = next(document.chunks(), b"")[:_HEAD]
    for mark, codec in _MARKS:
        if head.startswith(mark):
            return Encoding(codec, "mark")
    if wide := _utf16_without_mark(head):
        return Encoding(wide, "detected")
    if _is_binary(head):
        raise NotTextError(
            f"{document.name} is a binary file, not a text; --level byte reads the bytes of any file."
        )
    return _utf8_or_guess(document)


def _is_binary(head: bytes) -> bool:
    if not head:
        return False
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return head.count(0) > _MOST_NULS * len(head) or controls > _MOST_CONTROLS * len(head)


def _utf16_without_mark(head: bytes) -> str | None:
    """UTF-16 of Latin letters has a NUL in every second byte; its position gives the byte order."""
    if len(head) < 16:
        return None
    even, odd = head[0::2], head[1::2]
    first, second = even.count(0) / len(even), odd.count(0) / len(odd)
    if second > 0.5 and first < 0.01:
        return "utf-16-le"
    if first > 0.5 and second < 0.01:
        return "utf-16-be"
    return None


def _utf8_or_guess(document: Document) -> Encoding:
    """UTF-8 if all bytes are valid or nearly all; else a guess from a sample around the first error."""
    strict = codecs.getincrementaldecoder("utf-8")("strict")
    before = b""
    try:
        for chunk in document.chunks():
            strict.decode(chunk)
            before = chunk[-_SAMPLE:]
        strict.decode(b"", True)
    except UnicodeDecodeError as error:
        if _is_damaged_utf8(document):
            return Encoding("utf-8", "damaged")
        sample = _whole_lines(before + error.object, len(before) + error.start)
        return Encoding(_guess(document, sample), "detected")
    return Encoding("utf-8", "valid")


def _is_damaged_utf8(document: Document) -> bool:
    """Whether valid sequences outnumber invalid ones by more than any other encoding would allow."""
    changes = Changes()
    pieces = decoded(document.chunks(), "utf-8", changes)
    good = sum(len(piece) - len(piece.encode("ascii", "ignore")) for piece in pieces) - changes.replaced
    return good > 20 * changes.replaced


def _whole_lines(data: bytes, bad: int) -> bytes:
    """Part of `data` around the position `bad`, from the start of a line if possible."""
    start = max(0, bad - _SAMPLE // 4)
    line = data.find(b"\n", start, bad)
    return data[line + 1 if line >= 0 else start :][:_SAMPLE]


def _guess(document: Document, sample: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    if best is None:
        raise NotTextError(
            f"The encoding of {document.name} could not be detected; name it with --encoding, "
            "or read its bytes with --level byte."
        )
    return best.encoding


def decoded(chunks: Iterable[bytes], codec: str, changes: Changes) -> Iterator[str]:
    """The characters of `chunks`, in pieces; undecodable bytes become U+FFFD and are counted."""
    decoder = codecs.getincrementaldecoder(codec)(_REPLACING)
    for chunk in itertools.chain(chunks, [b""]):  # the last is empty
        _replacements.count = 0
        try:
            piece = decoder.decode(chunk, not chunk)
        except UnicodeError as error:
            raise InputError(
                f"The text cannot be decoded: {error}. Choose another encoding with --encoding."
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
    pieces = decoded(document.chunks(seen), encoding.codec, changes)
    if document.to_plain is not None:
        pieces = iter([document.to_plain("".join(pieces))])
    yield from normalised(pieces, options, changes)


def whole_text(document: Document, seen: OnBytes = ignore) -> str:
    """The whole text of a document in its own encoding."""
    return "".join(text_of(document, encoding_of(document), DecodeOptions(), Changes(), seen))


def utf8_of(document: Document, seen: OnBytes = ignore) -> Iterable[bytes]:
    """A document's bytes as they are, or those of its text if it has markup."""
    return document.chunks(seen) if document.to_plain is None else [whole_text(document, seen).encode()]


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
