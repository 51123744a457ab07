"""The loss curves of one or more runs in characters, with zoom and pan by key and mouse.

`lstmterm.runs.chart` draws them, for the command line too, without numpy or a plotting library.
"""

from dataclasses import dataclass, replace
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from lstmterm.runs.axis import Axis
from lstmterm.runs.chart import Pointer, Trace, Window, draw
from lstmterm.runs.curves import levels_of, loss_axis, traces_of
from lstmterm.runs.measures import ACROSS, LOSS, MEASURES, SMOOTHINGS, Across, Measure, after
from lstmterm.runs.moments import moments_of
from lstmterm.runs.progress import Progress
from lstmterm.ui.train.chart_values import Values, figures, lines
from lstmterm.ui.widgets.keys import key

_ZOOM = 0.7
_PAN = 0.2
_COLOURS = 5  # of compared runs; the dash and the mark tell more of them apart, without colour too
_DASHES = ((6, 3), (2, 2), (12, 3), (1, 2), (4, 6), (9, 1))
MARKS = "△□▽☆▷◁"  # of the validation losses of compared runs
_NEAR = 1  # columns within which the pointer finds what happened at a step


@dataclass(frozen=True)
class Curve:
    """A run to draw: its id, and the name under which it is shown."""

    run: str
    progress: Progress
    name: str = ""


def mark_of(index: int) -> str:
    """The mark of the compared run with this index."""
    return MARKS[index % len(MARKS)]


