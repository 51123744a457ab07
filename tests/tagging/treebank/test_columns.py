"""Files with a word and its tag on each line."""

from pathlib import Path

import pytest

from lstmterm.errors import InputError
from lstmterm.tagging import treebank
from lstmterm.tagging.treebank import Tagged
from tests.tagging.treebank.files import read, rewritten


@pytest.mark.parametrize("between", ["\t", " ", "  "])
def test_columns_ignore_trailing_spaces_and_document_starts(tmp_path: Path, between: str) -> None:
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


@pytest.mark.parametrize("level", ["word", "char", "sequence"])
def test_a_line_without_the_column_of_the_tags_is_named(tmp_path: Path, level: str) -> None:
    with pytest.raises(InputError, match="line 2: 2 columns, but the tags are in column 3"):
        read(tmp_path, "a.tsv", "ab\tx\tXY\nab\tXY\n", level=level, column="3")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# id 1\na N\n# V\n\n# newdoc\nb N\n", [("a", "#"), ("b",)]),
        ("# id 1\na\tN\n#\tSYM\n#foo\tN\n# V\n\n# a b\nb\tN\n", [("a", "#", "#foo"), ("b",)]),
        ("#\tSYM\n\n# a\tb\n", [("#",), ("# a",)]),
        ("-DOCSTART- O\n\n# SYM\na N\n", [("#", "a")]),
    ],
)
def test_comments_are_no_words_and_a_number_sign_is_one(tmp_path: Path, text: str, words: list) -> None:
    assert [s.words for s in read(tmp_path, "a.tsv", text).sentences] == words
    assert rewritten(text) == text


def test_comments_keep_their_places(tmp_path: Path) -> None:
    assert rewritten("# id 1\na\n#\n\n# id 2\nb\n", [["X", "Y"], ["Z"]]) == (
        "# id 1\na\tX\n#\tY\n\n# id 2\nb\tZ\n"
    )


def test_white_space_is_not_part_of_a_tag(tmp_path: Path) -> None:
    text = "EU\t B-ORG\nis\tO \n \t \nPeter \t\u00a0O\n\t\n it\tO\n"
    bank = read(tmp_path, "a.tsv", text)
    assert [(s.words, s.tags) for s in bank.sentences] == [
        (("EU", "is"), ("B-ORG", "O")), (("Peter",), ("O",)), (("it",), ("O",)),
    ]  # fmt: skip
    assert [s.lines for s in bank.sentences] == [(1, 2), (4,), (6,)]
    assert rewritten(" EU  NNP B-ORG\n", [["X"]], column="2") == " EU  X B-ORG\n"
    with pytest.raises(InputError, match="line 2: there is no word in column 1"):
        read(tmp_path, "a.tsv", "a\tO\n\tO\n")


def test_the_columns_of_words_and_tags_can_be_named(tmp_path: Path) -> None:
    text = "1\tthe\tDET\t_\n2\tsea\tNOUN\t_\n"
    how = {"text_column": "2", "column": "3"}
    assert read(tmp_path, "a.tsv", text, **how).sentences == (Tagged(("the", "sea"), ("DET", "NOUN")),)
    assert rewritten(text, [["X", "Y"]], **how) == text.replace("DET", "X").replace("NOUN", "Y")
    named = "# made by hand\nid\tWort\tArt\n" + text.replace("\t_", "")
    bank = read(tmp_path, "a.tsv", named, text_column="wort", column="Art")
    assert bank.sentences == (Tagged(("the", "sea"), ("DET", "NOUN")),)
    assert read(tmp_path, "a.tsv", "N the\nV sees\n", text_column="2", column="1").sentences[0].tags == (
        "N",
        "V",
    )
    for columns, said in (
        (
            {"text_column": "pos"},
            r"line 2: there is no column 'pos'; use a name in this line \('id', 'Wort', 'Art'\)",
        ),
        ({"text_column": "Art"}, "the tags cannot be in column 3, which has the words"),
        ({"column": "id"}, "the tags cannot be in column 1"),
        ({"column": "9"}, "there is no column '9'"),
    ):
        with pytest.raises(InputError, match=said):
            read(tmp_path, "a.tsv", named, **columns)


def test_tags_that_are_not_annotated_stay_so(tmp_path: Path) -> None:
    text = "a\t_\nb\tN\n"
    assert read(tmp_path, "a.tsv", text).sentences[0].tags == ("", "N")
    assert rewritten(text) == text


def test_the_tags_of_characters_can_be_others() -> None:
    assert rewritten("ab\tXY\n", [["P", "Q"]], level="char") == "ab\tPQ\n"
