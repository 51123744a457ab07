"""The beginning of a large text is that of the whole text, and the rest is not read."""

import gzip
from pathlib import Path

import pytest

from lstmterm.corpora import beginning as module
from lstmterm.corpora.beginning import beginning
from lstmterm.corpora.corpus import open_corpus
from lstmterm.corpora.decoding import DecodeOptions


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGE", 1000)
    monkeypatch.setattr(module, "_READ", 500)


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16"])
@pytest.mark.parametrize("line", ["the café by the sea\r\n", "caf\u00e9s"])
def test_it_is_how_the_whole_text_begins(tmp_path: Path, encoding: str, line: str) -> None:
    file = tmp_path / "large.txt"
    file.write_bytes((line * 1000).encode(encoding))
    found = beginning(str(file), DecodeOptions())
    assert found is not None
    assert found.name == "large"
    if encoding == "latin-1" and "\n" not in line:
        return  # no line ends that would tell
    assert len(found.text) > 100
    assert open_corpus(str(file)).text(0, len(found.text)) == found.text
    assert "could not be decoded" not in " ".join(found.notes)


def test_wide_characters_are_not_cut(tmp_path: Path) -> None:
    file = tmp_path / "wide.txt"
    file.write_text("漢字" * 1000)
    found = beginning(str(file), DecodeOptions())
    assert found is not None
    assert set(found.text) == set("漢字")
    bytewise = beginning(str(file), DecodeOptions(), bytewise=True)
    assert bytewise is not None
    assert bytewise.text == found.text


def test_documents_are_joined_as_in_the_whole_text(tmp_path: Path) -> None:
    for number in range(40):
        (tmp_path / f"{number:02}.txt").write_text(f"text {number}\n" * 10)
    found = beginning(str(tmp_path), DecodeOptions())
    assert found is not None
    assert "text 4\n" in found.text
    assert open_corpus(str(tmp_path)).text(0, len(found.text)) == found.text


def test_a_packed_text_is_unpacked_no_further(tmp_path: Path) -> None:
    file = tmp_path / "packed.txt.gz"
    file.write_bytes(gzip.compress(bytes(range(97, 123)) * 1000 + b"\n", 0))
    found = beginning(str(file), DecodeOptions())
    assert found is not None
    assert found.text.startswith("abcdefghij")
    assert len(found.text) < 501


def test_a_small_text_is_left_to_its_corpus(tmp_path: Path) -> None:
    file = tmp_path / "small.txt"
    file.write_text("the sea\n" * 100)
    assert beginning(str(file), DecodeOptions()) is None
    assert beginning("harbour", DecodeOptions()) is not None
