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


@pytest.mark.parametrize("content", ["", "[]", '{"a": 1}', '{"a": {"speed": 2}}'])
def test_a_damaged_file_is_as_none(home: Path, content: str) -> None:
    paths.calibration().parent.mkdir(parents=True)
    paths.calibration().write_text(content)
    assert machine.newest() is None
    machine.remember("a", SLOW)
    assert machine.newest() == SLOW
