"""A line chart in characters: braille curves, marks, reference levels, axes with ticks.

The result is plain text in pieces, each with the name of what it shows; the caller chooses the
colours. It can be read without any: the smoothed curve clears the cells that it passes through,
marks are letters of their own, and levels are labelled.

Every column of dots spans from the lowest to the highest value that falls into it, so no spike is
lost however many points there are.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Literal

from lstmterm.runs.axis import Axis, tick_texts

Piece = tuple[str, str]  # text, what it shows ("" for nothing)

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # braille bits by row and column
_NO_DOTS, _ALL_DOTS = "\u2800", "\u28ff"
_LABELS = 6  # characters for the labels of the vertical axis


@dataclass(frozen=True)
class Trace:
    """A curve to draw. `shows` says what it is; a band fills each column from its lowest to its highest value.

    Points are not joined, and need not be in an order; marks are characters. A line has a gap where values
    are not finite; `dash` is how many of its columns of dots are drawn, and how many left out, in turn.
    """

    shows: str
    xs: Sequence[float]
    ys: Sequence[float]
    form: Literal["band", "line", "points", "marks"] = "line"
    mark: str = "●"
    dash: tuple[int, int] = (1, 0)


@dataclass(frozen=True)
class Pointer:
    """A vertical line at a value, and lines of text beside it: what the curves are there."""

    x: float
    lines: Sequence[Sequence[Piece]]


@dataclass(frozen=True)
class ReferenceLine:
    """A horizontal line at a value to compare the curves with."""

    name: str
    value: float


@dataclass(frozen=True)
class Window:
    """What is drawn: both axes, and the size of the chart in characters, labels included."""

    x: Axis
    y: Axis
    width: int
    height: int

    @property
    def plot_width(self) -> int:
        """Characters for the curves themselves."""
        return max(self.width - _LABELS - 1, 1)

    @property
    def plot_height(self) -> int:
        """Lines for the curves themselves."""
        return max(self.height - 2, 1)

    def room_beside(self, x: float) -> int:
        """Columns beside the vertical line at a value, on the side that has more."""
        column = self.column(x)
        return max(column, self.plot_width - column - 1) - 1

    def column(self, x: float) -> int:
        """The column of a value; that of the nearest one if it is out of view."""
        share = min(max(self.x.share(x), 0.0), 1.0)
        return min(int(share * self.plot_width), self.plot_width - 1)


def draw(
    window: Window,
    traces: Iterable[Trace],
    levels: Iterable[ReferenceLine] = (),
    marked: Iterable[tuple[float, str]] = (),
    pointer: Pointer | None = None,
) -> list[list[Piece]]:
    """The chart as `window.height` lines of pieces. Later traces lie over earlier ones.

    Each line of the chart has one level at most: the first of those that fall into it, if there is room for its
    name beside the curves. `marked` are values
    of the horizontal axis, each with a character that is drawn on the axis ("moment").
    """
    canvas = _Canvas(window)
    for level in levels:
        canvas.level(level)
    for trace in traces:
        if trace.form == "marks":
            canvas.marks(trace)
        elif trace.form == "points":
            canvas.points(trace)
        else:
            canvas.curve(trace)
    if pointer is not None:
        canvas.point(pointer)
    canvas.label_levels()
    return [*canvas.lines(), *_x_axis(window, marked)]


class _Canvas:
    """The characters of the chart; each belongs to one curve, mark or level."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.width, self.height = window.plot_width, window.plot_height
        self.glyphs = [[" "] * self.width for _ in range(self.height)]
        self.shows = [[""] * self.width for _ in range(self.height)]
        self._names: dict[int, str] = {}  # of the level in each line that has one

    def _dot_row(self, value: float) -> int:
        """The row of dots for a value, counted from the top; may lie outside the chart."""
        rows = self.height * 4
        share = max(min(self.window.y.share(value), 10.0), -10.0)
        return round((1 - share) * (rows - 1))

    def _stroke(self, column: int, top: int, bottom: int, shows: str) -> None:
        """Dots in one column of dots, from one row to another."""
        rows = self.height * 4
        top, bottom = min(top, bottom), max(top, bottom)
        for row in range(max(top, 0), min(bottom, rows - 1) + 1):
            y, x = row // 4, column // 2
            if self.shows[y][x] != shows or not _NO_DOTS <= self.glyphs[y][x] <= _ALL_DOTS:
                self.glyphs[y][x], self.shows[y][x] = _NO_DOTS, shows
            self.glyphs[y][x] = chr(ord(self.glyphs[y][x]) | _DOTS[row % 4][column % 2])

    def curve(self, trace: Trace) -> None:
        """A band, or a line that joins its columns as far as its values are finite."""
        if trace.form == "band":
            for column, low, high in columns(trace.xs, trace.ys, self.window.x, self.width * 2):
                self._stroke(column, self._dot_row(high), self._dot_row(low), trace.shows)
            return
        for xs, ys in _finite_parts(trace):
            before: tuple[int, float] | None = None
            for column, low, high in columns(xs, ys, self.window.x, self.width * 2):
                value = (low + high) / 2
                self._join(before or (column - 1, value), (column, value), trace)
                before = column, value

    def _join(self, start: tuple[int, float], end: tuple[int, float], trace: Trace) -> None:
        """A line between two columns of dots, without gaps however steep it is, but for those of a dashed one."""
        on, off = trace.dash
        a, b = self._dot_row(start[1]), self._dot_row(end[1])
        length = end[0] - start[0]
        row = a
        for i in range(1, length + 1):
            following = round(a + (b - a) * i / length)
            near = row if following == row else row + (1 if following > row else -1)
            if (start[0] + i) % (on + off) < on:
                self._stroke(start[0] + i, near, following, trace.shows)
            row = following

    def marks(self, trace: Trace) -> None:
        """One character at each point."""
        for x, y in zip(trace.xs, trace.ys, strict=True):
            share = self.window.x.share(x)
            row = self._dot_row(y)
            if not (0 <= share <= 1 and 0 <= row < self.height * 4):
                continue
            column = min(int(share * self.width), self.width - 1)
            self.glyphs[row // 4][column] = trace.mark
            self.shows[row // 4][column] = trace.shows

    def points(self, trace: Trace) -> None:
        """A dot at each point."""
        dots = 2 * self.width
        for x, y in zip(trace.xs, trace.ys, strict=True):
            share, row = self.window.x.share(x), self._dot_row(y)
            if 0 <= share <= 1:
                self._stroke(min(int(share * dots), dots - 1), row, row, trace.shows)

    def point(self, pointer: Pointer) -> None:
        """A vertical line through what is empty, and its text on the side that has more room."""
        share = self.window.x.share(pointer.x)
        if not 0 <= share <= 1:
            return
        column, room = self.window.column(pointer.x), self.window.room_beside(pointer.x)
        for y in range(self.height):
            if self.shows[y][column] in ("", "level"):
                self.glyphs[y][column], self.shows[y][column] = "│", "pointer"
        wide = min(max((sum(len(text) for text, _ in line) for line in pointer.lines), default=0), room)
        start = column - wide - 1 if column * 2 > self.width else column + 2
        for y, line in enumerate(pointer.lines[: self.height]):
            cells = [(glyph, shows or "card") for text, shows in line for glyph in text][:wide]
            cells += [(" ", "card")] * (wide - len(cells))
            for x, (glyph, shows) in enumerate(cells, start):
                self.glyphs[y][x], self.shows[y][x] = glyph, shows

    def level(self, level: ReferenceLine) -> None:
        """A dashed line over the whole width, unless there is one in the same line of the chart."""
        row = self._dot_row(level.value) // 4
        if 0 <= row < self.height and row not in self._names:
            self._names[row] = f" {level.name} "
            self._write(row, 0, "┈" * self.width)

    def label_levels(self) -> None:
        """The names of the levels, each as far to the right as no curve is in its place.

        A level whose name has no place is left out: a line without a name could be any.
        """
        for row, name in self._names.items():
            free = "".join("." if shows == "level" else " " for shows in self.shows[row][:-1])
            place = free.rfind("." * len(name))
            if place >= 0:
                self._write(row, place, name)
                continue
            for column, shows in enumerate(self.shows[row]):
                if shows == "level":
                    self.glyphs[row][column], self.shows[row][column] = " ", ""

    def _write(self, row: int, column: int, text: str) -> None:
        """Characters of a level."""
        stop = column + len(text)
        self.glyphs[row][column:stop], self.shows[row][column:stop] = text, ["level"] * len(text)

    def lines(self) -> Iterator[list[Piece]]:
        """The rows of the chart, each after its part of the vertical axis."""
        labels = _y_labels(self.window)
        for y in range(self.height):
            label = labels.get(y)
            axis = "┤" if label is not None else "│"
            cells = [(f"{label or '':>{_LABELS}}", "label"), (axis, "axis")]
            for glyph, shows in zip(self.glyphs[y], self.shows[y], strict=True):
                cells.append((glyph, shows if glyph != " " else ""))
            yield _gathered(cells)


def _y_labels(window: Window) -> dict[int, str]:
    """The labels of the vertical axis, by line."""
    ticks = window.y.ticks(max(window.plot_height // 2, 2))
    rows = window.plot_height * 4
    labels: dict[int, str] = {}
    for tick, text in zip(ticks, tick_texts(ticks), strict=True):
        row = round((1 - window.y.share(tick)) * (rows - 1)) // 4
        if 0 <= row < window.plot_height:
            labels.setdefault(row, text)
    return labels


def _x_axis(window: Window, marked: Iterable[tuple[float, str]]) -> list[list[Piece]]:
    """The horizontal axis, and its labels below."""
    width = window.plot_width
    line, labels = ["─"] * width, [" "] * width
    ticks = window.x.ticks(max(width // 9, 2))
    free = 0
    for tick, text in zip(ticks, tick_texts(ticks), strict=True):
        column = min(max(round(window.x.share(tick) * (width - 1)), 0), width - 1)
        start = min(max(column - len(text) // 2, 0), width - len(text))
        if start < free or start < 0:
            continue
        line[column] = "┬"
        labels[start : start + len(text)] = text
        free = start + len(text) + 1
    cells = [(glyph, "axis") for glyph in line]
    for x, mark in marked:
        if 0 <= (share := window.x.share(x)) <= 1:
            cells[min(int(share * width), width - 1)] = mark, "moment"
    corner = " " * _LABELS + "└"
    return [_gathered([(corner, "axis"), *cells]), [(" " * (_LABELS + 1) + "".join(labels), "label")]]


def _finite_parts(trace: Trace) -> Iterator[tuple[Sequence[float], Sequence[float]]]:
    """The longest stretches of a trace without values that are not finite."""
    if math.isfinite(sum(trace.ys)):
        yield trace.xs, trace.ys
        return
    start = 0
    for finite, same in groupby(trace.ys, math.isfinite):
        stop = start + sum(1 for _ in same)
        if finite:
            yield trace.xs[start:stop], trace.ys[start:stop]
        start = stop


def _gathered(cells: Iterable[Piece]) -> list[Piece]:
    """The pieces, neighbours that show the same thing joined."""
    return [("".join(text for text, _ in same), shows) for shows, same in groupby(cells, itemgetter(1))]


def columns(
    xs: Sequence[float], ys: Sequence[float], axis: Axis, count: int
) -> Iterator[tuple[int, float, float]]:
    """The curve in `count` columns along `axis`: index, lowest and highest value of each.

    `xs` increase. Columns without a finite value are left out. The cost is one look at each value
    within the axis, at the speed of `min` and `max`.
    """
    start = bisect_left(xs, axis.low)
    end = bisect_right(xs, axis.high)
    for index in range(count):
        if start >= end:
            break
        stop = end if index == count - 1 else bisect_right(xs, axis.value((index + 1) / count), start, end)
        part = ys[start:stop]
        start = stop
        if not part:
            continue
        low, high = min(part), max(part)
        if not math.isfinite(low + high + part[0] + part[-1]):
            part = [y for y in part if math.isfinite(y)]
            if not part:
                continue
            low, high = min(part), max(part)
        yield index, low, high
