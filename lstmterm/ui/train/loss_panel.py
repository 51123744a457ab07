"""The loss panel: the curves of a run, its latest figures, its progress, and what they mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message

from lstmterm.amounts import NATS_PER_BIT, count, duration, figure, perplexity, plural
from lstmterm.runs.curves import legend_of
from lstmterm.runs.events import Finished
from lstmterm.runs.measures import LOSS, SMOOTHINGS, STEP
from lstmterm.runs.progress import Progress
from lstmterm.runs.verdict import verdict
from lstmterm.ui.messages import on_screen
from lstmterm.ui.services import with_keys
from lstmterm.ui.train.loss_chart import Curve, LossChart, mark_of
from lstmterm.ui.train.machine_strip import MachineStrip
from lstmterm.ui.widgets.keys import key
from lstmterm.ui.widgets.plain import Line, plain_lines
from lstmterm.visible import shorten_middle, visible

if TYPE_CHECKING:
    from lstmterm.runs.summary import Summary

_TALL = 20  # lines from which the legend may take two
EMPTY = (
    "Nothing is being trained.\n\n"
    "Choose a text and a time in the form, then press Start.\n"
    "The loss is drawn here as the model trains."
)


class LossPanel(Vertical):
    """The chosen run. The chart has the focus, or the panel itself while the run has no figures yet."""

    BINDINGS = [
        key("c", "panel('compare')", "Compare", "loss.compare", "Also draw the curves of other runs"),
        key(
            "d",
            "panel('differences')",
            "Differences",
            "loss.differences",
            "How the settings of the compared runs differ",
        ),
        key("e", "panel('export')", "Export", "loss.export", "Write the curves to CSV, SVG, PDF or PNG"),
        key("g", "panel('log')", "Its log", "loss.log", "Show what the run printed"),
    ]

    @dataclass
    class Wanted(Message):
        """The user wants to compare, export, or read the log."""

        what: str

    def __init__(self, empty: str = EMPTY, **options: Any) -> None:
        """`empty` is the text that is shown while there is no run."""
        super().__init__(**options)
        self._empty = empty
        self._shown: tuple[Summary | None, Progress | None, list[Curve], float, bool] = (
            None,
            None,
            [],
            0.0,
            False,
        )

    def compose(self) -> ComposeResult:
        yield Line(id="loss-empty", grows=True)
        yield LossChart(id="loss-chart")
        yield Line(id="loss-legend", grows=True)
        yield Line(id="loss-figures")
        yield Line(id="loss-bar")
        yield MachineStrip(id="loss-machine")
        yield Line(id="loss-verdict", grows=True)

    def on_mount(self) -> None:
        self.show(None, None, [], 0.0)
        chart = self.query_one(LossChart)
        for option in ("measure", "across", "smoothing", "log_loss", "bits", "raw"):
            self.watch(chart, option, lambda: self.show(*self._shown), init=False)  # what is said of it

    def show(
        self,
        row: Summary | None,
        progress: Progress | None,
        others: list[Curve],
        now: float,
        starting: bool = False,
    ) -> None:
        """Show the run of `row`; it is None without a run, and while a run is `starting` that is not listed yet."""
        self._shown = row, progress, others, now, starting
        running = row.id if row is not None and row.status == "running" else None
        self.set_class(running is not None, "-running")
        self.query_one(MachineStrip).follow(running, progress)
        if row is None or progress is None:
            starting = starting or running is not None
            self._show_chart(False, of_a_run=starting)
            said = plain_lines(verdict(Progress(), "running", "")) if starting else Content(self._empty)
            self.query_one("#loss-empty", Line).set_text(said)
            self._entitle("Loss", "")
            return
        resume = with_keys(self.app, "{train.resume:ctrl+r}") if row.resumable else ""
        said = plain_lines(on_screen(verdict(progress, row.status, resume, row.reason)))
        begun = bool(progress.steps or progress.evaluated)
        self._show_chart(begun, of_a_run=True)
        if not begun:
            if row.status == "running":
                passed = f"{plural(int(max(now - row.began, 0)), 'second')} so far. "
                passed += with_keys(self.app, "{train.stop:ctrl+t} stops it before its first step.")
                said = Content.assemble(said, "\n\n", passed)
            self.query_one("#loss-empty", Line).set_text(said)
            self._entitle(f"Loss · {shorten_middle(row.name, 24)}", "")
            return
        chart = self.query_one(LossChart)
        chart.show(Curve(row.id, progress, row.name), others)
        self._entitle(*self._titles(chart, row.name, progress))
        width = max(self.size.width - 4, 20)
        self.set_class(bool(others), "-comparing")
        wraps = self.size.height >= _TALL
        self.query_one("#loss-legend", Line).set_text(self._legend(chart, progress, others, width, wraps))
        self.query_one("#loss-figures", Line).set_text(self._figures(progress, chart.bits, width))
        self.query_one("#loss-bar", Line).set_text(bar(progress, row.status, now, width))
        self.query_one("#loss-verdict", Line).set_text(said)

    def on_resize(self) -> None:
        """Show as many figures as fit."""
        self.show(*self._shown)

    def focus_run(self) -> None:
        """Focus what shows the run."""
        (self if self.can_focus else self.query_one(LossChart)).focus()

    def _show_chart(self, drawn: bool, *, of_a_run: bool) -> None:
        """Show the chart, or a text in its place, which has the focus in its place if it is of a run."""
        chart = self.query_one(LossChart)
        self.can_focus = not drawn and of_a_run
        self.set_class(not drawn, "-empty")
        if drawn and self.has_focus:
            self.call_after_refresh(chart.focus)  # it is displayed by then
        elif self.can_focus and chart.has_focus:
            self.focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "panel" or parameters == ("log",) or not self.has_class("-empty")

    def _entitle(self, title: str, subtitle: str) -> None:
        """Update the title and the subtitle if they changed."""
        if str(self.border_title) != title:
            self.border_title = Content(title)
        if str(self.border_subtitle) != subtitle:
            self.border_subtitle = Content(subtitle)

    @staticmethod
    def _titles(chart: LossChart, name: str, progress: Progress) -> tuple[str, str]:
        """What is drawn of which run, and in which units, against what, and how smooth."""
        is_loss = chart.measure is LOSS
        unit = f"{'bits' if chart.bits else 'nats'} per {{}}" if is_loss else chart.measure.unit
        units = [unit.format(progress.unit)] if unit else []
        units += ["log"] if chart.log_loss else []
        units += [f"by {chart.across.name_for(progress)}"] if chart.across is not STEP else []
        units += [f"{chart.smoothing} smoothing"] if chart.smoothing != "usual" else []
        title = "Loss" if is_loss else chart.measure.name.capitalize()
        return f"{title} · {shorten_middle(name, 24)}", ", ".join(units)

    @staticmethod
    def _legend(
        chart: LossChart, progress: Progress, others: list[Curve], width: int, wraps: bool
    ) -> Content:
        """What is drawn and how. Where it `wraps`, it has a second line, and the first ends between two entries."""
        styles = {
            "train": "$primary",
            "val": "$accent",
            "best": "bold $accent",
            "raw": "$primary 45%",
            "moment": "bold $warning",
        }
        entries = [
            (f"╍{mark_of(i)}", chart.colour_of(i), shorten_middle(other.name, 20))
            for i, other in enumerate(others)
        ]
        smoothing = SMOOTHINGS[chart.smoothing]
        entries += [
            (mark, styles[shows], name)
            for shows, mark, name in legend_of(
                progress, raw=chart.raw, measure=chart.measure, smoothing=smoothing
            )
        ]
        parts: list[str | tuple[str, str]] = []
        column = 0
        for mark, style, name in entries:
            wide = cell_len(f"{mark} {name}")
            breaks = wraps and column > 0 and column + 3 + wide > width
            gap = "\n" if breaks else "   " if column else ""
            column = wide if breaks else column + len(gap) + wide
            wraps = wraps and not breaks
            parts += [gap, (mark, style), (f" {name}", "$foreground 70%")]
        return Content.assemble(*parts)

    def _figures(self, progress: Progress, bits: bool, width: int) -> Content:
        """The losses in the first line, the speed in the second."""
        unit = 1 / NATS_PER_BIT if bits else 1.0
        dim = "$foreground 70%"
        parts: list[Content | str | tuple[str, str]] = []

        def add(name: str, value: str, style: str = "bold") -> None:
            parts.extend([(f"{name} ", dim), (value, style), "  "])

        add("train", figure(progress.train_loss * unit), "bold $primary")
        if progress.validations:
            add("val", figure(progress.validations[-1][1] * unit), "bold $accent")
        accuracy = progress.evaluated[-1].metrics.get("dev_accuracy") if progress.evaluated else None
        if accuracy is not None:
            add("accuracy", f"{accuracy:.1%}", "bold")
        if progress.best is not None and (accuracy is None or width > 52):
            step, best = progress.best
            other = best / NATS_PER_BIT if not bits else best
            add("◆ best", figure(best * unit), "bold $accent")
            parts.append((f"at {step:,} " if width > 52 else "", dim))
            if width > 80:
                parts.append((f"({figure(other, 2)} bits, " if not bits else "(", dim))
                parts.append((f"perplexity {perplexity(best):.2f})", dim))
        parts.append("\n")
        add("step", f"{progress.step:,}", "")
        if isinstance(progress.end, Finished):
            parts.append(self._final(progress.end, unit, width))
            return Content.assemble(*parts)
        latest = progress.latest
        if progress.total and width > 52:
            parts.insert(-1, (f" of {progress.total:,}", dim))
        if latest is not None:
            add("epoch", f"{latest.epoch:.2f}" if latest.epoch < 100 else f"{latest.epoch:.0f}", "")
            unit_name = "chars" if progress.unit == "character" else "tokens"
            add(f"{unit_name}/s", count(latest.chars_per_second), "")
            if width > 74:
                add("lr", f"{latest.learning_rate:.2g}", "")
                add("gradient", figure(latest.gradient_norm, 2), "")
        return Content.assemble(*parts)

    def _final(self, end: Finished, unit: float, width: int) -> Content:
        parts: list[tuple[str, str]] = []
        for name, value in (("reset", end.val_loss_reset), ("test", end.test_loss)):
            if value is not None:
                parts += [(f"{name} ", "$foreground 70%"), (f"{figure(value * unit)}  ", "")]
        for name, metric in (("test accuracy", "test_accuracy"), ("unknown words", "test_accuracy_unknown")):
            if metric in end.metrics and (width > 60 or metric == "test_accuracy"):
                parts += [(f"{name} ", "$foreground 70%"), (f"{end.metrics[metric]:.1%}  ", "bold")]
        if width > (60 if not end.metrics else 90):
            parts += [(f"{count(end.parameters)} parameters in {duration(end.seconds)}", "$foreground 70%")]
        return Content.assemble(*parts)

    def action_panel(self, what: str) -> None:
        self.post_message(self.Wanted(what))


def bar(progress: Progress, status: str, now: float, width: int) -> Content:
    """The progress of a run: a bar, a percentage, and the time that is left."""
    left = progress.seconds_left(now) if status == "running" else None
    if status == "running":
        text = f" {progress.share:.0%}" + (f" · {duration(left)} left" if left is not None else "")
    else:
        text = f" {progress.share:.0%} · {status}"
    length = max(min(width - len(text) - 1, 60), 4)
    done = round(length * progress.share)
    style = {"running": "$primary", "finished": "$success", "failed": "$error"}.get(status, "$warning")
    return Content.assemble(
        ("━" * done, style), ("┈" * (length - done), "$foreground 30%"), (visible(text), "bold")
    )
