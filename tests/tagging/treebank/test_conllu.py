"""CoNLL-U: what is read, what is refused, and what is kept byte for byte."""

from pathlib import Path

import conllu
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmterm.errors import InputError
from lstmterm.tagging.treebank import Tagged
from lstmterm.tagging.treebank.conllu import column_of_model, written
from tests.tagging.treebank.files import read, rewritten

ROWS = (
    "# newdoc\n# text = vámonos al mar\n"
    "1-2\tvámonos\t_\t_\t_\t_\t_\t_\t_\tA=\n"
    "1\tvamos\tir\tVERB\t_\tMood=Imp|Number=Plur\t0\troot\t_\t_\n"
    "2\tnos\tnosotros\tPRON\t_\tNumber=Plur\t1\tobj\t_\t_\n"
    "3-4\tal\t_\t_\t_\t_\t_\t_\t_\t_\n"
    "3\ta\ta\tADP\t_\t_\t5\tcase\t_\t_\n"
    "4\tel\tel\tDET\t_\tGender=Masc|Number=Sing\t5\tdet\t_\t_\n"
    "5\tmar\tmar\tNOUN\t_\tNumber=Sing\t1\tobl\t_\tNote=a b\n"
    "5.1\tfui\tir\tVERB\t_\t_\t_\t_\t0:root\t_\n"
    "\n"
)


def test_words_are_the_rows_with_whole_ids(tmp_path: Path) -> None:
    bank = read(tmp_path, "a.conllu", ROWS)
    assert bank.sentences == (
        Tagged(("vamos", "nos", "a", "el", "mar"), ("VERB", "PRON", "ADP", "DET", "NOUN")),
    )
    assert (bank.layout, bank.column) == ("conllu", "UPOS")
    parsed = conllu.parse(ROWS)[0]
    assert [t["form"] for t in parsed if isinstance(t["id"], int)] == list(bank.sentences[0].words)


def test_the_column_is_chosen_by_name(tmp_path: Path) -> None:
    assert read(tmp_path, "a.conllu", ROWS, column="feats.Number").sentences[0].tags == (
        "Plur", "Plur", "_", "Sing", "Sing",
    )  # fmt: skip
    assert read(tmp_path, "a.conllu", ROWS, column="deprel").sentences[0].tags[0] == "root"
    with pytest.raises(InputError, match="no column 'POS'"):
        read(tmp_path, "a.conllu", ROWS, column="POS")
    with pytest.raises(InputError, match=r"the column XPOS is empty \(`_`\) in every sentence"):
        read(tmp_path, "a.conllu", ROWS, column="XPOS")
    lemmas = read(tmp_path, "a.conllu", ROWS, text_column="LEMMA").sentences[0].words
    assert lemmas == ("ir", "nosotros", "a", "el", "mar")
    with pytest.raises(InputError, match="no column 'POS'; use FORM"):
        read(tmp_path, "a.conllu", ROWS, text_column="POS")


def test_words_without_a_tag_are_not_annotated_but_no_features_are_a_tag(tmp_path: Path) -> None:
    rows = [["1", "a", "_", "DET ", *"______"], ["2", "b", "_", "_", *"______"]]
    text = "".join("\t".join(row) + "\n" for row in rows)
    assert read(tmp_path, "a.conllu", text).sentences[0].tags == ("DET", "")
    assert read(tmp_path, "a.conllu", text, column="FEATS").sentences[0].tags == ("_", "_")
    assert rewritten(text) == text
    both = read(tmp_path, "a.conllu", text + " \t\n" + text.replace("DET ", "_"))
    assert [s.lines for s in both.sentences] == [(1, 2)]
    assert "3 tags are not annotated (`_`), 2 of them in sentences without a tag" in both.notes[0]


