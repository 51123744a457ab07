"""Time passes for a process that hangs, and stands still for one that cannot run."""

import time

import pytest

from tests import patience
from tests.patience import Patience


def test_it_is_over_when_nothing_happens() -> None:
    waiting, begun = Patience(0.3), time.monotonic()
    while not waiting.is_over():
        time.sleep(0.01)
    assert time.monotonic() - begun >= 0.3


def test_seconds_in_which_a_process_waits_for_a_processor_do_not_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now, waited = [1000.0], {7: 5.0}
    monkeypatch.setattr(patience.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(patience, "_waited", lambda: dict(waited))
    waiting = Patience(10.0)
    for _ in range(100):  # it gets a tenth of a processor
        now[0] += 1.0
        waited[7] += 0.95
        assert not waiting.is_over()
    assert waiting.passed == pytest.approx(5.0)
    waited[8] = 1.0  # begun meanwhile
    now[0] += 2.0
    assert not waiting.is_over()
    assert waiting.passed == pytest.approx(6.0)
    now[0] += 4.5
    assert waiting.is_over()
