"""CSV files with a sentence in each row."""

from pathlib import Path

import pytest

from lstmterm.errors import InputError
from lstmterm.tagging.treebank import Tagged
from tests.tagging.treebank.files import read, rewritten


def test_csv(tmp_path: Path) -> None:
    text = '\ufeffid,text,tag\r\n1,"The sea ,","D N P"\r\n\r\n2,"a\u00a0b c","X Y"\r\n'
    bank = read(tmp_path, "a.csv", text)
    assert bank.sentences == (
        Tagged(("The", "sea", ","), ("D", "N", "P")),
        Tagged(("a\u00a0b", "c"), ("X", "Y")),
    )
    assert bank.column == "tag"


def test_missing_tags_are_reported_with_their_line(tmp_path: Path) -> None:
    text = 'text,tag\n"a b","X Y"\n"one\ntwo three","X"\n'
    with pytest.raises(InputError, match=r"a\.csv, line 3: 3 words but 1 tag;"):
        read(tmp_path, "a.csv", text)
    with pytest.raises(InputError, match="needs a header"):
        read(tmp_path, "a.csv", "a b,X Y\n")
    with pytest.raises(InputError, match="there is no column 'pos'; the header has text, tag"):
        read(tmp_path, "a.csv", text, column="pos")


def test_csv_is_written_with_new_tags() -> None:
    text = 'tag,text,note\r\nX Y,a b,"k, ""q"""\r\n'
    assert rewritten(text) == text
    assert rewritten(text, [["P", "Q"]]) == text.replace("X Y", "P Q")
    assert rewritten('text,n\n"a b",1\n', [["P", "Q"]]) == "text,n,tag\na b,1,P Q\n"


def test_characters_and_labels(tmp_path: Path) -> None:
    bank = read(tmp_path, "a.csv", "text,tag\nA B,x-z\n", level="char")
    assert bank.sentences == (Tagged(("A", " ", "B"), ("x", "-", "z")),)
    bank = read(tmp_path, "a.csv", "text,label\ngood film,very good\n", level="sequence")
    assert bank.sentences == (Tagged(("good", "film"), ("very good",)),)
    bank = read(tmp_path, "a.tsv", "good film\tpos\nbad\tneg\n", level="sequence")
    assert [s.tags for s in bank.sentences] == [("pos",), ("neg",)]
    with pytest.raises(InputError, match="line 2: this row has no label"):
        read(tmp_path, "a.csv", "text,label\ngood film,\n", level="sequence")
