"""Tagged files: what is read, what is refused, and what is kept byte for byte."""

import io
from pathlib import Path

import conllu
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmterm.errors import InputError
from lstmterm.tagging import treebank
from lstmterm.tagging.treebank import Source, Tagged
from lstmterm.tagging.treebank.conllu import column_of_model, written

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


def read(tmp_path: Path, name: str, text: str, **how: str) -> treebank.Treebank:
    path = tmp_path / name
    path.write_bytes(text.encode())
    return treebank.read(str(path), **how)  # type: ignore[arg-type]


def rewritten(text: str, tags: list[list[str]] | None = None, **how: str) -> str:
    """The text with its own tags, or others, written into it."""
    _, blocks = treebank.blocks(io.BytesIO(text.encode()), Source("test", **how))  # type: ignore[arg-type]
    given = iter(tags or [])
    return "".join(b.with_tags(next(given) if tags and b.words else b.tags) for b in blocks)


def test_conllu_words_are_the_rows_with_whole_ids(tmp_path: Path) -> None:
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
    with pytest.raises(InputError, match=r"line 1.*XPOS is empty"):
        read(tmp_path, "a.conllu", ROWS, column="XPOS")


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


def test_what_is_no_conllu_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.conllu, line 2: 3 columns"):
        read(tmp_path, "a.conllu", "# one\n1\ta\tb\n")
    with pytest.raises(InputError, match="line 1: 'x' is no CoNLL-U id"):
        read(tmp_path, "a.conllu", "\t".join(["x", *"abcdefghi"]) + "\n")
    with pytest.raises(InputError, match="level 'char' needs a CSV"):
        read(tmp_path, "a.conllu", ROWS, level="char")


def test_the_column_for_a_models_tags() -> None:
    assert column_of_model({"layout": "conllu", "column": "feats.Number"}, ["Sing"]) == "feats.Number"
    assert column_of_model({"layout": "csv", "column": "tag"}, ["NOUN", "VERB"]) == "UPOS"
    assert column_of_model({"layout": "csv", "column": "tag"}, ["NN", "VB"]) == "XPOS"


def test_new_conllu_is_read_by_others() -> None:
    text = written(["do", "n't", "go"], ["AUX", "PART", "VERB"], "UPOS", [False, True, True])
    parsed = conllu.parse(text)[0]
    assert parsed.metadata["text"] == "don't go"
    assert [t["upos"] for t in parsed] == ["AUX", "PART", "VERB"]
    assert [t["misc"] for t in parsed] == [{"SpaceAfter": "No"}, None, None]


def test_csv(tmp_path: Path) -> None:
    text = '\ufeffid,text,tag\r\n1,"The sea ,","D N P"\r\n\r\n2,"a\u00a0b c","X Y"\r\n'
    bank = read(tmp_path, "a.csv", text)
    assert bank.sentences == (
        Tagged(("The", "sea", ","), ("D", "N", "P")),
        Tagged(("a\u00a0b", "c"), ("X", "Y")),
    )
    assert bank.column == "tag"


def test_words_and_tags_that_do_not_match_are_named(tmp_path: Path) -> None:
    text = 'text,tag\n"a b","X Y"\n"one\ntwo three","X"\n'
    with pytest.raises(InputError, match=r"a\.csv, line 3: 3 words but 1 tag;"):
        read(tmp_path, "a.csv", text)
    with pytest.raises(InputError, match="begins with a header"):
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


@pytest.mark.parametrize("between", ["\t", " ", "  "])
def test_columns_tolerate_what_files_hold(tmp_path: Path, between: str) -> None:
    rows = ["-DOCSTART- -X- O", "", "EU NNP B-ORG", "rejects VBZ O ", "", "  ", "Peter NNP B-PER"]
    text = "\r\n".join(row.replace(" ", between) if row.strip() else row for row in rows)
    bank = read(tmp_path, "a.tsv", text)
    assert bank.sentences == (Tagged(("EU", "rejects"), ("B-ORG", "O")), Tagged(("Peter",), ("B-PER",)))
    assert read(tmp_path, "a.tsv", text, column="2").sentences[1].tags == ("NNP",)
    assert rewritten(text, [["1", "2"], ["3"]]).replace(between, " ").split() == (
        ["-DOCSTART-", "-X-", "O", "EU", "NNP", "1", "rejects", "VBZ", "2", "Peter", "NNP", "3"]
    )


def test_a_word_may_have_spaces_between_tabs(tmp_path: Path) -> None:
    bank = read(tmp_path, "a.tsv", "word\ttag\nhọc sinh\tN\nđi\tV\n")
    assert bank.sentences == (Tagged(("học sinh", "đi"), ("N", "V")),)
    assert bank.column == "tag"


def test_columns_without_tags_get_them() -> None:
    assert rewritten("a\nb\n\nc", [["X", "Y"], ["Z"]]) == "a\tX\nb\tY\n\nc\tZ\n"


def test_words_without_tags_are_refused_for_training(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="line 3: 2 words but 1 tag;"):
        read(tmp_path, "a.tsv", "a\tX\n\na\tX\nb\n")
    with pytest.raises(InputError, match="no tagged sentence"):
        read(tmp_path, "a.tsv", "\n\n")
    with pytest.raises(InputError, match="no file"):
        treebank.read(str(tmp_path / "none.csv"))
    (tmp_path / "latin.csv").write_bytes(b"text,tag\n\xe9,N\n")
    with pytest.raises(InputError, match="line 2: this is not UTF-8"):
        treebank.read(str(tmp_path / "latin.csv"))


def test_built_in_names() -> None:
    assert treebank.read("harbour-tags").layout == "csv"
    assert treebank.read("harbour").layout == "conllu"
    with pytest.raises(InputError, match="no tagged data named 'nowhere'"):
        treebank.read("nowhere")
