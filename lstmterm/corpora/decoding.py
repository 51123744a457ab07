"""Bytes become characters: which encoding a document is in, and its text, piece by piece.

An encoding is what the person says, else what a byte order mark says, else UTF-8 if every byte
agrees, else what charset-normalizer makes of a sample. What is no text at all is told apart here.
"""

import codecs
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lstmterm.corpora.documents import Document, Seen, ignore
from lstmterm.corpora.normalising import Composed, LineEnds
from lstmterm.errors import InputError

_SAMPLE = 1 << 18  # bytes that an encoding is guessed from
_HEAD = 1 << 16  # bytes that decide whether a document is text
_MOST_NULS = 0.001  # share in a text's head
_MOST_CONTROLS = 0.02
_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\v\f\r\b\x1b")) + b"\x7f"
_MARKS = (  # the longer of two that begin alike comes first
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class NotTextError(InputError):
    """A document that holds no text."""


@dataclass(frozen=True)
class Encoding:
    """How a document is to be decoded, and how that was found."""

    codec: str
    how: str  # "given", "mark", "valid", "damaged" or "detected"

    @property
    def shown(self) -> str:
        """The encoding's usual name."""
        return {"utf-8-sig": "utf-8", "cp1252": "windows-1252", "cp1251": "windows-1251"}.get(
            self.codec, self.codec.replace("_", "-")
        )


@dataclass(frozen=True)
class Reading:
    """How documents are to be read."""

    encoding: str | None = None
    raw_newlines: bool = False
    nfc: bool = False


@dataclass
class Changes:
    """What reading changed, counted."""

    replaced: int = 0  # undecodable places that became U+FFFD
    crlf: int = 0
    cr: int = 0
    composed: bool = False
    composed_by: int = 0

    def notes(self) -> list[str]:
        """A sentence for each kind of change."""
        said = []
        if self.replaced:
            places = "place" if self.replaced == 1 else "places"
            said.append(f"{self.replaced:,} {places} could not be decoded and became U+FFFD.")
        ends = [f"{count:,} {name}" for count, name in ((self.crlf, "CRLF"), (self.cr, "CR")) if count]
        if ends:
            said.append(f"{' and '.join(ends)} line ends became LF (--raw-newlines keeps them).")
        if self.composed:
            said.append(f"Normalising to NFC shortened the text by {self.composed_by:,} characters.")
        return said


def check_encoding(name: str) -> None:
    """Raises `InputError` unless `name` is an encoding of text."""
    try:
        codec = codecs.lookup(name)
        if not codec._is_text_encoding or codec.incrementaldecoder is None:  # type: ignore[attr-defined]
            raise LookupError
        codec.incrementaldecoder("strict").decode(b"", True)
    except (LookupError, ValueError):
        raise InputError(
            f"--encoding {name!r} is no encoding known here; utf-8, cp1252 and gb18030 are."
        ) from None


def encoding_of(document: Document, given: str | None = None) -> Encoding:
    """How `document` is encoded. Raises `NotTextError` for what is binary or cannot be told."""
    if given is not None:
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
            f"{document.name} is no text but binary; --level byte learns the bytes of anything."
        )
    check = _Utf8Check(document)
    if check.valid:
        return Encoding("utf-8", "valid")
    if check.is_damaged_utf8:
        return Encoding("utf-8", "damaged")
    return Encoding(_guess(document, check.sample), "detected")


def _is_binary(head: bytes) -> bool:
    if not head:
        return False
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return head.count(0) > _MOST_NULS * len(head) or controls > _MOST_CONTROLS * len(head)


def _utf16_without_mark(head: bytes) -> str | None:
    """Text of Latin letters has a NUL in every second byte: which second byte gives the order away."""
    if len(head) < 16:
        return None
    even, odd = head[0::2], head[1::2]
    first, second = even.count(0) / len(even), odd.count(0) / len(odd)
    if second > 0.5 and first < 0.01:
        return "utf-16-le"
    if first > 0.5 and second < 0.01:
        return "utf-16-be"
    return None


class _Utf8Check:
    """A pass over a document: is it UTF-8, and if not, nearly, and what does the first bad place look like."""

    def __init__(self, document: Document) -> None:
        strict = codecs.getincrementaldecoder("utf-8")("strict")
        self.sample = b""
        self._good = self._bad = 0  # non-ASCII characters, undecodable places
        self.valid = True
        before = b""
        chunks = document.chunks()
        try:
            for chunk in chunks:
                strict.decode(chunk)
                before = chunk
            strict.decode(b"", True)
        except UnicodeDecodeError as error:
            self.valid = False
            self.sample = _whole_lines(before[-_SAMPLE:] + error.object, len(before[-_SAMPLE:]) + error.start)
            self._compare(document)

    def _compare(self, document: Document) -> None:
        changes = Changes()
        for piece in decoded(document.chunks(), "utf-8", changes):
            if not piece.isascii():
                self._good += len(piece) - len(piece.encode("ascii", "ignore"))
        self._bad = changes.replaced
        self._good -= self._bad

    @property
    def is_damaged_utf8(self) -> bool:
        """Whether the sequences that are right outnumber the wrong ones as no other encoding would let them."""
        return self._good > 20 * self._bad


def _whole_lines(data: bytes, bad: int) -> bytes:
    """Some of `data` around the position `bad`, from a line's start where there is one."""
    start = max(0, bad - _SAMPLE // 4)
    line = data.find(b"\n", start, bad)
    return data[line + 1 if line >= 0 else start :][:_SAMPLE]


def _guess(document: Document, sample: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    if best is None:
        raise NotTextError(
            f"The encoding of {document.name} could not be told; name it with --encoding, "
            "or learn its bytes with --level byte."
        )
    return best.encoding


def decoded(chunks: Iterable[bytes], codec: str, changes: Changes) -> Iterator[str]:
    """The characters of `chunks`, in pieces; undecodable bytes become U+FFFD and are counted."""
    decoder = codecs.getincrementaldecoder(codec)(_REPLACING)
    for chunk in chunks:
        yield _counted(decoder, chunk, False, changes)
    yield _counted(decoder, b"", True, changes)


def _counted(decoder: codecs.IncrementalDecoder, chunk: bytes, last: bool, changes: Changes) -> str:
    _replacements.count = 0
    try:
        piece = decoder.decode(chunk, last)
    except UnicodeError as error:
        raise InputError(
            f"The text cannot be decoded: {error}. Name another encoding with --encoding."
        ) from None
    changes.replaced += _replacements.count
    return piece


_REPLACING = "lstmterm.replacing"
_replacements = threading.local()


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    _replacements.count += 1
    return "\ufffd", error.end


codecs.register_error(_REPLACING, _replace)


def text_of(
    document: Document, encoding: Encoding, reading: Reading, changes: Changes, seen: Seen = ignore
) -> Iterator[str]:
    """The document's text, decoded and normalised, in pieces that may be empty."""
    yield from normalised(decoded(document.chunks(seen), encoding.codec, changes), reading, changes)


def normalised(pieces: Iterable[str], reading: Reading, changes: Changes) -> Iterator[str]:
    """The text of `pieces` with its line ends and its composition made one, as `reading` says."""
    ends, composed = LineEnds(), Composed()
    stages = [*([] if reading.raw_newlines else [ends]), *([composed] if reading.nfc else [])]
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
