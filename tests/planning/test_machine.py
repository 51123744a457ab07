"""What was measured of this machine is kept, and read by one reader."""

from pathlib import Path

import pytest

from lstmterm import paths
from lstmterm.planning import machine
from lstmterm.planning.machine import Machine

SLOW, QUICK = Machine("cpu", 1, "float32", 10_000.0), Machine("cpu", 2, "bfloat16", 60_000.0)


def test_measurements_are_kept_the_newest_last(home: Path) -> None:
    assert machine.newest() is None
    machine.remember("a", SLOW)
    machine.remember("b", QUICK)
    assert machine.newest() == QUICK
    assert machine.known() == {"a": SLOW, "b": QUICK}
    machine.remember("a", SLOW)
    assert machine.newest() == SLOW


DAMAGED = {
    "": "is not a JSON object",
    "[]": "is not a JSON object",
    "[" * 100_000: "is nested too deeply",
    '{"a": 1}': "an entry is 1 and not an object",
    '{"a": {"speed": 2}}': "has no 'device'",
    '{"a": {"device": "cpu", "threads": "2", "precision": "float32", "chars_per_second": 1.0}}': "'threads'",
    '{"a": {"device": "cpu", "threads": 0, "precision": "float32", "chars_per_second": 1.0}}': "not positive",
    '{"a": {"device": "cpu", "threads": 2, "precision": "float8", "chars_per_second": 1.0}}': "'precision'",
    '{"a": {"device": "cpu", "threads": 2, "precision": "float32", "chars_per_second": 1e999}}': "not finite",
    '{"a": {"device": "cpu", "threads": 2, "precision": "float32", "chars_per_second": null}}': "a number",
    '{"a": {"device": "cpu", "threads": 2, "precision": "float32", "chars_per_second": 1.0, "share_of_products": 1}}': "a share",
}


@pytest.mark.parametrize("content", DAMAGED, ids=DAMAGED.values())
def test_damaged_measurements_are_dropped_with_one_sentence(home: Path, content: str) -> None:
    assert machine.mended() == ""
    paths.calibration().parent.mkdir(parents=True)
    paths.calibration().write_text(content)
    assert machine.newest() is None
    said = machine.mended()
    assert str(paths.calibration()) in said
    assert DAMAGED[content] in said
    assert machine.mended() == ""
    machine.remember("a", SLOW)
    assert machine.newest() == SLOW


def test_a_damaged_measurement_leaves_the_others(home: Path) -> None:
    machine.remember("a", SLOW)
    machine.remember("b", QUICK)
    path = paths.calibration()
    path.write_text(path.read_text().replace('"bfloat16"', "16"))
    assert "has 16 where 'precision' should be 'float32' or 'bfloat16'" in machine.mended()
    assert machine.known() == {"a": SLOW}


def test_a_folder_in_place_of_the_measurements_keeps_nothing_from_working(home: Path) -> None:
    paths.calibration().mkdir(parents=True)
    assert f"delete {paths.calibration()}" in machine.mended()
    machine.remember("a", SLOW)
    assert machine.known() == {}
