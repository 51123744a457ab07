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
