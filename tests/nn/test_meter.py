"""The figures of steps between readings."""

import math

import pytest
import torch

from lstmterm.nn import meter
from lstmterm.nn.meter import Meter
from lstmterm.stopwatch import Stopwatch


def test_a_reading_is_the_mean_of_the_steps_since_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 10.0
    monkeypatch.setattr(meter, "Stopwatch", lambda: Stopwatch(lambda: now, lambda: now))
    measured = Meter(torch.device("cpu"))
    for loss, norm in ((2.0, 1.0), (4.0, 3.0)):
        measured.add(torch.tensor(loss), torch.tensor(norm), torch.tensor(True), 8)
    assert not measured.due()
    now = 10.5
    assert measured.due()
    reading = measured.read()
    assert (reading.loss, reading.norm, reading.steps, reading.units, reading.seconds) == (
        3.0,
        2.0,
        2,
        16,
        0.5,
    )
    measured.add(torch.tensor(7.0), torch.tensor(1.0), torch.tensor(True), 8)
    assert measured.read().loss == 7.0


def test_a_suspension_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 10.0
    monkeypatch.setattr(meter, "Stopwatch", lambda: Stopwatch(lambda: now, lambda: 0.0))
    measured = Meter(torch.device("cpu"))
    measured.add(torch.tensor(2.0), torch.tensor(1.0), torch.tensor(True), 8)
    now += 0.1
    assert not measured.due()
    now += 3600
    assert measured.read().seconds == pytest.approx(0.1)


def test_a_step_that_is_not_finite_is_noticed_until_the_restart() -> None:
    measured = Meter(torch.device("cpu"))
    assert measured.all_finite()
    measured.add(torch.tensor(math.nan), torch.tensor(1.0), torch.tensor(False), 8)
    measured.add(torch.tensor(1.0), torch.tensor(1.0), torch.tensor(True), 8)
    assert not measured.all_finite()
    measured.restart()
    assert measured.all_finite()
