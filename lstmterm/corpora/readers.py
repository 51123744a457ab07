"""The formats of files that are not read as they are: each suffix has a reader.

A reader opens the documents in a file. A document's bytes are decoded by `decoding`, with what the
document says of its encoding and of its markup.
"""

from collections.abc import Callable
from pathlib import Path

from lstmterm.corpora import epub
from lstmterm.corpora.archives import gzipped, zipped
from lstmterm.corpora.documents import Document

READERS: dict[str, Callable[[Path], list[Document]]] = {
    ".gz": gzipped,
    ".zip": zipped,
    ".epub": epub.chapters,
}


def format_of(path: Path) -> str:
    """The suffix of a file with a reader, in small letters; empty for any other file."""
    suffix = path.suffix.lower()
    return suffix if suffix in READERS else ""


def opened(file: Document) -> list[Document]:
    """The documents in a file: those that the reader of its format opens, or else the file itself."""
    suffix = format_of(file.path) if file.path else ""
    return READERS[suffix](file.path) if file.path and suffix else [file]
