"""CSV files with a word in each row."""

from pathlib import Path

import pytest

from lstmterm.errors import InputError
from lstmterm.tagging import treebank
from lstmterm.tagging.treebank import Tagged
from tests.tagging.treebank.files import read, rewritten

SENTENCES = (Tagged(("the", "sea"), ("D", "N")), Tagged(("I", "row"), ("P", "V")))
TABLES = {
    "empty lines": "word,tag\nthe,D\nsea,N\n\nI,P\nrow,V\n",
    "empty rows": "Word;POS\nthe;D\nsea;N\n;\n;\nI;P\nrow;V\n;\n",
    "a number in the first row": "Sentence #,Word,Tag\nSentence: 1,the,D\n,sea,N\nSentence: 2,I,P\n,row,V\n",
    "a number in each row": "sentence_id,words,labels\n0,the,D\n0,sea,N\n1,I,P\n1,row,V\n",
    "a column named sentence": "sentence\ttoken\tpos\n1\tthe\tD\n1\tsea\tN\n2\tI\tP\n2\trow\tV\n",
    "a column named text": "text,tag\nthe,D\nsea,N\n\nI,P\nrow,V\n",
    "CRLF": "word,tag\r\nthe,D\r\nsea,N\r\n\r\nI,P\r\nrow,V\r\n",
}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_words_are_gathered_to_sentences(tmp_path: Path, table: str) -> None:
    bank = read(tmp_path, "a.csv", table)
    assert bank.sentences == SENTENCES
    lines = table.splitlines()
    assert all(
        word in lines[line - 1] for s in bank.sentences for word, line in zip(s.words, s.lines, strict=True)
    )


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_table_is_written_with_other_tags_and_all_else_as_it_was(tmp_path: Path, table: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(table, newline="")
    assert _tagged(path, None) == table
    end = "\r\n" if "\r" in table else "\n"
    wanted = table
    for old, new in (("D", "A"), ("N", "B"), ("P", "C"), ("V", "E")):
        wanted = wanted.replace(old + end, new + end, 1)
    assert _tagged(path, [["A", "B"], ["C", "E"]]) == wanted


def _tagged(path: Path, tags: list[list[str]] | None) -> str:
    where = treebank.Source(path.name)
    with open(path, newline="") as lines:
        _, blocks = treebank.blocks(lines, where, path_suffix=".csv")
        given = iter(tags or [])
        return "".join(b.with_tags(next(given) if tags and b.words else b.tags) for b in blocks)


def test_a_column_that_is_named_holds_words_too(tmp_path: Path) -> None:
    table = "mot;etiquette\nthe;D\nsea;N\n;\nI;P\nrow;V\n"
    assert read(tmp_path, "a.csv", table, text_column="mot", column="etiquette").sentences == SENTENCES
    with pytest.raises(
        InputError,
        match=r"a column `text` for sentences, or `word` for words.*\(--text-column and --column\)",
    ):
        read(tmp_path, "a.csv", table)


def test_a_word_may_have_spaces_and_marks(tmp_path: Path) -> None:
    table = 'word,tag\nNew York,B-LOC\n"5,000",O\n"""",O\n'
    assert read(tmp_path, "a.csv", table).sentences == (
        Tagged(("New York", "5,000", '"'), ("B-LOC", "O", "O")),
    )


def test_a_column_for_tags_is_added(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("n,word\n1,the\n2,sea\n\n3,I\n")
    assert _tagged(path, [["D", "N"], ["P"]]) == "n,word,tag\n1,the,D\n2,sea,N\n\n3,I,P\n"


def test_a_row_that_lacks_its_tag_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.csv, line 3: 1 word but 0 tags; each word needs one tag"):
        read(tmp_path, "a.csv", "word,tag\nthe,D\nsea\n", column="tag")
    with pytest.raises(InputError, match=r"a\.csv, line 3: there are tags, but no text"):
        read(tmp_path, "a.csv", "word,tag\nthe,D\n,N\n")
    assert read(tmp_path, "a.csv", "word,tag\nthe,D\nsea,_\n").sentences == (
        Tagged(("the", "sea"), ("D", "")),
    )


@pytest.mark.parametrize(
    "table",
    [
        "text,tag\nthe sea,D N\n\nrow,V\n",  # some row has more than one word
        "text,tag\nrow,V\nstop,V\n\n",  # nothing is between the rows
        "sentence_id,text,tag\n1,row,V\n2,stop,V\n",
        "word,tag\nthe sea,D N\nrow,V\n",  # as many tags as words
        "sentence,tag\nrow,V\nstop,V\n",
    ],
)
def test_a_row_may_still_be_a_sentence(tmp_path: Path, table: str) -> None:
    assert len(read(tmp_path, "a.csv", table).sentences) == 2


def test_a_row_is_an_example_at_other_levels(tmp_path: Path) -> None:
    table = "word,label\nthe,x\nsea,y\n\nrow,z\n"
    assert len(read(tmp_path, "a.csv", table, level="sequence").sentences) == 3
    assert rewritten(table.replace("word", "text")) == table.replace("word", "text")
