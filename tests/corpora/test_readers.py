"""A file whose suffix has a reader is read by it, alone or in a folder."""

import gzip
from pathlib import Path

import pytest

from lstmterm.corpora.corpus import open_corpus
from lstmterm.corpora.documents import Document
from lstmterm.corpora.readers import READERS
from tests.corpora.files import text_of, write, write_zip

_TEXT = "<i>Grüße aus Köln</i>\n" * 20
_READ = _TEXT.replace("<i>", "").replace("</i>", "")


@pytest.fixture
def prescribed(monkeypatch: pytest.MonkeyPatch) -> dict[str, str | None]:
    """A format `.tagged` with tags in its text, whose encoding is the value here."""
    format_has: dict[str, str | None] = {"encoding": None}

    def reader(path: Path) -> list[Document]:
        def without_tags(text: str) -> str:
            return text.replace("<i>", "").replace("</i>", "")

        return [
            Document(
                str(path), lambda: open(path, "rb"), encoding=format_has["encoding"], to_plain=without_tags
            )
        ]

    monkeypatch.setitem(READERS, ".tagged", reader)
    return format_has


def test_a_format_is_one_line_in_the_table(prescribed: dict[str, str | None], tmp_path: Path) -> None:
    path = write(tmp_path, _TEXT, "it.tagged")
    assert text_of(path) == text_of(tmp_path) == _READ
    assert text_of(path, level="byte").encode() == _READ.encode()


def test_the_encoding_of_a_format_is_detected_or_given(
    prescribed: dict[str, str | None], tmp_path: Path
) -> None:
    path = write(tmp_path, _TEXT.encode("cp1252"), "it.tagged")
    assert text_of(path) == _READ
    assert any("was detected as" in note for note in open_corpus(path).notes)
    assert text_of(path, encoding="cp437") == _READ.encode("cp1252").decode("cp437")


def test_an_encoding_that_a_format_prescribes_holds(
    prescribed: dict[str, str | None], tmp_path: Path
) -> None:
    prescribed["encoding"] = "cp437"
    path = write(tmp_path, _TEXT.encode("cp437"), "it.tagged")
    assert text_of(path) == text_of(path, encoding="cp1252") == _READ


def test_a_folder_is_its_plain_texts_or_else_its_files_with_a_reader(
    prescribed: dict[str, str | None], tmp_path: Path
) -> None:
    write(tmp_path, _TEXT, "b.tagged")
    write(tmp_path, gzip.compress(b"first\n"), "a.gz")
    write_zip(tmp_path / "c.zip", {"c.txt": b"last\n"})
    assert text_of(tmp_path) == f"first\n{_READ}last\n"
    assert text_of(tmp_path, glob="*.tagged") == _READ
    write(tmp_path, "plain\n", "d.txt")
    assert text_of(tmp_path) == "plain\n"
    assert any(
        "3 other files were left out, such as a.gz" in note for note in open_corpus(str(tmp_path)).notes
    )
    assert text_of(tmp_path, glob="*.*") == f"first\n{_READ}last\nplain\n"


def test_a_file_in_a_zip_file_is_not_unpacked_further(tmp_path: Path) -> None:
    members = {"a.gz": gzip.compress(b"packed\n"), "b.dat": b"bare\n"}
    assert text_of(write_zip(tmp_path / "t.zip", members)) == "bare\n"