class LossChart(Widget, can_focus=True):
    """The curves of a run and of those compared with it: the loss against the step, or another figure."""

    COMPONENT_CLASSES = {
        f"curve--{shows}"
        for shows in ("raw", "train", "val", "best", "level", "axis", "label", "moment", "pointer", "card")
    } | {f"curve--other{i}" for i in range(_COLOURS)}
    BINDINGS = [
        key("plus,equals_sign", "zoom(1)", "Zoom in", "chart.zoom_in", "Show fewer steps"),
        key("minus", "zoom(-1)", "Zoom out", "chart.zoom_out", "Show more steps", show=False),
        key("left", "pan(-1)", "Earlier", "chart.earlier", "Move to earlier steps", show=False),
        key("right", "pan(1)", "Later", "chart.later", "Move to later steps", show=False),
        key("0,home", "whole", "Whole", "chart.whole", "Show the whole curve again"),
        key("full_stop", "point(1)", "Values", "chart.point", "Show the values at a step, and move to later ones"),
        key("comma", "point(-1)", "Values", "chart.point_back", "Show the values at a step, and move to earlier ones", show=False),
        key("escape", "unpoint", "No values", "chart.unpoint", "Hide the values at a step", show=False),
        key("m", "next_measure", "Figure", "chart.measure", "Loss, gradient norm, learning rate, speed or accuracy"),
        key("a", "next_across", "Along", "chart.across", "Draw it against steps, epochs, characters or minutes"),
        key("s", "next_smoothing", "Smoothing", "chart.smoothing", "Smooth usually, strongly, not at all or lightly", show=False),
        key("l", "toggle('log_loss')", "Log", "chart.log", "A logarithmic or a linear axis of losses"),
        key("x", "toggle('log_steps')", "Log steps", "chart.log_steps", "The same for the steps", show=False),
        key("u", "toggle('bits')", "Bits/nats", "chart.unit", "Switch losses between bits and nats"),
        key("r", "toggle('raw')", "Raw", "chart.raw", "Show or hide the unsmoothed loss", show=False),
    ]  # fmt: skip

    log_loss: reactive[bool] = reactive(False)
    log_steps: reactive[bool] = reactive(False)
    bits: reactive[bool] = reactive(False)
    raw: reactive[bool] = reactive(True)
    measure: reactive[Measure] = reactive(LOSS)
    across: reactive[Across] = reactive(ACROSS[0])
    smoothing: reactive[str] = reactive(next(iter(SMOOTHINGS)))
    view: reactive[tuple[float, float] | None] = reactive(
        None
    )  # what is in view of the axis; None is all of it
    pointer: reactive[float | None] = reactive(None)  # the place on the axis whose values are shown

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.curve: Curve | None = None
        self.others: list[Curve] = []
        self._strips: list[Strip] = []
        self._drawn_curves: list[tuple[str, int, int]] = []
        self._drag: tuple[int, tuple[float, float]] | None = None  # the column, and what was in view there

    def show(self, curve: Curve | None, others: list[Curve]) -> None:
        """Draw these curves; called again whenever they have grown."""
        if (curve and curve.run) != (self.curve and self.curve.run):
            self.view = self.pointer = None
        self.curve, self.others = curve, others
        if self.measure not in self.measures:
            self.measure = LOSS
        drawn = [(c.run, c.progress.step, len(c.progress.steps)) for c in (curve, *self.others) if c]
        if drawn != self._drawn_curves:
            self._drawn_curves = drawn
            self._redraw()

    @property
    def measures(self) -> list[Measure]:
        """The figures that the run has."""
        progress = self.curve.progress if self.curve else Progress()
        return [each for each in MEASURES if each.points is not None or each.evaluations(progress)]

    def _redraw(self) -> None:
        self._strips = []
        self.refresh()

    def on_mount(self) -> None:
        for name in ("log_loss", "log_steps", "bits", "raw", "view", "measure", "smoothing", "pointer"):
            self.watch(self, name, self._redraw, init=False)

    def watch_log_steps(self) -> None:
        self.view = None

    def watch_across(self) -> None:
        self.view = self.pointer = None
        self._redraw()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._strips = []

    def on_resize(self) -> None:
        self._redraw()

    def render_line(self, y: int) -> Strip:
        if not self._strips:
            self._strips = self._drawn()
        width = self.size.width
        return self._strips[y] if y < len(self._strips) else Strip.blank(width, self.rich_style)

    def _drawn(self) -> list[Strip]:
        width, height = self.size.width, self.size.height
        if self.curve is None or width < 12 or height < 4:
            return [Strip.blank(width, self.rich_style)] * height
        window, measured = self.window(), self.measure is LOSS
        levels = levels_of(self.curve.progress, bits=self.bits) if measured else []
        rows = draw(window, self._traces(self.curve), levels, self._moments(), self._pointed())
        styles = {shows: self._style_of(shows) for row in rows for _, shows in row}
        return [
            Strip([Segment(text, styles[shows]) for text, shows in row]).adjust_cell_length(
                width, self.rich_style
            )
            for row in rows[:height]
        ]

    def colour_of(self, index: int) -> str:
        """The colour of the compared run with this index."""
        return self.get_component_styles(f"curve--other{index % _COLOURS}").color.hex

    def _style_of(self, shows: str) -> Style:
        return self.get_component_rich_style(f"curve--{shows}") if shows else self.rich_style

    def _traces(self, curve: Curve) -> list[Trace]:
        """The curves of the compared runs, and over them those of the chosen one."""
        others: list[Trace] = []
        for i, other in enumerate(self.others):
            for trace in self._traces_of(other, raw=False):
                if trace.shows != "best":
                    shows, dash = f"other{i % _COLOURS}", _DASHES[i % len(_DASHES)]
                    others.append(replace(trace, shows=shows, mark=mark_of(i), dash=dash))
        return [*others, *self._traces_of(curve, raw=self.raw)]

    def _traces_of(self, curve: Curve, *, raw: bool) -> list[Trace]:
        return traces_of(
            curve.progress,
            bits=self.bits,
            raw=raw,
            measure=self.measure,
            across=self.across,
            smoothing=SMOOTHINGS[self.smoothing],
        )

    def span(self) -> tuple[float, float]:
        """The ends of the axis, which holds all curves."""
        curves = [self.curve, *self.others] if self.curve else []
        ends = [self.across.values(c.progress, [c.progress.step])[0] for c in curves]
        least = 2.0 if self.across.whole else 0.01
        last = max([*ends, least])
        return (1.0 if self.across.whole else last / 1000) if self.log_steps else 0.0, float(last)

    def window(self) -> Window:
        """The axes: what is in view of the steps, and every value within it."""
        low, high = self.view or self.span()
        if self.log_steps:
            low = max(low, self.span()[0])
        traces = self._traces(self.curve) if self.curve else []
        y = loss_axis(traces, (low, high), self.log_loss)
        across = Axis(low, high, self.log_steps, whole=self.across.whole)
        return Window(across, y, self.size.width, self.size.height)

    # --- what happened, and the values at the pointer ------------------------------------------

    def _moments(self) -> list[tuple[float, str]]:
        if self.curve is None:
            return []
        moments = moments_of(self.curve.progress)
        places = [self.across.values(self.curve.progress, [moment.step])[0] for moment in moments]
        return [(x, moment.mark) for x, moment in zip(places, moments, strict=True)]

    def _pointed(self) -> Pointer | None:
        """The pointer with the values of all runs at its place, and what happened to the chosen one there."""
        if self.pointer is None or self.curve is None:
            return None
        x, progress, window = self.pointer, self.curve.progress, self.window()
        runs = [(self.curve, "train", "○")]
        runs += [(other, f"other{i % _COLOURS}", mark_of(i)) for i, other in enumerate(self.others)]
        values = [
            Values(curve.name, shows, figures(self._traces_of(curve, raw=False), self.measure, x, mark))
            for curve, shows, mark in runs
        ]
        happened = [
            moment
            for (at, _), moment in zip(self._moments(), moments_of(progress), strict=True)
            if abs(window.x.share(at) - window.x.share(x)) * window.plot_width <= _NEAR
        ]
        place = f"{self.across.name_for(progress)} {self.across.shown(x)}"
        return Pointer(x, [*lines(place, values, happened, window.room_beside(x))])

    # --- zoom and pan -----------------------------------------------------------------------

    def zoom(self, factor: float, about: float = 1.0) -> None:
        """Show `factor` times as many steps; the one at the fraction `about` of the width stays in place."""
        low, high = self._shares()
        centre = low + about * (high - low)
        length = (high - low) * factor
        self._look(centre - about * length, length)

    def pan(self, fraction: float) -> None:
        """Move by a fraction of the steps in view."""
        low, high = self._shares()
        self._look(low + fraction * (high - low), high - low)

    def _shares(self) -> tuple[float, float]:
        """The first and the last step in view, as fractions of the whole axis."""
        whole = Axis(*self.span(), self.log_steps)
        low, high = self.view or self.span()
        return whole.share(low), whole.share(high)

    def _look(self, low: float, length: float) -> None:
        """Show the steps from `low` to `low + length`, as fractions of the whole axis."""
        first, last = self.span()
        whole = Axis(first, last, self.log_steps)
        least = 8.0 if self.across is ACROSS[0] else (last - first) / 1000
        if length >= 1:
            self.view = None
            return
        length = max(length, least / max(last - first, least))
        low = min(max(low, 0.0), 1 - length)
        self.view = whole.value(low), whole.value(low + length)

    def action_zoom(self, direction: int) -> None:
        self.zoom(_ZOOM if direction > 0 else 1 / _ZOOM)

    def action_pan(self, direction: int) -> None:
        self.pan(direction * _PAN)

    def action_whole(self) -> None:
        self.view = None

    def action_point(self, direction: int) -> None:
        """Move the pointer by a column; it appears at the end of the curve."""
        window = self.window()
        if self.pointer is None:
            last = (
                self.across.values(self.curve.progress, [self.curve.progress.step])[0] if self.curve else 0.0
            )
            share = min(window.x.share(last), 1.0)
        else:
            share = window.x.share(self.pointer) + direction / window.plot_width
        self._point_at(min(max(share, 0.0), 1.0))

    def _point_at(self, share: float) -> None:
        x = self.window().x.value(share)
        self.pointer = float(round(x)) if self.across.whole else x

    def action_unpoint(self) -> None:
        self.pointer = None

    def action_next_measure(self) -> None:
        self.measure = after(self.measures, self.measure)

    def action_next_across(self) -> None:
        self.across = after(ACROSS, self.across)

    def action_next_smoothing(self) -> None:
        self.smoothing = after([*SMOOTHINGS], self.smoothing)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.pointer is not None if action == "unpoint" else True

    def _share_at(self, x: int) -> float:
        window = self.window()
        offset = self.size.width - window.plot_width
        return min(max((x - offset) / window.plot_width, 0.0), 1.0)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.zoom(_ZOOM, self._share_at(event.x))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.zoom(1 / _ZOOM, self._share_at(event.x))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if self.view is not None:
            self._drag = event.screen_x, self._shares()
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._drag is None:
            if self.curve is not None:
                self._point_at(self._share_at(event.x))
            return
        start, (low, high) = self._drag
        moved = (start - event.screen_x) / max(self.window().plot_width, 1)
        self._look(low + moved * (high - low), high - low)

    def on_leave(self) -> None:
        self.pointer = None

    def on_mouse_up(self) -> None:
        self._drag = None
        self.release_mouse()
