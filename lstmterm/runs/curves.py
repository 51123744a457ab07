"""The loss curves of a run, as they are drawn in characters and in files."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from math import inf, isfinite

from lstmterm.amounts import NATS_PER_BIT
from lstmterm.runs.axis import Axis
from lstmterm.runs.chart import ReferenceLine, Trace, Window
from lstmterm.runs.comparison import by_importance, shown_name
from lstmterm.runs.progress import Progress
from lstmterm.visible import shorten

# What each curve shows, the mark that stands for it in a legend, and its name there.
LEGEND = (("train", "━", "training"), ("val", "○", "validation"), ("best", "◆", "best"), ("raw", "⡇", "raw"))


def traces_of(progress: Progress, *, bits: bool = False, raw: bool = True) -> list[Trace]:
    """A run's curves, the most important last: raw and smoothed training loss, validation losses, the best."""
    unit = 1 / NATS_PER_BIT if bits else 1.0

    def scaled(values: Sequence[float]) -> Sequence[float]:
        return array("d", (v * unit for v in values)) if bits else values

    steps = [step for step, _ in progress.validations]
    traces = [Trace("raw", progress.steps, scaled(progress.losses), "band")] if raw else []
    traces.append(Trace("train", progress.steps, scaled(progress.smooth)))
    traces.append(Trace("val", steps, scaled([loss for _, loss in progress.validations]), "marks", "○"))
    if progress.best is not None:
        step, loss = progress.best
        traces.append(Trace("best", [step], [loss * unit], "marks", "◆"))
    return traces


def levels_of(progress: Progress, *, bits: bool = False) -> list[ReferenceLine]:
    """The baselines that a run's losses are compared with, the most important first."""
    unit = 1 / NATS_PER_BIT if bits else 1.0
    return [
        ReferenceLine(f"{shorten(shown_name(name), 16)} {loss * unit:.2f}", loss * unit)
        for name, loss in by_importance(progress.baselines)
    ]


def loss_axis(traces: Iterable[Trace], span: tuple[float, float], log: bool) -> Axis:
    """An axis for every loss that the traces have between two steps, with a small margin."""
    parts = [_within(t, *span) for t in traces]
    bottom = min((min(filter(isfinite, part), default=inf) for part in parts), default=inf)
    top = max((max(filter(isfinite, part), default=-inf) for part in parts), default=-inf)
    if top < bottom:
        bottom, top = 0.0, 1.0
    margin = 0.05 * (top - bottom) or 0.1
    log = log and bottom > 0
    return Axis(bottom * 0.97 if log else max(bottom - margin, 0.0), top + margin, log)


def _within(trace: Trace, low: float, high: float) -> Sequence[float]:
    """The values of a trace for `low <= x <= high`."""
    return trace.ys[bisect_left(trace.xs, low) : bisect_right(trace.xs, high)]


def whole_chart(
    progress: Progress, width: int, height: int, *, bits: bool = False, log: bool = False
) -> tuple[Window, list[Trace], list[ReferenceLine]]:
    """The whole of a run's curves, as `chart.draw` takes it."""
    span = (0.0, float(max(progress.step, 2)))
    traces = traces_of(progress, bits=bits)
    window = Window(Axis(*span), loss_axis(traces, span, log), width, height)
    return window, traces, levels_of(progress, bits=bits)
