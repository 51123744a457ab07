"""A text of documents: all that is read as text is read here, whatever its encoding and packing.

A corpus reads its text twice, a tagger reads one once, or while it is typed.
"""

import codecs
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from lstmterm import paths
from lstmterm.corpora import detecting, documents, readers, stored
from lstmterm.corpora.decoding import (
    Changes,
    DecodeOptions,
    decoded,
    encoding_of,
    is_damaged_utf8,
    normalised,
    text_of,
)
from lstmterm.corpora.detecting import Encoding, NotTextError
from lstmterm.corpora.documents import Document, OnBytes, ignore
from lstmterm.corpora.normalising import lines
from lstmterm.corpora.sources import left_out, source_of
from lstmterm.errors import InputError, no_file

_SHOWN = 3  # names listed in a note


class Text:
    """The decoded and normalised text of documents, in pieces. It can be read again, unless it is live."""

    def __init__(self, name: str, found: Sequence[Document], options: DecodeOptions) -> None:
        """Find the encodings. `name` is the text's, for the user.

        Raises `NotTextError` if all documents are binary; some binary ones among others are left out.
        """
        self.name = name
        self._options = options
        self._parts: list[tuple[Document, Encoding]] = []
        self._binary: list[str] = []
        self._changes = Changes()
        for document in found:
            try:
                live = document.live and options.encoding is None
                encoding = detecting.UTF8 if live else encoding_of(document, options.encoding)
                self._parts.append((document, encoding))
            except NotTextError:
                if len(found) == 1:
                    raise
                self._binary.append(document.shown)
        if not self._parts:
            raise NotTextError(f"{name} has only binary files (--level byte reads the bytes of any file).")

    @property
    def documents(self) -> list[Document]:
        """Those that are read."""
        return [document for document, _ in self._parts]

    @property
    def encoding(self) -> str:
        """The encoding of all documents, or "mixed"."""
        names = {encoding.shown for _, encoding in self._parts}
        return names.pop() if len(names) == 1 else "mixed"

    @property
    def suffix(self) -> str:
        """The suffix of its first document once it is unpacked, in small letters."""
        return Path(self._parts[0][0].name.lower().removesuffix(".gz")).suffix

    def pieces(self, seen: OnBytes = ignore) -> Iterator[str]:
        """The text in pieces; a newline is added between documents where there is none."""
        self._changes = Changes()
        end = ""
        for number, (document, encoding) in enumerate(self._parts):
            if end and end != "\n":
                yield "\n"
            if document.live and encoding.how != "given":
                read = normalised(self._live(number), self._options, self._changes)
            else:
                read = text_of(document, encoding, self._options, self._changes, seen)
            for piece in read:
                end = piece[-1:] or end
                yield piece

    def _live(self, number: int) -> Iterator[str]:
        """The text of a document that is read once, while it comes: the first bytes beyond ASCII decide."""
        document, encoding = self._parts[number]
        chunks = document.chunks()
        found = None
        for position, chunk in enumerate(chunks):
            found = detecting.by_head(document.shown, chunk, whole=False) if position == 0 else None
            if found is None and chunk.isascii():
                yield chunk.decode("ascii")
                continue
            encoding = found or _by_chunk(chunk)
            self._parts[number] = document, encoding
            yield from decoded(chain([chunk], chunks), encoding.codec, self._changes)

    def lines(self) -> Iterator[str]:
        """The lines with their ends, split at line feeds only. Raises `InputError` if one is far too long."""
        return lines(self.pieces(), self.name)

    def notes(self) -> list[str]:
        """Sentences on how the documents were read the last time."""
        return [*self._encoding_notes(), *self._changes.notes(), *_binary_notes(self._binary)]

    def _encoding_notes(self) -> Iterator[str]:
        found = Counter(encoding for _, encoding in self._parts)
        for encoding, count in sorted(found.items(), key=lambda item: (item[0].how, item[0].shown)):
            if self._options.keep_mark and encoding.codec == "utf-8-sig":
                continue
            of = "" if len(self._parts) == 1 else f" of {count:,} of {len(self._parts):,} files"
            if note := encoding.note(of):
                yield note


def open_file(argument: str, options: DecodeOptions, *, live: bool = False) -> Text:
    """The text of a file, unpacked as its suffix says, of a corpus by its name, or of standard input (`-`).

    With `live`, standard input and other pipes can be read only once, while their text comes. Raises
    `InputError` if there is no such file, or if it belongs to a stored text and has changed.
    """
    if argument == "-":
        name = "standard input"
        document = documents.live(sys.stdin.buffer, name) if live else documents.standard_input()
        return Text(name, [document], options)
    path = paths.expanded(argument)
    try:
        if path.is_dir():
            raise InputError(f"{argument} is a folder, not a file.")
        if documents.is_pipe(path):
            stream = open(path, "rb")  # noqa: SIM115 (open as long as the document is)
            document = documents.live(stream, argument) if live else documents.piped(stream, argument)
            return Text(argument, [document], options)
        stored.refuse_changed(path)
        return Text(argument, readers.opened(Document.of_file(path, argument)), options)
    except FileNotFoundError:
        if paths.is_file_argument(argument):
            raise no_file(argument) from None
        return _named(argument, options)
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{argument} cannot be read: {getattr(error, 'strerror', None) or error}.") from None


def _named(name: str, options: DecodeOptions) -> Text:
    source = source_of(name)
    for document in source.originals:
        if document.path is not None:
            stored.refuse_changed(document.path)
    return Text(name, source.documents(), options)


def _by_chunk(chunk: bytes) -> Encoding:
    """The encoding of a text of which no more than this is known."""
    try:
        codecs.getincrementaldecoder("utf-8")("strict").decode(chunk)
    except UnicodeDecodeError:
        return detecting.DAMAGED_UTF8 if is_damaged_utf8([chunk]) else detecting.by_guess(chunk)
    return detecting.UTF8


def _binary_notes(names: list[str]) -> Iterator[str]:
    if names:
        shown = ", ".join(names[:_SHOWN]) + (" and others" if len(names) > _SHOWN else "")
        yield f"{left_out(len(names), 'binary file')}: {shown}."
