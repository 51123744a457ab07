"""Sentences added to a tagged file."""

from pathlib import Path

import pytest

from lstmterm.errors import InputError
from lstmterm.tagging import treebank
from lstmterm.tagging.treebank import Tagged, appending


@pytest.mark.parametrize(
    ("name", "level", "sentence"),
    [
        ("a.csv", "word", Tagged(("the", 'ti"de'), ("DET", "NOUN"))),
        ("a.conllu", "word", Tagged(("do", "n't"), ("AUX", "PART"))),
        ("a.csv", "char", Tagged(tuple("A B"), tuple("xyz"))),
        ("a.csv", "sequence", Tagged(("calm", "sea"), ("good",))),
    ],
)
def test_added_sentences_are_read_again_unchanged(tmp_path: Path, name: str, level, sentence: Tagged) -> None:
    path = tmp_path / name
    spaces = [(False,) * len(sentence.words)]
    assert appending.append(path, [sentence], spaces, level, "UPOS") == [sentence]
    assert appending.append(path, [sentence], spaces, level, "UPOS") == [sentence, sentence]
    assert treebank.read(str(path), level=level).sentences == (sentence, sentence)


def test_sentences_that_a_file_cannot_hold_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with pytest.raises(InputError, match="cannot hold"):
        appending.append(path, [Tagged(("New York",), ("PROPN",))], [(True,)], "word", "UPOS")
    assert not path.exists()
    path.write_text("other,columns\n1,2\n")
    with pytest.raises(InputError, match="header"):
        appending.append(path, [Tagged(("a",), ("DET",))], [(True,)], "word", "UPOS")
    assert path.read_text() == "other,columns\n1,2\n"
    with pytest.raises(InputError, match="must end with"):
        appending.target(str(tmp_path / "a.txt"), "word")


@pytest.mark.parametrize(
    ("name", "content", "level", "said"),
    [
        ("a.conllu", b"", "char", "CoNLL-U has one tag for each word"),
        ("a.csv", b"text,tag\n\xff,X\n", "word", "is not UTF-8; convert it first"),
        ("a.csv", b"text,other\na,b\n", "word", "has no column for tags"),
        ("a.csv", b"word,tag\na,X\n", "word", "has a word in each row"),
    ],
)
def test_a_file_that_takes_no_sentences_stays_as_it_is(
    tmp_path: Path, name: str, content: bytes, level, said: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=said):
        appending.append(path, [Tagged(("a",), ("X",))], [(True,)], level, "UPOS")
    assert path.read_bytes() == content


def test_a_file_without_a_last_line_end_gets_one(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"text,tag\nsea,NOUN")
    assert len(appending.append(path, [Tagged(("a",), ("DET",))], [(True,)], "word", "UPOS")) == 2
    assert path.read_bytes() == b"text,tag\nsea,NOUN\na,DET\n"
