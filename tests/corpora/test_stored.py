"""A stored text is there completely or not at all."""

import os
from pathlib import Path

import pytest

from lstmterm import paths
from lstmterm.corpora import stored
from lstmterm.corpora.stored import Record
from lstmterm.errors import InputError


def store(name: str, text: str = "a poem\n") -> stored.StoredText:
    """Store a text of one file."""
    with stored.new(name) as folder:
        (folder / "poem.txt").write_text(text)
        stored.write_record(folder, Record("own", "text", "A poem", "poem.txt", {"poem.txt": "ab"}, "2026"))
    found = stored.find(name)
    assert found is not None
    return found


def test_a_stored_text_is_found_with_its_record() -> None:
    text = store("poem")
    assert (text.name, text.kind, text.sha256, text.size) == ("poem", "text", {"poem.txt": "ab"}, 7)
    assert [path.name for path in text.files] == ["poem.txt"]
    store("another")
    assert [text.name for text in stored.texts()] == ["another", "poem"]


def test_a_text_replaces_one_of_its_name_and_can_be_removed() -> None:
    store("poem")
    assert store("poem", "another poem\n").size == 13
    stored.remove("poem")
    assert stored.find("poem") is None
    assert os.listdir(paths.corpora()) == []
    with pytest.raises(InputError, match="no added or fetched corpus"):
        stored.remove("poem")


def test_a_failure_stores_nothing_and_keeps_the_old_text() -> None:
    store("poem")
    with pytest.raises(OSError, match="disk is full"), stored.new("poem"):
        raise OSError("disk is full")
    assert os.listdir(paths.corpora()) == ["poem"]
    assert stored.find("poem") is not None


@pytest.mark.parametrize("record", ["", "[]", '{"origin": "own"}', None])
def test_a_text_with_a_damaged_record_is_not_found(record: str | None) -> None:
    path = store("poem").folder / "record.json"
    path.unlink() if record is None else path.write_text(record)
    assert stored.find("poem") is None
    assert stored.texts() == []
    stored.remove("poem")
    assert os.listdir(paths.corpora()) == []


def test_a_text_that_lacks_a_file_is_not_found() -> None:
    text = store("poem")
    text.files[0].unlink()
    assert stored.find("poem") is None


def test_a_name_never_leaves_the_folder(tmp_path: Path) -> None:
    with pytest.raises(paths.NameRejected), stored.new("../out"):
        pass
    with pytest.raises(paths.NameRejected):
        stored.find("a/b")
