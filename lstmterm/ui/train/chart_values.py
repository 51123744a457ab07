"""The lines beside the crosshair of a chart: the values of all runs at its place, and what happened there."""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from lstmterm.runs.chart import Piece, Trace
from lstmterm.runs.measures import Measure, last_at
from lstmterm.runs.moments import Moment
from lstmterm.visible import shorten_middle, visible

_NAME, _SHORTEST_NAME = 18, 6  # columns of a run's name
_MOST_LINES = 5  # of what happened once


@dataclass(frozen=True)
class Values:
    """A run's figures at a place, as text; `shows` is what it has its colour of."""

    name: str
    shows: str
    figures: str


def figures(traces: Sequence[Trace], measure: Measure, x: float, mark: str) -> str:
    """A run's figures at a place: at the last step up to it, and at the last evaluation."""
    found = {trace.shows: trace for trace in traces}
    values: list[str] = []
    for name in ("train", "val"):
        trace = found.get(name)
        value = last_at(trace.xs, trace.ys, x) if trace is not None else float("nan")
        if trace is not None and len(trace.xs) and value == value:
            values.append(f"{mark if name == 'val' else '━'} {measure.shown(value)}")
    return "  ".join(values) or "none yet"


def lines(place: str, runs: Sequence[Values], happened: Sequence[Moment], room: int) -> Iterator[list[Piece]]:
    """The lines: the place, the runs, and what happened, broken between words at `room` columns."""
    yield [(f" {place} ", "label")]
    free = room - max(cell_len(run.figures) for run in runs) - 3
    names = [_narrow(visible(run.name)) for run in runs]
    wide = min(max(map(len, names)), max(free, _SHORTEST_NAME), _NAME)
    for name, run in zip(names, runs, strict=True):
        yield [(f" {shorten_middle(name, wide):<{wide}} ", "card"), (f"{run.figures} ", run.shows)]
    for moment in happened:
        text = f"{moment.mark} {_narrow(visible(moment.text))}"
        broken = textwrap.wrap(
            text, max(room - 2, 10), max_lines=_MOST_LINES, placeholder="…", subsequent_indent="  "
        )
        yield from ([(f" {line} ", "moment")] for line in broken)


def _narrow(text: str) -> str:
    """The text with a question mark for each character that takes no column, or two."""
    return "".join(c if cell_len(c) == 1 else "?" for c in text)