@pytest.mark.parametrize(
    "column", ["UPOS", "XPOS", "MISC", "feats.Number", "feats.Gender", "misc.Note", "10"]
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_own_tags_give_the_same_bytes(column: str, end: str) -> None:
    text = ("\ufeff" + ROWS + "\n\n# last\n" + ROWS).replace("\n", end)[
        : -2 * len(end)
    ]  # no newline at the end
    assert rewritten(text, column=column) == text


def test_other_tags_change_their_column_alone() -> None:
    tags = ["A", "B", "C", "D", "E"]
    lines = rewritten(ROWS, [tags]).split("\n")
    expected: list[str] = [*ROWS.split("\n")]
    for row, old, tag in (
        (3, "VERB", "A"),
        (4, "PRON", "B"),
        (6, "ADP", "C"),
        (7, "DET", "D"),
        (8, "NOUN", "E"),
    ):
        expected[row] = expected[row].replace(f"\t{old}\t", f"\t{tag}\t")
    assert lines == expected
    feats = rewritten(ROWS, [["_", "Sing", "Plur", "_", "Dual"]], column="feats.Number")
    assert [t["feats"] for t in conllu.parse(feats)[0] if isinstance(t["id"], int)] == [
        {"Mood": "Imp"}, {"Number": "Sing"}, {"Number": "Plur"}, {"Gender": "Masc"}, {"Number": "Dual"},
    ]  # fmt: skip


CELL = st.text(st.characters(exclude_characters="\t\r\n", exclude_categories=["Cs"]), min_size=1, max_size=6)


@given(
    st.lists(st.lists(st.tuples(*[CELL] * 9), min_size=1, max_size=4), min_size=1, max_size=3), st.booleans()
)
def test_any_cells_are_kept(sentences: list[list[tuple[str, ...]]], last_newline: bool) -> None:
    text = "\n".join(
        "".join("\t".join((str(i + 1), *cells)) + "\n" for i, cells in enumerate(rows)) for rows in sentences
    )
    text = text if last_newline else text[:-1]
    assert rewritten(text) == text
    tags = [["NEW"] * len(rows) for rows in sentences]
    was, now = (t.split("\n") for t in (text, rewritten(text, tags)))
    for a, b in zip(was, now, strict=True):
        assert b.split("\t") == [cell if i != 3 else "NEW" for i, cell in enumerate(a.split("\t"))]


def test_invalid_conllu_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.conllu, line 2: 3 columns"):
        read(tmp_path, "a.conllu", "# one\n1\ta\tb\n")
    with pytest.raises(InputError, match="line 1: 'x' is not a CoNLL-U ID"):
        read(tmp_path, "a.conllu", "\t".join(["x", *"abcdefghi"]) + "\n")
    with pytest.raises(InputError, match="level 'char' needs a CSV"):
        read(tmp_path, "a.conllu", ROWS, level="char")


def test_the_column_for_a_models_tags() -> None:
    assert column_of_model({"layout": "conllu", "column": "feats.Number"}, ["Sing"]) == "feats.Number"
    assert column_of_model({"layout": "csv", "column": "tag"}, ["NOUN", "VERB"]) == "UPOS"
    assert column_of_model({"layout": "csv", "column": "tag"}, ["NN", "VB"]) == "XPOS"


def test_new_conllu_is_read_by_another_reader() -> None:
    text = written(["do", "n't", "go"], ["AUX", "PART", "VERB"], "UPOS", [False, True, True])
    parsed = conllu.parse(text)[0]
    assert parsed.metadata["text"] == "don't go"
    assert [t["upos"] for t in parsed] == ["AUX", "PART", "VERB"]
    assert [t["misc"] for t in parsed] == [{"SpaceAfter": "No"}, None, None]


def test_an_attribute_that_a_word_lacks_stays_away() -> None:
    row = "1\ta\t_\t_\t_\tCase=Nom\t_\t_\t_\t_\n"
    assert rewritten(row, [["_"]], column="feats.Number") == row
    assert "Case=Nom|Number=Sing" in rewritten(row, [["Sing"]], column="feats.Number")
