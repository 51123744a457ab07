"""What counting tags reaches on the validation data."""

from pathlib import Path

import pytest

from lstmterm.planning.tagger_outlook import Counting
from lstmterm.spec.tagger import DataPart, Level
from lstmterm.tagging import tagged_data
from lstmterm.tagging.counting import counting


def read(folder: Path, train: str, dev: str, level: Level = "word") -> tagged_data.TaggerData:
    for name, rows in (("train.csv", train), ("dev.csv", dev)):
        (folder / name).write_text(f"text,tag\n{rows}", encoding="utf-8")
    part = DataPart(
        source=str(folder / "train.csv"), name="", level=level, dev=str(folder / "dev.csv"), test_share=0.0
    )
    return tagged_data.read(part)


def test_a_known_word_gets_its_most_frequent_tag_and_another_one_that_of_all_words(tmp_path: Path) -> None:
    data = read(
        tmp_path,
        '"the run","DET NOUN"\n"gulls run","NOUN VERB"\n"they run","PRON VERB"\n"the sea","DET NOUN"\n"a gull","DET NOUN"\n',
        '"the run","DET VERB"\n"the caf\u00e9 sings","DET NOUN VERB"\n',
    )
    assert counting(data, "word") == Counting(tagged=5, right=4 / 5, known=3 / 5)


def test_a_word_is_known_however_its_accents_are_written(tmp_path: Path) -> None:
    data = read(
        tmp_path,
        '"caf\u00e9 opens","NOUN VERB"\n"it opens","PRON VERB"\n',
        '"cafe\u0301 opens","NOUN VERB"\n',
    )
    assert counting(data, "word") == Counting(tagged=2, right=1.0, known=1.0)


def test_a_whole_line_gets_the_most_frequent_tag(tmp_path: Path) -> None:
    data = read(tmp_path, "good,A\nfine day,A\nbad,B\n", "bad,B\na good day,A\n", "sequence")
    found = counting(data, "sequence")
    assert found is not None
    assert (found.tagged, found.right) == (2, 0.5)
    assert found.known == pytest.approx(3 / 4)


def test_without_validation_data_nothing_is_counted() -> None:
    part = DataPart(source="harbour-tags", name="", val_share=0.0)
    assert counting(tagged_data.read(part), "word") is None
