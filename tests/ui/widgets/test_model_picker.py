"""Which model is chosen first, and how models are described."""

import os

from rich.cells import cell_len

from lstmterm.models import model_file
from lstmterm.ui.widgets.model_picker import ModelPicker, card_line, main_metric, newest_model
from tests.ui.conftest import keep_model
from tests.ui.tagger_models import WORDS, keep_tagger


def test_the_newest_model_is_chosen_and_damaged_files_are_skipped() -> None:
    assert newest_model() is None
    paths = [keep_model(name) for name in ("first", "second", "third")]
    for age, path in zip((10, 30, 20), paths, strict=True):
        os.utime(path, (1_000_000 + age, 1_000_000 + age))
    assert newest_model() == "second"
    paths[1].write_bytes(b"nonsense, long enough to be looked at")
    os.utime(paths[1], (2_000_000, 2_000_000))
    assert newest_model() == "third"


def test_a_model_is_described_in_a_line() -> None:
    card = model_file.describe(keep_model(loss=1.25, complete=False))
    assert card_line(card) == "1x8 · val 1.250 · in training"
    assert main_metric(card) == "val 1.250"


def test_names_stand_in_columns_and_are_cut_in_the_middle() -> None:
    long = "a-sweep-of-the-harbour-hidden96-dropout0_3-s1"
    for name in ("bard", "漢字", long):
        keep_model(name)
    shown = [str(row.shown) for row in ModelPicker("", frozenset()).rows("")]
    assert len({cell_len(line[: line.index("1x8")]) for line in shown if "1x8" in line}) == 1
    assert any("…" in line and "dropout0_3-s1 " in line for line in shown)
    keep_tagger("tide", WORDS)
    taggers = [str(row.shown) for row in ModelPicker("", frozenset(), "tagger").rows("tide")]
    assert [line.split()[0] for line in taggers] == ["tide"]
    assert len(taggers[0]) < 40, "the column of names is as wide as the names of taggers"
