"""The loss curves of a run, as they are drawn in characters and in files."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from math import inf, isfinite

from lstmterm.amounts import NATS_PER_BIT
from lstmterm.runs.axis import Axis
from lstmterm.runs.chart import ReferenceLine, Trace, Window
from lstmterm.runs.comparison import by_importance, shown_name
from lstmterm.runs.measures import LOSS, STEP, Across, Measure, smoothed
from lstmterm.runs.moments import MEANINGS, moments_of
from lstmterm.runs.progress import Progress
from lstmterm.visible import shorten

# What each curve shows, the mark that stands for it in a legend, and its name there.
LEGEND = (("train", "━", "training"), ("val", "○", "validation"), ("best", "◆", "best"), ("raw", "⡇", "raw"))
Entry = tuple[str, str, str]  # of a legend


def traces_of(
    progress: Progress,
    *,
    bits: bool = False,
    raw: bool = True,
    measure: Measure = LOSS,
    across: Across = STEP,
    smoothing: float = 1.0,
) -> list[Trace]:
    """A run's curves, the most important last: raw and smoothed training loss, validation losses, the best.

    `measure` chooses another figure than the loss, `across` what it is drawn against; `smoothing` is a
    multiple of the usual one. `bits` is for losses only.
    """
    unit = 1 / NATS_PER_BIT if bits and measure is LOSS else 1.0

    def scaled(values: Sequence[float]) -> Sequence[float]:
        return array("d", (v * unit for v in values)) if unit != 1 else values

    def along(steps: Sequence[int]) -> Sequence[float]:
        return across.values(progress, steps)

    traces: list[Trace] = []
    if measure.points is not None:
        xs, values = along(progress.steps), measure.points(progress)
        smooth = smoothed(progress, values, smoothing) if measure.is_smoothed else values
        if raw and smooth is not values:
            traces.append(Trace("raw", xs, scaled(values), "band"))
        traces.append(Trace("train", xs, scaled(smooth)))
    found = measure.evaluations(progress)
    steps, values = [step for step, _ in found], [value for _, value in found]
    traces.append(Trace("val", along(steps), scaled(values), "marks", "○"))
    if measure is LOSS and progress.best is not None:
        step, loss = progress.best
        traces.append(Trace("best", along([step]), [loss * unit], "marks", "◆"))
    return traces


def legend_of(
    progress: Progress, *, raw: bool = True, measure: Measure = LOSS, smoothing: float = 1.0
) -> list[Entry]:
    """What is drawn of a run, and how: its curves, as of `traces_of`, and the marks of what happened in it."""
    is_loss = measure is LOSS
    drawn = {
        "train": measure.points is not None,
        "raw": raw and measure.points is not None and measure.is_smoothed and smoothing > 0,
        "val": bool(measure.evaluations(progress)),
        "best": is_loss and progress.best is not None,
    }
    curves = [
        (shows, mark, name if is_loss or shows == "raw" else measure.name)
        for shows, mark, name in LEGEND
        if drawn[shows]
    ]
    happened = {moment.mark for moment in moments_of(progress)} - {mark for _, mark, _ in curves}
    return curves + [("moment", mark, name) for mark, name in MEANINGS.items() if mark in happened]


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
) -> tuple[Window, list[Trace], list[ReferenceLine], list[tuple[float, str]]]:
    """The whole of a run's curves, and what happened in it, as `chart.draw` takes it."""
    span = (0.0, float(max(progress.step, 2)))
    traces = traces_of(progress, bits=bits)
    window = Window(Axis(*span, whole=True), loss_axis(traces, span, log), width, height)
    happened = [(float(moment.step), moment.mark) for moment in moments_of(progress)]
    return window, traces, levels_of(progress, bits=bits), happened
