"""The beginning of a large text, read without the rest: for what shows a text, and does not learn from it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from lstmterm.corpora.decoding import DecodeOptions
from lstmterm.corpora.documents import Document
from lstmterm.corpora.sources import Source, source_of
from lstmterm.corpora.text import Text

LARGE = 32 << 20  # bytes from which a text is not read whole
_READ = 1 << 20  # bytes that are read of a document, and of all of them
_MARKS = (b"\xff\xfe", b"\xfe\xff")  # that begin a text in UTF-16 or UTF-32


@dataclass(frozen=True)
class Beginning:
    """The name of a text, its first characters, and sentences on how they were read."""

    name: str
    text: str
    notes: tuple[str, ...]


def beginning(argument: str, options: DecodeOptions, *, bytewise: bool = False) -> Beginning | None:
    """The first characters, up to a million, of the text that `argument` names; None if it is not `LARGE`.

    Read `bytewise`, bytes that are not UTF-8 become lone surrogates. Raises `InputError` as `open_corpus` does.
    """
    found = source_of(argument)
    if sum(document.size or 0 for document in found.originals) < LARGE:
        return None
    documents = list(_starts(found))
    if bytewise:
        data = b"".join(b"".join(document.chunks()) for document in documents)
        return Beginning(found.name, data.decode("utf-8", "surrogateescape"), ())
    text = Text(found.source, documents, options)
    characters = "".join(text.pieces())
    return Beginning(found.name, characters, (*found.notes, *text.notes()))


def _starts(found: Source) -> Iterable[Document]:
    """The beginnings of the documents; markup is read whole, as it can be of a limited size only."""
    left = _READ
    for document in found.documents():
        if left <= 0:
            return
        if document.to_plain is None:
            data = _start(document, left)
            yield replace(Document.of_bytes(document.name, data), encoding=document.encoding)
            left -= len(data) + 1
        else:
            yield document
            left = 0


def _start(document: Document, most: int) -> bytes:
    """At most so many of the first bytes; of a longer document up to the end of a line, or of a character."""
    data = b""
    for chunk in document.chunks():
        data += chunk
        if len(data) > most:
            break
    else:
        return data
    data = data[:most]
    if data.startswith(_MARKS):
        return data[: len(data) // 4 * 4]
    line = data.rfind(b"\n") + 1
    if line:
        return data[:line]
    end = len(data)
    while end > 1 and data[end - 1] & 0xC0 == 0x80:  # within a character of UTF-8
        end -= 1
    return data[: end - 1] or data
