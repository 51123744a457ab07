"""Folders are read in a fixed order."""

import sys
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


def test_standard_input_that_is_a_terminal_or_closed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(InputError, match="standard input is a terminal"):
        documents.standard_input()


def test_a_pattern_that_python_refuses_is_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(*_: object) -> None:
        raise ValueError("Invalid pattern")

    monkeypatch.setattr(Path, "glob", refusing)
    with pytest.raises(InputError, match="--glob 'a\\*\\*' cannot be used: Invalid pattern"):
        documents.folder(tmp_path, ["a**"])
