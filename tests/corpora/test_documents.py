"""Folders and archives are read in a fixed order; damaged or oversized ones are refused."""

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from lstmterm.corpora import documents
from lstmterm.corpora.corpus import open_corpus
from lstmterm.errors import InputError
from tests.corpora.files import text_of, write_zip


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
    message = " ".join(corpus.notes)
    assert "1 binary file was left out: e.txt" in message
    assert "2 hidden files were left out" in message


def test_a_glob_chooses(folder: Path) -> None:
    assert text_of(folder, glob="*.py") == "code\n"
    with pytest.raises(InputError, match="no file that matches"):
        open_corpus(str(folder), glob="*.rs")
    for bad in ("", "/etc/*", "../*.txt"):
        with pytest.raises(InputError, match="--glob"):
            open_corpus(str(folder), glob=bad)


def test_an_empty_glob_is_reported_as_such(folder: Path, tmp_path: Path) -> None:
    for source in (folder, write_zip(tmp_path / "t.zip", {"a.txt": b"one\n"})):
        with pytest.raises(InputError, match="--glob has an empty pattern"):
            open_corpus(str(source), glob="")


def test_one_hidden_file_is_one(folder: Path) -> None:
    (folder / ".hidden.txt").unlink()
    assert "1 hidden file was left out." in open_corpus(str(folder)).notes


def test_a_changed_name_or_content_changes_a_folders_hash(folder: Path) -> None:
    first = open_corpus(str(folder)).sha256
    (folder / "b.txt").rename(folder / "b2.txt")
    second = open_corpus(str(folder)).sha256
    (folder / "b2.txt").write_text("other\n")
    assert len({first, second, open_corpus(str(folder)).sha256}) == 3


def test_a_gzip_file_is_its_text(tmp_path: Path) -> None:
    path = tmp_path / "play.txt.gz"
    path.write_bytes(gzip.compress("Grüße\r\n".encode()))
    assert text_of(path) == "Grüße\n"
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
    assert text_of(write_zip(tmp_path / "t.zip", members)) == "one\n" + "zwei ä" * 30
    assert text_of(write_zip(tmp_path / "u.zip", {"enwik": b"bare\n"})) == "bare\n"
    assert text_of(tmp_path / "t.zip", glob="**/*.html") == "<p>"


def test_zip_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    whole = write_zip(tmp_path / "t.zip", {"a.txt": os.urandom(500).hex().encode()})
    data = whole.read_bytes()
    encrypted = bytearray(data)
    encrypted[encrypted.find(b"PK\x01\x02") + 8] |= 1
    for spoiled, message in (
        (data[:-30], "damaged"),
        (data[:60] + b"????" + data[64:], "damaged"),
        (encrypted, "encrypted"),
    ):
        whole.write_bytes(spoiled)
        with pytest.raises(InputError, match=message):
            open_corpus(str(whole))


def test_an_archive_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "_ALWAYS_UNPACKED", 1 << 16)
    monkeypatch.setattr(documents, "CHUNK", 1 << 12)
    bomb = b"a" * (1 << 20)
    (tmp_path / "b.gz").write_bytes(gzip.compress(bomb))
    for path in (tmp_path / "b.gz", write_zip(tmp_path / "b.zip", {"a.txt": bomb})):
        with pytest.raises(InputError, match="unpacks to more than"):
            open_corpus(str(path))
