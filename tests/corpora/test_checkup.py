"""A checkup counts what is in a text, and warns of what a model cannot learn."""

import math
from pathlib import Path

import pytest

from lstmterm.corpora import baselines, checkup
from lstmterm.corpora.corpus import open_corpus
from lstmterm.planning import text_size
from tests.corpora.files import write
from tests.small import small_text


def check(folder: Path, text: str, **options: object) -> checkup.Checkup:
    """The checkup of a file with this text."""
    return checkup.check(open_corpus(write(folder, text), **options))  # type: ignore[arg-type]


def test_lines_and_characters_are_counted(tmp_path: Path) -> None:
    found = check(tmp_path, "one\n\nthree\none\n" + "x" * 85)
    assert (found.characters, found.lines, found.longest_line) == (100, 4, 85)
    assert found.repeated_lines == 0.25
    assert found.repeated_characters == 3 / 96
    assert (found.commonest[0].character, found.commonest[0].count) == ("x", 85)
    assert found.rarest[0].count == 1
    assert found.symbols == len(set("one\nthrx"))


def test_the_split_is_that_of_training_or_none(tmp_path: Path) -> None:
    split = check(tmp_path, "abcd" * 100).split
    assert split is not None
    assert (split.train, split.val, split.test) == ((0, 360), (360, 380), (380, 400))
    short = check(tmp_path, "abcd")
    assert short.split is None
    assert any("too few" in warning for warning in short.warnings)


def test_characters_outside_the_training_part_are_reported(tmp_path: Path) -> None:
    found = check(tmp_path, "ab" * 95 + "c" * 10)
    assert any(
        "1 character of the validation or test part (10 occurrences) is not in" in w for w in found.warnings
    )


def test_baselines_say_what_a_model_has_to_beat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = small_text(20_000)
    found = check(tmp_path, text)
    assert {"unigram", "6-gram", "xz"} <= found.baselines.keys()
    assert found.counted == 18_000
    row = dict(checkup.rows(found))["baselines"]
    assert row.startswith(f"unigram {found.baselines['unigram'] / math.log(2):.3f}, bigram ")
    assert row.endswith(" bits per character of the validation part")
    assert check(tmp_path, "abcd").baselines == {}
    monkeypatch.setattr(baselines, "MOST_COUNTED", 5_000)
    row = dict(checkup.rows(check(tmp_path, text)))["baselines"]
    assert row.endswith("validation part, by the last 5,000 characters of the training part")
    corpus = open_corpus(write(tmp_path, small_text(19_000)))
    assert checkup.check(corpus, find=baselines.known).baselines == {}, "nothing is computed"


def test_repeated_text_is_reported(tmp_path: Path) -> None:
    found = check(tmp_path, "the same line\n" * 50)
    assert any("repeated lines" in warning for warning in found.warnings)


def test_very_many_lines_are_compared_in_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(f"line {number % 3_000}\n" for number in range(9_000)) + "one\n" * 9_000
    exact = check(tmp_path, text)
    assert exact.repeated_lines == 1 - 3_001 / 18_000
    monkeypatch.setattr(checkup, "_MOST_LINES", 1_000)
    found = check(tmp_path, text[: len(text) // 2])
    all_of_them = text[: len(text) // 2].splitlines()
    share = 1 - len(set(all_of_them)) / len(all_of_them)
    assert found.repeated_lines == pytest.approx(share, abs=0.1)
    assert found.lines == len(all_of_them)


def test_what_to_expect_and_the_plan_are_those_of_the_training_part(tmp_path: Path) -> None:
    found = check(tmp_path, "abcd" * 5_400)
    assert found.expectation == text_size.expectation(19_440).sentences, "the whole text is a size larger"
    assert found.plan == text_size.planned_for(19_440)
    assert ("Plan", found.plan) in checkup.sentences(found)


def test_rows_show_invisible_characters_and_bytes(tmp_path: Path) -> None:
    rows = dict(checkup.rows(check(tmp_path, "a b\n\tb" * 9)))
    assert rows["distinct"].startswith("5 characters: ")
    assert set("␣↵⇥") <= set(rows["distinct"])
    assert rows["unknown"] == ""
    rows = dict(checkup.rows(check(tmp_path, "ab", level="byte")))
    assert rows["distinct"] == "2 bytes: 61 62" or rows["distinct"] == "2 bytes: 62 61"


def test_a_text_of_empty_lines_has_no_repeated_ones(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("\n" * 50)
    found = checkup.check(open_corpus(str(tmp_path / "a.txt")))
    assert (found.lines, found.longest_line, found.repeated_lines, found.repeated_characters) == (0, 0, 0, 0)
