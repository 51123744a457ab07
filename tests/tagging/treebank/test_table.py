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
    with pytest.raises(
        InputError, match=r"there is no column 'pos'; use a name in this line \('text', 'tag'\)"
    ):
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


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_cells_are_divided_by_what_the_header_has(tmp_path: Path, mark: str) -> None:
    text = f'id{mark}Text{mark}tag\n1{mark}"a, b"{mark}X Y\n'
    assert read(tmp_path, "a.csv", text).sentences == (Tagged(("a,", "b"), ("X", "Y")),)
    assert rewritten(text.replace('"', ""), [["P", "Q"]]) == f"id{mark}Text{mark}tag\n1{mark}a, b{mark}P Q\n"
    said = f"\ufeffsep={mark}\r\n" + text
    assert read(tmp_path, "a.csv", said).sentences == (Tagged(("a,", "b"), ("X", "Y")),)
    assert rewritten(said, [["P", "Q"]]).startswith(f"\ufeffsep={mark}\r\nid{mark}")


def test_another_header_is_read_by_the_columns_that_are_named(tmp_path: Path) -> None:
    text = 'Nr;Satz;Wortarten\n1;"a, b";X Y\n'
    with pytest.raises(
        InputError, match=r"line 1: .* has 'Nr', 'Satz', 'Wortarten'. Name both columns \(--text-column"
    ):
        read(tmp_path, "a.csv", text)
    for named in ({"text_column": "Satz", "column": "wortarten"}, {"text_column": "2", "column": "3"}):
        assert read(tmp_path, "a.csv", text, **named).sentences == (Tagged(("a,", "b"), ("X", "Y")),)
    with pytest.raises(
        InputError, match=r"line 2: this row has no cell with tags; name their column \(--column\)"
    ):
        read(tmp_path, "a.csv", text, text_column="Satz")


def test_surplus_cells_are_an_error_with_their_line(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match="line 3: 3 cells, but the header has 2; a cell with a comma in it needs quotes"
    ):
        read(tmp_path, "a.csv", "text,tag\na b,X Y\nthe sea, the sky,X Y\n")
    with pytest.raises(InputError, match="line 2: 2 cells, but the header has 1"):
        read(tmp_path, "a.csv", "text\nthe sea, the sky\n")
    with pytest.raises(InputError, match="line 2: there are tags, but no text"):
        read(tmp_path, "a.csv", "text,tag\n,X Y\n")
    assert read(tmp_path, "a.csv", "text,tag\na b,X Y,\n,,\n").words == 2


def test_tags_that_are_not_annotated_stay_so(tmp_path: Path) -> None:
    text = "text,tag\na b,_ Y\n"
    assert read(tmp_path, "a.csv", text).sentences[0].tags == ("", "Y")
    assert rewritten(text) == text
    labels = "text,label\na b,_\nc d,good\n"
    bank = read(tmp_path, "a.csv", labels, level="sequence")
    assert [s.tags for s in bank.sentences] == [("good",)]
    assert "1 tag is not annotated" in bank.notes[0]


def test_a_table_of_sentences_may_have_a_column_named_word(tmp_path: Path) -> None:
    table = "text,word,tag\na b,x,X Y\n"
    assert read(tmp_path, "a.csv", table).sentences == (Tagged(("a", "b"), ("X", "Y")),)
