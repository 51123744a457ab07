"""Packed texts: gzip, zip, EPUB."""

import gzip
import io
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from lstmterm.corpora import readers
from lstmterm.corpora.archives import zipped
from lstmterm.corpora.decoding import DecodeOptions
from lstmterm.corpora.documents import Document, sha256_of
from lstmterm.corpora.text import Text
from tests.trust.fuzzing import a_sentence, options, target

_PARTS = b"\n\n\n"  # between the members of a book
_NAMES = ("META-INF/container.xml", "OEBPS/p.opf", "OEBPS/one.xhtml", "OEBPS/the two.xhtml", "a.txt")


def _archive(members: Iterable[tuple[str, bytes]], method: int = zipfile.ZIP_STORED) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return written.getvalue()


def _read(path: Path) -> None:
    """Read a file twice, as a corpus does."""
    with a_sentence():
        found = readers.opened(Document.of_file(path))
        text = Text("it", found, DecodeOptions())
        length = sum(map(len, text.pieces()))
        assert length < 150_000_000
        sha256_of(text.documents)


def _books() -> Iterator[bytes]:
    container = b'<?xml version="1.0"?><container><rootfiles><rootfile full-path="OEBPS/p.opf"/></rootfiles></container>'
    package = b"""<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf"><manifest><item id="one" href="one.xhtml"/>
<item id="two" href="the%20two.xhtml"/></manifest><spine><itemref idref="two"/><itemref idref="one"/></spine></package>"""
    yield _PARTS.join(
        [container, package, b"<html><body><p>One</p></body></html>", b"<p>Two &amp; <pre>x</pre></p>"]
    )


@target(
    _books,
    "<!DOCTYPE",
    "<!ENTITY",
    "rootfile",
    "full-path",
    "itemref",
    "linear",
    "%2e",
    "../",
    'encoding="utf-16"',
)
def books(folder: Path, data: bytes) -> None:
    """An EPUB book of the parts of some bytes."""
    path = folder / "a.epub"
    path.write_bytes(_archive(zip(_NAMES, data.split(_PARTS), strict=False)))
    _read(path)


def _archives() -> Iterator[bytes]:
    members = [("a.txt", b"the sea " * 9), ("b/c.txt", "Grüße".encode("cp1252")), ("d.png", bytes(20))]
    for number, method in enumerate(
        (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
    ):
        yield bytes([number]) + _archive(members, method)
    yield b"\4" + gzip.compress(b"the sea " * 9)
    yield b"\5" + _archive([("META-INF/container.xml", next(_books()).split(_PARTS)[0])])


@target(_archives, "PK\x03\x04", "PK\x01\x02", "PK\x05\x06", "PK\x06\x06", "PK\x06\x07", "\x1f\x8b")
def archives(folder: Path, data: bytes) -> None:
    """A packed file of any bytes."""
    (how,), data = options(data, 6)
    path = folder / f"a{('.zip', '.zip', '.zip', '.zip', '.gz', '.epub')[how]}"
    path.write_bytes(data)
    _read(path)
    if how == 1:
        with a_sentence():
            zipped(path, "**/*.t?[xt]")
