"""A tagger's data: what is held out, folds, schemes."""

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from lstmterm.errors import InputError
from lstmterm.spec.tagger import DataPart
from lstmterm.tagging import counting, tagged_data


@pytest.fixture
def file(tmp_path: Path) -> Path:
    rows = [f'"w{i % 30} is {i % 30}","N V X"' for i in range(100)]  # every sentence several times
    path = tmp_path / "data.csv"
    path.write_text("text,tag\n" + "\n".join(rows) + "\n")
    return path


def part(file: Path, **knobs: object) -> DataPart:
    return DataPart.from_dict({"source": str(file), "name": "", **knobs})


def test_shares_are_held_out_and_equal_sentences_kept_together(file: Path) -> None:
    data = tagged_data.read(part(file, val_share=0.2, test_share=0.1))
    assert len(data.train) + len(data.dev) + len(data.test) == 100
    assert 15 <= len(data.dev) <= 25
    assert 5 <= len(data.test) <= 15
    splits = [{s.words for s in split} for split in (data.train, data.dev, data.test)]
    assert sum(map(len, splits)) == 30 == len(set.union(*splits))
    assert data.name == "data"


def test_every_sentence_is_in_the_test_part_of_one_fold(file: Path) -> None:
    chosen = part(file, folds=4)
    whole = tagged_data.read(chosen)
    assert (len(whole.train), len(whole.dev), len(whole.test)) == (100, 0, 0)
    folds = [tagged_data.for_fold(whole, chosen, k) for k in range(4)]
    assert sum((Counter(s.words for s in f.test) for f in folds), Counter()) == Counter(
        s.words for s in whole.train
    )
    for fold in folds:
        splits = [{s.words for s in split} for split in (fold.train, fold.dev, fold.test)]
        assert sum(map(len, splits)) == 30
        assert min(map(len, splits)) > 0


def test_files_for_validation_and_test_are_used_whole(file: Path, tmp_path: Path) -> None:
    dev = tmp_path / "dev.csv"
    dev.write_text("text,tag\na,N\n")
    data = tagged_data.read(part(file, dev=str(dev), test=str(dev)))
    assert (len(data.train), len(data.dev), len(data.test)) == (100, 1, 1)
    assert set(data.sha256) == {"train", "dev", "test"}


def test_a_file_that_changed_since_the_start_is_refused(file: Path) -> None:
    data = tagged_data.read(part(file))
    file.write_text(file.read_text() + "new,N\n")
    with pytest.raises(InputError, match="has changed since the run began"):
        tagged_data.read(part(file, sha256=data.sha256))


def test_spans_are_decoded_only_if_the_data_keeps_the_rules(tmp_path: Path) -> None:
    lawful, broken = tmp_path / "a.tsv", tmp_path / "b.tsv"
    lawful.write_text("a\tB-X\nb\tI-X\nc\tO\n\nd\tO\n\ne\tO\n")
    broken.write_text("a\tI-X\nb\tI-X\nc\tO\n\nd\tB-X\n\ne\tO\n")
    nothing_out = {"val_share": 0.0, "test_share": 0.0}
    data = tagged_data.read(part(lawful, **nothing_out))
    assert data.scheme == "bio"
    assert "decoded by its rules" in data.notes[1]
    data = tagged_data.read(part(broken, **nothing_out))
    assert data.scheme is None
    assert f"many break its rules, as in {broken}, line 1 (I-X after the start)" in data.notes[1]


def test_one_wrong_tag_is_named_and_spans_are_still_decoded(tmp_path: Path) -> None:
    file = tmp_path / "a.tsv"
    file.write_text("# id 1\na\tB-X\nb\tI-X\nc\tO\n\n" * 10 + "# id 2\na\tO\n# more\nb\tI-X\nc\tO\n")
    data = tagged_data.read(part(file))
    assert data.scheme == "bio"
    assert data.notes[2] == f"1 tag breaks these rules: {file}, line 54 (I-X after O)."
    file.write_text("a\tB-X\nb\tI-X\nc\tO\n\n" * 50 + "a\tB-X\nb\tIX\n")
    data = tagged_data.read(part(file))
    assert data.scheme == "bio"
    assert data.notes[2] == f"1 tag breaks these rules: {file}, line 202 (IX after B-X)."


