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
from lstmterm.runs.chart import Trace, Window, draw
from lstmterm.runs.curves import levels_of, loss_axis, traces_of
from lstmterm.runs.progress import Progress
from lstmterm.ui.widgets.keys import key

_ZOOM = 0.7
_PAN = 0.2
_OTHERS = 3  # runs that have a colour of their own


@dataclass(frozen=True)
class Curve:
    """A run to draw, under its name."""

    name: str
    progress: Progress


class LossChart(Widget, can_focus=True):
    """Training and validation loss against the step."""

    COMPONENT_CLASSES = {
        f"curve--{shows}"
        for shows in ("raw", "train", "val", "best", "level", "axis", "label", "other0", "other1", "other2")
    }
    BINDINGS = [
        key("plus,equals_sign", "zoom(1)", "Zoom in", "chart.zoom_in", "Show fewer steps"),
        key("minus", "zoom(-1)", "Zoom out", "chart.zoom_out", "Show more steps"),
        key("left", "pan(-1)", "Earlier", "chart.earlier", "Move to earlier steps", show=False),
        key("right", "pan(1)", "Later", "chart.later", "Move to later steps", show=False),
        key("0,home", "whole", "Whole", "chart.whole", "Show the whole curve again"),
        key("l", "toggle('log_loss')", "Log", "chart.log", "A logarithmic or a linear axis of losses"),
        key("x", "toggle('log_steps')", "Log steps", "chart.log_steps", "The same for the steps", show=False),
        key("u", "toggle('bits')", "Bits/nats", "chart.unit", "Switch losses between bits and nats"),
        key("r", "toggle('raw')", "Raw", "chart.raw", "Show or hide the unsmoothed loss", show=False),
    ]

    log_loss: reactive[bool] = reactive(False)
    log_steps: reactive[bool] = reactive(False)
    bits: reactive[bool] = reactive(False)
    raw: reactive[bool] = reactive(True)
    view: reactive[tuple[float, float] | None] = reactive(None)  # steps shown; None is all of them

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.curve: Curve | None = None
        self.others: list[Curve] = []
        self._strips: list[Strip] = []
        self._drawn_curves: list[tuple[str, int, int]] = []
        self._drag: tuple[int, tuple[float, float]] | None = None  # the column, and the steps in view there

    def show(self, curve: Curve | None, others: list[Curve]) -> None:
        """Draw these curves; called again whenever they have grown."""
        if (curve and curve.name) != (self.curve and self.curve.name):
            self.view = None
        self.curve, self.others = curve, others[:_OTHERS]
        drawn = [(c.name, c.progress.step, len(c.progress.steps)) for c in (curve, *self.others) if c]
        if drawn != self._drawn_curves:
            self._drawn_curves = drawn
            self._redraw()

    def _redraw(self) -> None:
        self._strips = []
        self.refresh()

    def on_mount(self) -> None:
        for name in ("log_loss", "log_steps", "bits", "raw", "view"):
            self.watch(self, name, self._redraw, init=False)

    def watch_log_steps(self) -> None:
        self.view = None

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
        window = self.window()
        levels = levels_of(self.curve.progress, bits=self.bits)
        rows = draw(window, self._traces(self.curve), levels)
        styles = {shows: self._style_of(shows) for row in rows for _, shows in row}
        return [
            Strip([Segment(text, styles[shows]) for text, shows in row]).adjust_cell_length(
                width, self.rich_style
            )
            for row in rows[:height]
        ]

    def _style_of(self, shows: str) -> Style:
        return self.get_component_rich_style(f"curve--{shows}") if shows else self.rich_style

    def _traces(self, curve: Curve) -> list[Trace]:
        """The curves of the compared runs, and over them those of the chosen one."""
        smooth = [traces_of(other.progress, bits=self.bits, raw=False)[0] for other in self.others]
        others = [replace(trace, shows=f"other{i}") for i, trace in enumerate(smooth)]
        return [*others, *traces_of(curve.progress, bits=self.bits, raw=self.raw)]

    def span(self) -> tuple[float, float]:
        """The first and the last step of all curves."""
        curves = [self.curve, *self.others] if self.curve else []
        last = max((c.progress.step for c in curves), default=1)
        return (1.0 if self.log_steps else 0.0, float(max(last, 2)))

    def window(self) -> Window:
        """The axes: the steps in view, and every loss within them."""
        low, high = self.view or self.span()
        if self.log_steps:
            low = max(low, 1.0)
        traces = self._traces(self.curve) if self.curve else []
        y = loss_axis(traces, (low, high), self.log_loss)
        return Window(Axis(low, high, self.log_steps), y, self.size.width, self.size.height)

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
        if length >= 1:
            self.view = None
            return
        length = max(length, 8 / max(last - first, 8))
        low = min(max(low, 0.0), 1 - length)
        self.view = whole.value(low), whole.value(low + length)

    def action_zoom(self, direction: int) -> None:
        self.zoom(_ZOOM if direction > 0 else 1 / _ZOOM)

    def action_pan(self, direction: int) -> None:
        self.pan(direction * _PAN)

    def action_whole(self) -> None:
        self.view = None

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
            return
        start, (low, high) = self._drag
        moved = (start - event.screen_x) / max(self.window().plot_width, 1)
        self._look(low + moved * (high - low), high - low)

    def on_mouse_up(self) -> None:
        self._drag = None
        self.release_mouse()
