"""Figures of a run and what they are drawn against."""

import math
from dataclasses import replace
from itertools import pairwise

import pytest

from lstmterm.runs import events
from lstmterm.runs.events import Event, Step
from lstmterm.runs.measures import ACROSS, LOSS, MEASURES, last_at, smoothed
from lstmterm.runs.progress import Progress
from tests.ui.journals import learning


def test_minutes_leave_out_the_time_between_sessions() -> None:
    found = learning()
    middle, pause = len(found) // 2, 3600.0
    cut = found[middle]
    later: list[Event] = [replace(event, time=event.time + pause) for event in found[middle + 1 :]]
    resumed = events.Resumed(step=cut.step, time=cut.time + pause, steps=9800)
    whole, halves = Progress.of(found), Progress.of([*found[: middle + 1], resumed, *later])
    minutes = ACROSS[3]
    for step in (12, 1000, 2500, 4116):
        assert minutes.values(halves, [step]) == pytest.approx(minutes.values(whole, [step]), abs=1e-6)
    assert minutes.values(whole, [4116])[0] == pytest.approx((found[-1].time - found[0].time) / 60, rel=0.05)


def test_smoothing_evens_out_more_the_stronger_it_is_and_keeps_gaps() -> None:
    progress = Progress.of(
        replace(e, loss=math.nan) if isinstance(e, Step) and 2000 < e.step < 2100 else e for e in learning()
    )

    def roughness(factor: float) -> float:
        ys = [y for y in smoothed(progress, progress.losses, factor) if math.isfinite(y)]
        return sum(abs(a - b) for a, b in pairwise(ys[100:]))

    assert roughness(5) < roughness(1) < roughness(0.2) < roughness(0)
    for factor in (0, 0.2, 1, 5):
        ys = smoothed(progress, progress.losses, factor)
        assert [math.isfinite(y) for y in ys] == [math.isfinite(y) for y in progress.losses]


def test_the_last_value_up_to_a_place() -> None:
    assert math.isnan(last_at([2, 4], [1.0, 3.0], 1))
    assert [last_at([2, 4], [1.0, 3.0], x) for x in (2, 3, 4, 9)] == [1.0, 1.0, 3.0, 3.0]
    assert LOSS.shown(1.23456) == "1.235"


def test_what_lies_along_the_axis_has_the_name_of_what_the_model_reads() -> None:
    progress = Progress.of(learning())
    assert [across.name_for(progress) for across in ACROSS] == ["step", "epoch", "characters", "minutes"]
    assert progress.started is not None
    tagger = Progress(started=replace(progress.started, task="tagger"))
    assert ACROSS[2].name_for(tagger) == "tokens"


def test_accuracies_are_percentages_on_the_axis_and_in_words() -> None:
    evaluated = events.Evaluated(
        step=4116, time=0.0, val_loss=0.2, train_loss=0.1, best=True, metrics={"dev_accuracy": 0.528}
    )
    accuracy = next(measure for measure in MEASURES if measure.name == "accuracy")
    (last,) = accuracy.evaluations(Progress.of([*learning(), evaluated]))
    assert last == (4116, pytest.approx(52.8))
    assert (accuracy.shown(last[1]), accuracy.unit) == ("52.80%", "percent")
