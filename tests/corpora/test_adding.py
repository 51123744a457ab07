"""An added text is stored as it was decoded, under a name of its own."""

import hashlib
from pathlib import Path

import pytest

from lstmterm.corpora import stored
from lstmterm.corpora.adding import add, free_name
from lstmterm.corpora.corpus import open_corpus
from lstmterm.errors import InputError
from lstmterm.paths import NameRejected
from tests.corpora.files import write


def test_an_added_text_is_utf8_and_opens_by_its_name(tmp_path: Path) -> None:
    text = "Grüße aus Köln\r\n" * 20
    added = add(open_corpus(write(tmp_path, text.encode("cp1252"), "letter.txt"), encoding="cp1252"))
    content = added.files[0].read_bytes()
    assert content.decode() == text.replace("\r\n", "\n")
    assert added.sha256 == {"text.txt": hashlib.sha256(content).hexdigest()}
    assert (added.record.origin, added.record.title) == ("own", "letter")
    corpus = open_corpus("letter")
    assert corpus.text(0, len(corpus)) == content.decode()


@pytest.mark.parametrize("name", ["harbour", "tinyshakespeare", "a.txt"])
def test_a_name_that_means_another_text_is_refused(tmp_path: Path, name: str) -> None:
    corpus = open_corpus(write(tmp_path, "a text\n"))
    with pytest.raises(InputError, match="--name"):
        add(corpus, name)


def test_a_text_is_replaced_only_on_request(tmp_path: Path) -> None:
    corpus = open_corpus(write(tmp_path, "a text\n"))
    add(corpus, "mine")
    with pytest.raises(InputError, match="already a corpus named 'mine'"):
        add(corpus, "mine")
    assert add(corpus, "mine", overwrite=True).name == "mine"


def test_a_free_name_is_that_of_no_text_nor_of_a_file(tmp_path: Path) -> None:
    corpus = open_corpus(write(tmp_path, "a text\n"))
    assert free_name("novel") == "novel"
    for name in ("novel", "novel-2"):
        add(corpus, name)
    assert free_name("novel") == "novel-3"
    assert free_name("harbour") == "harbour-2"
    assert free_name("v1.2") == "v1-2"
    add(corpus, free_name("é" * 50))
    assert free_name("é" * 50) == f"{'é' * 45}-2"


def test_the_longest_names_are_stored_listed_and_removed(tmp_path: Path) -> None:
    corpus = open_corpus(write(tmp_path, "a text\n"))
    for name in ("n" * 97, "n" * 100, "é" * 50):
        assert stored.find(add(corpus, name).name) is not None
        assert open_corpus(name).text(0, 6) == "a text"
        stored.remove(name)
        assert stored.texts() == []
    with pytest.raises(NameRejected, match="at most 100 bytes"):
        add(corpus, "n" * 101)
