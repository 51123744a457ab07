"""A run without the screen: its events as a progress bar, as plain lines, or as JSON.

A reporter takes events in order and prints them, wherever they come from, so `train`, `resume` and
`attach` look the same. Progress goes to stderr; JSON and the result go to stdout.
"""

import contextlib
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Self

import click
from rich.console import Group
from rich.constrain import Constrain
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from lstmterm import atomic
from lstmterm.amounts import NATS_PER_BIT, duration, figure, plural
from lstmterm.cli.notes import fitted, say
from lstmterm.cli.output import console
from lstmterm.cli.progress import drawn
from lstmterm.cli.wrapping import for_stderr, for_stdout
from lstmterm.runs.events import (
    Compared,
    Evaluated,
    Event,
    Failed,
    Finished,
    Resumed,
    Started,
    Stopped,
    Warned,
    to_json,
)
from lstmterm.runs.progress import Progress
from lstmterm.visible import visible, visible_lines

LINE_EVERY = 5.0  # seconds between plain lines
SAMPLE_LINES = 6  # of the latest sample, below the bar


class Reporter:
    """Prints a run's events; use it as a context."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def take(self, event: Event) -> None:
        """Print one more event, or what it adds up to."""
        raise NotImplementedError


def reporter(as_json: bool, quiet: bool) -> Reporter:
    """The reporter that suits the options and the terminal."""
    if as_json:
        return JsonLines()
    if quiet:
        return Quiet()
    return Bar() if sys.stderr.isatty() else Lines()


def show(
    events: Iterable[Event], reporter: Reporter, closed: Callable[[], None] = lambda: None
) -> Event | None:
    """Print all events; returns the last one.

    When the output is gone (a closed terminal, a pipe whose reader left), `closed` is called once and
    the remaining events are consumed without printing: the run itself does not depend on the output.
    """
    last: Event | None = None
    shown = True
    reporter.__enter__()
    try:
        for event in events:
            last = event
            if shown:
                try:
                    reporter.take(event)
                except OSError as error:
                    if error.errno not in atomic.FULL:  # a log on a full disk is not closed
                        shown = False
                        closed()
    finally:
        with contextlib.suppress(OSError):
            reporter.__exit__()
    return last


class JsonLines(Reporter):
    """Every event as a line of JSON on stdout."""

    def take(self, event: Event) -> None:
        click.echo(to_json(event))


class Quiet(Reporter):
    """Only failures."""

    def take(self, event: Event) -> None:
        if isinstance(event, Failed):
            say(f"lstmterm: {event.message}")


class Lines(Reporter):
    """A line of progress every few seconds, and one for every important event.

    A validation whose figures are those of the one before, as when nothing is left to learn, has no line.
    """

    def __init__(self) -> None:
        self.progress = Progress()
        self.last = 0.0
        self.measured: dict[str, float] = {}  # in the last validation

    def take(self, event: Event) -> None:
        self.progress.take(event)
        line = announcement(event)
        if isinstance(event, Evaluated):
            before, self.measured = self.measured, _measured(event)
            line = line if self.measured != before else None
        if line:
            self.say(line)
        else:
            self.advance()
        if isinstance(event, Finished):
            self.__exit__()
            self.say(titled_sample(self.progress))
            click.echo(for_stdout(result(event, self.progress.unit)))

    def advance(self) -> None:
        """Show the latest figures, from time to time."""
        if time.monotonic() - self.last >= LINE_EVERY and self.progress.latest:
            self.last = time.monotonic()
            self.say(status(self.progress))

    def say(self, line: str) -> None:
        """Print a line of progress."""
        say(line)


class Bar(Lines):
    """A bar at the bottom of the terminal, and a line above it for every important event."""

    def __init__(self) -> None:
        super().__init__()
        self.console = console(stderr=True)
        self.shown = contextlib.ExitStack()

    def __enter__(self) -> Self:
        self.console, self.draw = self.shown.enter_context(drawn(self.render))
        self.draw()
        return self

    def __exit__(self, *_: object) -> None:
        self.shown.close()

    def advance(self) -> None:
        """The bar shows the latest figures."""
        self.draw()

    def say(self, line: str) -> None:
        """Print a line above the bar."""
        self.console.print(Text(for_stderr(visible_lines(line))), soft_wrap=True)

    def render(self) -> Constrain:
        """The bar, the latest figures, and the latest sample.

        Narrower than the terminal, so that the `^C` which the terminal prints fits in the same line.
        """
        grid = Table.grid(padding=(0, 1), expand=True)
        grid.add_column(width=24)
        grid.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
        bar = ProgressBar(total=1.0, completed=self.progress.share, width=24)
        grid.add_row(bar, Text(status(self.progress) if self.progress.latest else "starting"))
        lines = sample(self.progress).split("\n")[:SAMPLE_LINES]
        written = [Text(line, style="dim", no_wrap=True, overflow="ellipsis") for line in lines if line]
        return Constrain(Group(grid, *written), self.console.width - 3)


def announcement(event: Event) -> str | None:
    """A line for an important event; None for the others."""
    match event:
        case Started():
            counted = f" (of the last {event.counted:,} characters)" if event.counted else ""
            baselines = f"\n{_listed(event.baselines)}{counted}." if event.baselines else ""
            return (
                f"Training the model {visible(event.model)} on {visible(event.corpus)}: {event.summary}, "
                f"{event.parameters:,} parameters, {plural(event.steps, 'step')}, {event.device} {event.precision}, "
                f"run {visible(event.run)}.{baselines}"
            )
        case Compared():
            return f"{_listed(event.baselines)}."
        case Resumed():
            return f"Resuming at step {event.step:,} of {event.steps:,}."
        case Evaluated() if event.val_loss is not None:
            best = "  best so far" if event.best else ""
            more = "".join(f"  {visible(name)} {value:.4f}" for name, value in event.metrics.items())
            return f"step {event.step:,}  val {figure(event.val_loss, 4)}  mean train {figure(event.train_loss, 4)}{more}{best}"
        case Warned():
            return visible_lines(fitted(event.message))
        case Stopped():
            return f"Stopped at step {event.step:,} ({visible(event.reason)}); everything is saved."
        case Failed():
            return f"Failed: {visible_lines(fitted(event.message))}"
        case _:
            return None


def _measured(event: Evaluated) -> dict[str, float]:
    """What was measured on validation data, as precisely as it is printed."""
    return {name: round(value, 4) for name, value in {"val": event.val_loss or 0.0, **event.metrics}.items()}


def _listed(baselines: Mapping[str, float]) -> str:
    """The baselines, with their unit."""
    kind = "N-gram baselines" if all("gram" in name for name in baselines) else "Baselines"
    return f"{kind} in nats: " + ", ".join(f"{visible(name)} {nats:.3f}" for name, nats in baselines.items())


def sample(progress: Progress) -> str:
    """The latest sample, its lines marked; empty before the first one."""
    if not progress.samples:
        return ""
    latest = progress.samples[-1]
    return "\n".join(f"  | {line}" for line in visible_lines(latest.prompt + latest.text).strip().split("\n"))


def titled_sample(progress: Progress) -> str:
    """The latest sample below a title; empty before the first one."""
    return f"A sample at step {progress.samples[-1].step:,}:\n{sample(progress)}" if progress.samples else ""


def status(progress: Progress) -> str:
    """The progress of a run in one line; empty before the first step."""
    latest = progress.latest
    if latest is None:
        return ""
    parts = [
        f"{progress.share:4.0%}",
        f"step {latest.step:,} of {progress.total:,}",
        f"train {figure(progress.train_loss)}",
    ]
    if progress.best:
        parts.append(f"best val {figure(progress.best[1])}")
    parts.append(f"{latest.chars_per_second:,.0f} {progress.unit}s/s")
    left = progress.seconds_left(time.time())
    if left is not None:
        parts.append(f"{duration(left)} left")
    return "  ".join(parts)


def result(event: Finished, unit: str) -> str:
    """The final figures of a run, as text; `unit` is what the model reads."""
    losses = {
        "val_loss": event.val_loss,
        "val_loss_reset": event.val_loss_reset,
        "test_loss": event.test_loss,
        **{name: value for name, value in event.metrics.items() if "loss" in name},
    }
    figures = [
        f"{visible(name):22}{figure(nats, 4)} nats  {figure(nats / NATS_PER_BIT, 4)} bits"
        for name, nats in losses.items()
        if nats is not None
    ]
    figures += [f"{visible(name):22}{v:.4f}" for name, v in event.metrics.items() if name not in losses]
    head = (
        f"Trained {visible(event.model)}: {plural(event.steps, 'step')}, {event.epochs:.1f} epochs, "
        f"{duration(event.seconds)}, {event.chars_per_second:,.0f} {unit}s/s, {event.parameters:,} parameters"
    )
    return "\n".join([head, *figures])
