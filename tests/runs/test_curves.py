"""The curves of a run: units, baselines, and an axis that holds every loss."""

import math

import pytest

from lstmterm.amounts import NATS_PER_BIT
from lstmterm.runs import events
from lstmterm.runs.chart import Trace
from lstmterm.runs.curves import LEGEND, legend_of, levels_of, loss_axis, traces_of
from lstmterm.runs.measures import MEASURES
from lstmterm.runs.progress import Progress
from tests.ui.journals import learning


def test_every_curve_is_in_the_legend() -> None:
    assert {t.shows for t in traces_of(Progress.of(learning()))} == {shows for shows, _, _ in LEGEND}


def test_losses_are_in_nats_or_bits() -> None:
    progress = Progress.of(learning())
    nats, bits = (traces_of(progress, bits=b) for b in (False, True))
    for a, b in zip(nats, bits, strict=True):
        assert list(a.ys) == pytest.approx([y * NATS_PER_BIT for y in b.ys])
    assert [level.name for level in levels_of(progress)] == ["trigram 2.02", "bigram 2.46", "unigram 3.31"]
    assert levels_of(progress, bits=True)[0].value == pytest.approx(2.02 / NATS_PER_BIT)


def test_the_most_important_baselines_come_first() -> None:
    found = {
        "unigram": 3.3,
        "6-gram": 1.6,
        "xz": 1.7,
        "trigram": 2.0,
        "bzip2": 1.5,
        "floor": 1.2,
        "odd": math.nan,
    }
    progress = Progress.of([*learning(), events.Compared(step=100, time=0, baselines=found)])
    names = [level.name for level in levels_of(progress)]
    assert names == [
        "exact entropy 1.20",
        "6-gram 1.60",
        "bzip2 1.50",
        "xz 1.70",
        "trigram 2.00",
        "unigram 3.30",
    ]


def test_the_axis_holds_every_finite_loss_between_two_steps() -> None:
    trace = Trace("raw", [0, 1, 2, 3], [9.0, 1.0, math.nan, 2.0])
    axis = loss_axis([trace], (1, 3), log=False)
    assert axis.low < 1 < 2 < axis.high < 9
    assert loss_axis([trace], (1, 3), log=True).log
    assert not loss_axis([Trace("raw", [0], [0.0])], (0, 1), log=True).log, "zero has no logarithm"
    assert loss_axis([], (0, 1), log=False).high > 0


def test_the_legend_names_what_is_drawn_and_the_marks_of_what_happened() -> None:
    found = [*learning(), events.Warned(step=100, time=0, message="The disk is nearly full.")]
    progress = Progress.of([*found, events.Resumed(step=4116, time=0, steps=9800)])
    assert [name for _, _, name in legend_of(progress)] == [
        "training",
        "validation",
        "best",
        "raw",
        "message",
        "resumed",
    ]
    names = {
        measure.name: [mark + name for _, mark, name in legend_of(progress, measure=measure, raw=False)]
        for measure in MEASURES
    }
    assert names["learning rate"] == ["━learning rate", "!message", "↻resumed", "◆best"]
    assert names["accuracy"] == names["learning rate"][1:], "it was not measured"
