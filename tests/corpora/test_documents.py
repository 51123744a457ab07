"""Folders and archives are read in a fixed order; what is damaged or unreasonable is refused."""

import gzip
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from lstmterm.corpora import documents, epub
from lstmterm.corpora.opening import open_corpus
from lstmterm.errors import InputError


def _text(path: Path | str, **options: object) -> str:
    corpus = open_corpus(str(path), **options)  # type: ignore[arg-type]
    return corpus.text(0, len(corpus))


def _zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "library"
    for name, data in {
        "b.txt": b"second\n",
        "a/z.txt": b"first",
        "c.md": b"third\n",
        "d.py": b"code\n",
        "e.txt": b"\x00\x01\x02" * 99,
        ".hidden.txt": b"no\n",
        ".git/f.txt": b"no\n",
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def test_a_folder_is_its_texts_in_the_order_of_their_paths(folder: Path) -> None:
    corpus = open_corpus(str(folder))
    assert corpus.text(0, len(corpus)) == "first\nsecond\nthird\n"
    assert corpus.name == "library"
    said = " ".join(corpus.notes)
    assert "1 binary file was left out: e.txt" in said
    assert "2 hidden files were left out" in said


def test_a_glob_chooses(folder: Path) -> None:
    assert _text(folder, glob="*.py") == "code\n"
    with pytest.raises(InputError, match="no file that"):
        open_corpus(str(folder), glob="*.rs")
    for bad in ("", "/etc/*", "../*.txt"):
        with pytest.raises(InputError, match="--glob"):
            open_corpus(str(folder), glob=bad)


def test_a_changed_name_or_content_changes_a_folders_hash(folder: Path) -> None:
    first = open_corpus(str(folder)).sha256
    (folder / "b.txt").rename(folder / "b2.txt")
    second = open_corpus(str(folder)).sha256
    (folder / "b2.txt").write_text("other\n")
    assert len({first, second, open_corpus(str(folder)).sha256}) == 3


def test_a_gzip_file_is_its_text(tmp_path: Path) -> None:
    path = tmp_path / "play.txt.gz"
    path.write_bytes(gzip.compress("Grüße\r\n".encode()))
    assert _text(path) == "Grüße\n"
    assert open_corpus(str(path)).name == "play"


@pytest.mark.parametrize(
    "spoil", [lambda d: d[:-4], lambda d: d[:40], lambda d: b"text", lambda d: d[:30] + b"!!!!" + d[34:]]
)
def test_a_damaged_gzip_file_is_refused(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "play.gz"
    path.write_bytes(spoil(gzip.compress(os.urandom(99).hex().encode())))
    with pytest.raises(InputError, match="damaged"):
        open_corpus(str(path))


def test_a_zip_files_texts_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    members = {
        "b.txt": "zwei ä".encode("cp1252") * 30,
        "a.txt": b"one\n",
        "x.html": b"<p>",
        "__MACOSX/a.txt": b"no",
    }
    assert _text(_zip(tmp_path / "t.zip", members)) == "one\n" + "zwei ä" * 30
    assert _text(_zip(tmp_path / "u.zip", {"enwik": b"bare\n"})) == "bare\n"
    assert _text(tmp_path / "t.zip", glob="**/*.html") == "<p>"


def test_zip_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    whole = _zip(tmp_path / "t.zip", {"a.txt": os.urandom(500).hex().encode()})
    data = whole.read_bytes()
    encrypted = bytearray(data)
    encrypted[encrypted.find(b"PK\x01\x02") + 8] |= 1
    for spoiled, said in (
        (data[:-30], "damaged"),
        (data[:60] + b"????" + data[64:], "damaged"),
        (encrypted, "encrypted"),
    ):
        whole.write_bytes(spoiled)
        with pytest.raises(InputError, match=said):
            open_corpus(str(whole))


def test_what_unpacks_beyond_all_measure_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "_ROOM_TO_UNPACK", 1 << 16)
    monkeypatch.setattr(documents, "CHUNK", 1 << 12)
    bomb = b"a" * (1 << 20)
    (tmp_path / "b.gz").write_bytes(gzip.compress(bomb))
    for path in (tmp_path / "b.gz", _zip(tmp_path / "b.zip", {"a.txt": bomb})):
        with pytest.raises(InputError, match="unpacks to more than"):
            open_corpus(str(path))


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
    assert _text(_zip(tmp_path / "b.epub", members)) == "Eins\n\nGrüße, Welt.\nNeu.\n\nLast & least.\n\n"


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"a.txt": b"no book"}, "no EPUB"),
        ({"META-INF/container.xml": b"<a", "OEBPS/p.opf": _PACKAGE}, "damaged"),
        ({"META-INF/container.xml": b'<!DOCTYPE a [<!ENTITY b "c">]>' + _CONTAINER}, "entities"),
        ({"META-INF/container.xml": _CONTAINER, "OEBPS/p.opf": _PACKAGE}, "no chapters"),
    ],
)
def test_what_is_no_book_is_refused(tmp_path: Path, members: dict[str, bytes], said: str) -> None:
    with pytest.raises(InputError, match=said):
        open_corpus(str(_zip(tmp_path / "b.epub", members)))


def test_preformatted_text_keeps_its_lines() -> None:
    assert epub.plain_text("<body><pre>a\n  b</pre><p>c  d</p></body>") == "a\n  b\n\nc d\n\n"