def test_words_that_are_not_annotated_are_read_and_counted(tmp_path: Path) -> None:
    file = tmp_path / "a.tsv"
    file.write_text("a\tN\nb\t_\n\nc\t_\nd\t_\n")
    data = tagged_data.read(part(file, val_share=0.0, test_share=0.0))
    assert [(s.words, s.tags) for s in data.train] == [(("a", "b"), ("N", ""))]
    assert "1 distinct tag (N)" in data.notes[0]
    assert data.notes[1] == (
        "a: 3 tags are not annotated (`_`), 2 of them in sentences without a tag, which are left out; "
        "they are ignored."
    )
    file.write_text("a\t_\nb\t_\n")
    with pytest.raises(InputError, match=r"the column last is empty \(`_`\) in every sentence"):
        tagged_data.read(part(file))


@pytest.mark.parametrize(
    ("rows", "level", "doubted"),
    [
        (["the N", "sea V"], "word", ""),
        (["the N", "sea N"], "word", "The column last has a single tag, N"),
        (["1 N", "2 V", "sea N"], "word", "Most words are numbers, such as 1"),
        (["a N", "", "b V"], "word", "Every sentence has a single word"),
        ([f"w{i} t{i}" for i in range(501)], "word", "The column last has 501 distinct tags"),
        (["12\tab", "34\tba"], "char", ""),
    ],
)
def test_columns_that_look_wrong_are_doubted(
    tmp_path: Path, rows: list[str], level: str, doubted: str
) -> None:
    file = tmp_path / "a.tsv"
    file.write_text("\n".join(rows) + "\n")
    data = tagged_data.read(part(file, level=level, val_share=0.0, test_share=0.0))
    assert tagged_data.doubt(data, level).startswith(doubted)
    assert bool(tagged_data.doubt(data, level)) == bool(doubted)


def test_a_table_with_a_word_in_each_row_is_doubted(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("text,tag\nthe,D\nsea,N\n")
    data = tagged_data.read(part(file, val_share=0.0, test_share=0.0))
    assert re.match(
        r"Every row has a single word; if .*, leave a row empty after each sentence, or .* a column `sentence`$",
        tagged_data.doubt(data, "word"),
    )


@pytest.mark.parametrize(
    ("name", "how"), [("a.csv", "leave a row empty .* a column `sentence`"), ("a.tsv", "leave a line empty")]
)
def test_a_file_that_is_one_long_sentence_says_how_to_divide_it(tmp_path: Path, name: str, how: str) -> None:
    file = tmp_path / name
    mark = "," if name.endswith(".csv") else "\t"
    file.write_text(
        "".join(
            f"{word}{mark}{tag}\n" for word, tag in [("word", "tag"), *[("the", "D"), ("sea", "N")] * 200]
        )
    )
    data = tagged_data.read(part(file, val_share=0.0, test_share=0.0))
    assert re.match(rf"All 400 words of .* are one sentence; {how}", tagged_data.doubt(data, "word"))
    with pytest.raises(InputError, match=rf"All 400 words of .* are one sentence; {how}"):
        tagged_data.read(part(file, val_share=0.5, test_share=0.0))


def test_long_names_are_shortened_in_notes(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    tags = [f"B-{'X' * 5000}", "O", f"I-{'Y' * 5000}", "O"] * 3
    file.write_text(f"text,{'T' * 5000}\n" + "".join(f"w{i} a,{tag} {tag}\n" for i, tag in enumerate(tags)))
    data = tagged_data.read(part(file, column="2", val_share=0.0, test_share=0.0))
    assert len(data.notes) > 1
    for sentence in (
        *data.notes,
        tagged_data.doubt(replace(data, train=data.train[:1], column="T" * 5000), "word"),
    ):
        assert "XXXX" in sentence or "spans" in sentence
        assert len(sentence.replace(str(file), "")) < 500


def test_each_part_of_a_cipher_has_strings_of_its_own(tmp_path: Path) -> None:
    data = tagged_data.read(DataPart(source="caesar-dash:3", name="", level="char"))
    assert not {s.words for s in data.train} & {s.words for s in data.test}
    losses = counting.baselines(data)
    assert losses["tag frequencies"] == pytest.approx(3.296, abs=0.01)
    assert losses["each word's tags"] < 0.01
    with pytest.raises(InputError, match="needs the level char"):
        tagged_data.read(DataPart(source="rot13", name=""))


def test_too_few_sentences_to_hold_some_out_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text("the\tDET\nsea\tNOUN\n")
    with pytest.raises(InputError, match="too few distinct sentences to hold some out"):
        tagged_data.read(part(path, val_share=0.45, test_share=0.45))
    with pytest.raises(InputError, match="must leave at least a tenth of the data for training"):
        tagged_data.read(part(path, val_share=0.5, test_share=0.45))
    data = tagged_data.read(part(path, folds=3))
    with pytest.raises(InputError, match="too few distinct sentences for 3 folds"):
        tagged_data.for_fold(data, part(path, folds=3), 0)
