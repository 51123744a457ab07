"""A stored text is there completely or not at all."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lstmterm import atomic, paths
from lstmterm.corpora import stored
from lstmterm.corpora.corpus import open_corpus
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


# Kills this process at one of the renames by which a text is replaced.
REPLACE = """
import os, signal, sys
from tests.corpora.test_stored import store
real, at = os.rename, int(sys.argv[1])
seen = 0

def rename(*paths):
    global seen
    seen += 1
    if seen == at:
        os.kill(os.getpid(), signal.SIGKILL)
    real(*paths)

os.rename = rename
store("poem", "another poem\\n")
"""


def whole(text: stored.StoredText | None) -> str:
    assert text is not None
    return text.files[0].read_text()


@pytest.mark.parametrize(
    ("kill_at", "left"), [(1, "a poem\n"), (2, "a poem\n"), (3, "a poem\n"), (4, "another poem\n")]
)
def test_a_process_killed_while_it_replaces_a_text_leaves_one_of_them(kill_at: int, left: str) -> None:
    store("poem")
    killed = subprocess.run([sys.executable, "-c", REPLACE, str(kill_at)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert whole(stored.find("poem")) == left
    assert [whole(text) for text in stored.texts()] == [left]
    atomic.sweep.cache_clear()
    store("other")  # what the killed process left is swept, but not the text
    assert whole(stored.find("poem")) == left
    assert whole(store("poem", "a third\n")) == "a third\n"
    assert sorted(os.listdir(paths.corpora())) == ["other", "poem"]
    stored.remove("poem")
    assert os.listdir(paths.corpora()) == ["other"]


def test_a_text_whose_replacement_fails_is_read_and_can_be_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    store("poem")
    real: Callable[..., None] = os.rename

    def rename(source: Path, target: Path) -> None:
        if target.name == "poem":
            raise OSError("the disk failed")
        real(source, target)

    monkeypatch.setattr(os, "rename", rename)
    with pytest.raises(atomic.WriteError, match="the disk failed"):
        store("poem", "another poem\n")
    assert whole(stored.find("poem")) == "a poem\n"
    stored.remove("poem")
    assert stored.texts() == []


def test_a_text_that_changed_since_it_was_stored_is_refused() -> None:
    file = store("poem").files[0]
    stored.refuse_changed(file, "ab")
    stored.refuse_changed(file.with_name("another.txt"), "cd")
    with pytest.raises(InputError, match=r"text 'poem' has changed .*poem\.txt.*corpora remove poem"):
        stored.refuse_changed(file, "cd")


@pytest.mark.parametrize("record", ["", "[]", '{"origin": "own"}', None])
def test_a_text_with_a_damaged_record_is_not_found(record: str | None) -> None:
    path = store("poem").folder / "record.json"
    path.unlink() if record is None else path.write_text(record)
    with pytest.raises(InputError) as refused:
        open_corpus("poem")
    damaged = r"'poem' is damaged: record\.json .*; run `lstmterm corpora remove poem`, then add or fetch"
    assert re.search("no corpus named 'poem'" if record is None else damaged, str(refused.value))
    assert stored.find("poem") is None
    assert stored.texts() == []
    stored.remove("poem")
    assert os.listdir(paths.corpora()) == []


def test_a_text_that_lacks_a_file_is_not_found() -> None:
    text = store("poem")
    text.files[0].unlink()
    assert stored.find("poem") is None
    with pytest.raises(
        InputError, match=r"'poem' is damaged: poem\.txt is missing; run `lstmterm corpora remove poem`"
    ):
        open_corpus("poem")


def test_a_name_never_leaves_the_folder(tmp_path: Path) -> None:
    with pytest.raises(paths.NameRejected), stored.new("../out"):
        pass
    with pytest.raises(paths.NameRejected):
        stored.find("a/b")
