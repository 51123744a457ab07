"""A book is its chapters in reading order, without their markup."""

from pathlib import Path

import pytest

from lstmterm.corpora import epub
from lstmterm.corpora.corpus import open_corpus
from lstmterm.errors import InputError
from tests.corpora.files import text_of, write_zip

_CONTAINER = b'<container><rootfiles><rootfile full-path="OEBPS/p.opf"/></rootfiles></container>'


_PACKAGE = b"""<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf"><manifest>
<item id="one" href="one.xhtml"/><item id="two" href="the%20two.xhtml"/><item id="nav" href="nav.xhtml"/></manifest>
<spine><itemref idref="two"/><itemref idref="one"/><itemref idref="nav" linear="no"/></spine></package>"""


def test_an_epub_is_its_chapters_in_reading_order(tmp_path: Path) -> None:
    members = {
        "META-INF/container.xml": _CONTAINER,
        "OEBPS/p.opf": _PACKAGE,
        "OEBPS/one.xhtml": b"<html><head><title>x</title><style>p{}</style></head><body><p>Last &amp; <b>least</b>.</p></body></html>",
        "OEBPS/the two.xhtml": "<html><body><h1>Eins</h1>\n<p>Gr\u00fc\u00dfe,\n  Welt.<br/>Neu.</p><script>no</script></body></html>".encode(),
        "OEBPS/nav.xhtml": b"<html><body><p>Contents</p></body></html>",
    }
    assert (
        text_of(write_zip(tmp_path / "b.epub", members)) == "Eins\n\nGrüße, Welt.\nNeu.\n\nLast & least.\n\n"
    )


def test_a_chapters_encoding_is_detected_or_given(tmp_path: Path) -> None:
    chapter = "<html><body><p>Grüße aus Köln</p></body></html>".encode("cp1252")
    members = {"META-INF/container.xml": _CONTAINER, "OEBPS/p.opf": _PACKAGE, "OEBPS/one.xhtml": chapter}
    book = str(write_zip(tmp_path / "b.epub", members))
    assert any("appears to be windows-1252" in note for note in open_corpus(book).notes)
    assert text_of(book, encoding="cp437") == "Grüße aus Köln\n\n".encode("cp1252").decode("cp437")


def test_bytes_of_a_book_are_those_of_its_text(tmp_path: Path) -> None:
    members = {
        "META-INF/container.xml": _CONTAINER,
        "OEBPS/p.opf": _PACKAGE,
        "OEBPS/one.xhtml": b"<p>Text</p>",
    }
    corpus = open_corpus(str(write_zip(tmp_path / "b.epub", members)), level="byte")
    assert corpus.ids.tobytes() == b"Text\n\n"
    binary = write_zip(tmp_path / "c.epub", {**members, "OEBPS/one.xhtml": bytes(range(256))})
    with pytest.raises(
        InputError, match=r"one\.xhtml is damaged: it is not text, which its format requires\.$"
    ):
        open_corpus(str(binary), level="byte")


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"a.txt": b"no book"}, "not an EPUB"),
        ({"META-INF/container.xml": b"<a", "OEBPS/p.opf": _PACKAGE}, "damaged"),
        ({"META-INF/container.xml": b'<!DOCTYPE a [<!ENTITY b "c">]>' + _CONTAINER}, "entities"),
        ({"META-INF/container.xml": _CONTAINER, "OEBPS/p.opf": _PACKAGE}, "no chapters"),
    ],
)
def test_a_file_that_is_not_a_book_is_refused(
    tmp_path: Path, members: dict[str, bytes], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        open_corpus(str(write_zip(tmp_path / "b.epub", members)))


def test_a_chapter_that_is_listed_often_is_read_once(tmp_path: Path) -> None:
    package = b"""<package><manifest><item id="a" href="a.xhtml"/><item id="b" href="./x/../a.xhtml"/></manifest>
        <spine>%b</spine></package>"""
    members = {
        "META-INF/container.xml": _CONTAINER.replace(b"OEBPS/", b""),
        "p.opf": package % (b'<itemref idref="a"/><itemref idref="b"/>' * 5_000),
        "a.xhtml": b"<p>Once.</p>",
    }
    assert text_of(write_zip(tmp_path / "b.epub", members)) == "Once.\n\n"


def test_parts_that_are_too_large_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    members = {
        "META-INF/container.xml": _CONTAINER,
        "OEBPS/p.opf": _PACKAGE,
        "OEBPS/one.xhtml": b"<p>x</p>" * 999,
    }
    book = str(write_zip(tmp_path / "b.epub", members))
    monkeypatch.setattr(epub, "_LARGEST_CHAPTER", 1_000)
    with pytest.raises(InputError, match=r"a part of 7.99 kB \(OEBPS/one.xhtml\), which is too large"):
        open_corpus(book)
    monkeypatch.setattr(epub, "_LARGEST_LIST", 100)
    with pytest.raises(InputError, match=r"\(OEBPS/p.opf\), which is too large"):
        open_corpus(book)


def test_prefixes_of_elements_do_not_matter(tmp_path: Path) -> None:
    container = b'<c:container xmlns:c="x"><c:rootfile full-path="OEBPS/p.opf"/></c:container>'
    members = {
        "META-INF/container.xml": container,
        "OEBPS/p.opf": _PACKAGE,
        "OEBPS/one.xhtml": b"<p>Text</p>",
    }
    assert text_of(write_zip(tmp_path / "b.epub", members)) == "Text\n\n"
