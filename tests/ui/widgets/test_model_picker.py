"""Which model is chosen first, and how models are described."""

import os

from lstmterm.models import model_file
from lstmterm.ui.widgets.model_picker import card_line, main_metric, newest_model
from tests.ui.conftest import keep_model


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
