"""What a chart of runs can show: a figure of training upwards, and along the axis steps, epochs, characters or time."""

import math
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from lstmterm.amounts import count, duration, figure
from lstmterm.runs.progress import Progress
from lstmterm.runs.smoothing import Smoother

Value = TypeVar("Value")


@dataclass(frozen=True)
class Measure:
    """A figure of a run at its steps. `points` are None for one that is known at evaluations only."""

    name: str
    points: Callable[[Progress], Sequence[float]] | None  # at `Progress.steps`
    evaluations: Callable[[Progress], list[tuple[int, float]]]  # step and value
    shown: Callable[[float], str]
    is_smoothed: bool = True
    unit: str = ""  # "{}" in it is what a loss is counted per


def _none(progress: Progress) -> list[tuple[int, float]]:
    return []


def _accuracies(progress: Progress) -> list[tuple[int, float]]:
    found = [(e.step, e.metrics.get("dev_accuracy", math.nan)) for e in progress.evaluated]
    return [(step, 100 * share) for step, share in found if math.isfinite(share)]


LOSS = Measure("loss", lambda p: p.losses, lambda p: p.validations, figure)
MEASURES: Sequence[Measure] = (
    LOSS,
    Measure("gradient norm", lambda p: p.norms, _none, lambda v: f"{v:.3g}"),
    Measure("learning rate", lambda p: p.rates, _none, lambda v: f"{v:.2g}", is_smoothed=False),
    Measure("speed", lambda p: p.speeds, _none, lambda v: f"{count(v)}/s", unit="{}s a second"),
    Measure("accuracy", None, _accuracies, lambda v: f"{v:.2f}%", unit="percent"),
)


@dataclass(frozen=True)
class Across:
    """What lies along the horizontal axis. A "{}" in the name is what a loss is counted per."""

    name: str
    values: Callable[[Progress, Sequence[int]], Sequence[float]]  # of steps, in their order
    shown: Callable[[float], str]
    whole: bool = False  # whether only whole numbers make sense

    def name_for(self, progress: Progress) -> str:
        """Its name for a run: characters, or the tokens of a tagger."""
        return self.name.format(progress.unit)


def _epochs(progress: Progress, steps: Sequence[int]) -> Sequence[float]:
    length = progress.started.steps_per_epoch if progress.started else 0.0
    return [step / length for step in steps] if length > 0 else [0.0] * len(steps)


def _units(progress: Progress, steps: Sequence[int]) -> Sequence[float]:
    size = progress.started.units_per_step if progress.started else 0
    return [float(step * size) for step in steps]


def _minutes(progress: Progress, steps: Sequence[int]) -> Sequence[float]:
    """When a step was done, in minutes of training, by the two training losses beside it."""
    known, seconds = progress.steps, progress.trained
    found = array("d")
    for step in steps:
        at = bisect_left(known, step)
        if at >= len(known):
            found.append(seconds[-1] / 60 if seconds else 0.0)
            continue
        before, then = (known[at - 1], seconds[at - 1]) if at else (0, 0.0)
        share = (step - before) / (known[at] - before) if known[at] > before else 1.0
        found.append((then + share * (seconds[at] - then)) / 60)
    return found


STEP = Across("step", lambda _, steps: steps, lambda v: f"{v:,.0f}", whole=True)
ACROSS: Sequence[Across] = (
    STEP,
    Across("epoch", _epochs, lambda v: f"{v:,.2f}"),
    Across("{}s", _units, count, whole=True),
    Across("minutes", _minutes, lambda v: duration(v * 60)),
)
SMOOTHINGS = {"usual": 1.0, "strong": 5.0, "none": 0.0, "light": 0.2}  # times the usual horizon


def smoothed(progress: Progress, values: Sequence[float], factor: float) -> Sequence[float]:
    """A series at `Progress.steps` smoothed as its losses are, over `factor` times as many steps.

    Where a value is not finite, so is the result, so that a curve shows the gap.
    """
    if factor <= 0:
        return values
    if factor == 1 and values is progress.losses:
        means = progress.smooth
    else:
        smoother, before, means = Smoother(progress.horizon * factor), 0, array("d")
        for step, value in zip(progress.steps, values, strict=True):
            means.append(smoother.add(value, max(step - before, 0)))
            before = step
    if math.isfinite(sum(values)):
        return means
    return array("d", (m if math.isfinite(v) else math.nan for m, v in zip(means, values, strict=True)))


def last_at(xs: Sequence[float], ys: Sequence[float], x: float) -> float:
    """The last value of a curve up to `x`; nan before its first one."""
    at = bisect_right(xs, x) - 1
    return ys[at] if at >= 0 else math.nan


def after(values: Sequence[Value], value: Value) -> Value:
    """The value that follows another one, in a circle."""
    return values[(values.index(value) + 1) % len(values)]
