"""What Start would do: a real text is read, this machine is measured, the plan is what `train` would do."""

import time
from pathlib import Path

import pytest

from lstmterm import paths
from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.planning import machine
from lstmterm.planning.machine import Machine
from lstmterm.ui.train.form import FormValues
from lstmterm.ui.train.planning import Cancelled, measure, plan_text, read_text
from tests.ui.conftest import publish_random


def test_a_text_is_read_and_planned_for(tmp_path: Path) -> None:
    path = tmp_path / "tides.txt"
    path.write_text("The tide is low, the rope is dry.\n" * 2000)
    values = FormValues("charlm", str(path), "", "90 s", {"layers": "1", "hidden": "40", "val": "0.1"})
    shown: list[str] = []
    reading = read_text(values, shown.append, lambda: False)
    assert reading.name == "tides"
    assert "68k characters" in reading.summary
    assert reading.text.chars == 68_000 - 6_800 - 3_400
    assert any("Reading" in line for line in shown)
    planned = plan_text(values.request(), reading, Machine("cpu", 1, "float32", 60_000))
    assert planned.plan.splitlines()[:2] == ["About 0:14 of 1.5 minutes", "1x40 LSTM, 43.9 kB file"]
    assert planned.why.endswith(".")
    assert [*planned.rows] == ["how long", "how good", "how large"]


def test_a_model_that_is_trained_further_is_planned_as_train_does_it(tmp_path: Path) -> None:
    path = tmp_path / "tides.txt"
    path.write_text("The tide is low, the rope is dry.\n" * 1000)
    publish_random("tiny", Vocabulary("abc"))
    why = {}
    for start in ("", "tiny"):
        values = FormValues("charlm", str(path), "", "90 s", {}, start)
        reading = read_text(values, lambda _: None, lambda: False)
        why[start] = plan_text(values.request(), reading, Machine("cpu", 1, "float32", 60_000)).why
    assert "n-gram predictions" in why[""]
    assert "n-gram predictions" not in why["tiny"]


def test_reading_ends_when_nobody_waits_for_it(tmp_path: Path) -> None:
    path = tmp_path / "tides.txt"
    path.write_text("The tide is low.\n" * 100)
    with pytest.raises(Cancelled):
        read_text(FormValues("charlm", str(path), "", "3"), lambda _: None, lambda: True)


def test_a_child_measures_this_machine(home: Path) -> None:
    paths.calibration().unlink()
    found = measure(lambda: False)
    assert found.chars_per_second > 0
    assert machine.newest() in (found, None), "a busy machine is measured, but not remembered"


def test_measuring_ends_when_nobody_waits_for_it(home: Path) -> None:
    started = time.monotonic()
    with pytest.raises(Cancelled):
        measure(lambda: True)
    assert time.monotonic() - started < 5
