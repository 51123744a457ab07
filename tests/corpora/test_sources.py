"""A name or a path leads to its text; one that leads to nothing gets a hint."""

import os
import threading
from pathlib import Path

import pytest

from lstmterm.corpora import sources
from lstmterm.corpora.corpus import open_corpus
from lstmterm.errors import InputError


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("harbor", "Did you mean 'harbour'"),
        ("tinyshakespeare", "lstmterm corpora fetch tinyshakespeare"),
        ("notes", r"\./notes"),
        ("zzzzzz", "lstmterm corpora"),
        ("./none.txt", "no file"),
        ("", "empty"),
    ],
)
def test_a_name_that_means_nothing_gets_a_hint(
    name: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes").mkdir()
    with pytest.raises(ValueError, match=message) as caught:
        open_corpus(name)
    assert caught.value.exit_code == 2  # type: ignore[attr-defined]


def test_what_is_neither_a_file_nor_a_folder_is_refused() -> None:
    with pytest.raises(InputError, match="/dev/null is neither a file nor a folder"):
        open_corpus("/dev/null")
    with pytest.raises(InputError, match=r"cannot be read: File name too long|There is no file"):
        open_corpus(f"a/{'x' * 5000}")


def test_a_pattern_is_refused_where_there_are_no_files_to_choose_from() -> None:
    with pytest.raises(
        InputError, match="--glob chooses files from a folder or a zip file; it does not apply to a name"
    ):
        open_corpus("harbour", glob="*")


def test_a_pipe_is_read_as_standard_input_is(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert sources.default_name(str(pipe)) == "stdin"
    writer = threading.Thread(target=pipe.write_bytes, args=(b"the sea\n",))
    writer.start()
    corpus = open_corpus(str(pipe))
    writer.join()
    assert (corpus.name, corpus.text(0, len(corpus))) == ("stdin", "the sea\n")


@pytest.mark.parametrize("level", ["char", "byte"])
def test_a_text_in_which_nothing_can_be_predicted_is_refused(tmp_path: Path, level: str) -> None:
    path, unit = tmp_path / "a.txt", "character" if level == "char" else "byte"
    for content, what in ((b"", "is empty"), (b"a", f"has only one {unit}")):
        path.write_bytes(content)
        with pytest.raises(InputError, match=rf"a\.txt {what}; it must have at least two {unit}s\.$"):
            open_corpus(str(path), level=level)
