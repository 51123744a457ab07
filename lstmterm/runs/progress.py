"""A run so far, from its events: the curves and the latest figures.

`Progress.take` takes events in order, as training yields them or a journal holds them; everything
else is derived. Losses are nats per character (per token for a tagger). However long a run is, it stays
small: curves of many points are thinned, unless all are asked for.
"""

import math
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from lstmterm.runs.events import (
    Compared,
    Evaluated,
    Event,
    Failed,
    Finished,
    Occupied,
    Resumed,
    Sampled,
    Saved,
    Shortened,
    Started,
    Step,
    Stopped,
    Warned,
)
from lstmterm.runs.recent_speed import RecentSpeed
from lstmterm.runs.smoothing import Smoother
from lstmterm.runs.thinning import thinned

MOST_POINTS = 10_000  # training losses that are kept; they come four times a second
MOST_EVALUATIONS = 1_000
MOST_SAMPLES = 500
_RECENT = 10  # evaluations that stay as they are
_SMOOTHING = 0.01  # the share of the run after which a training loss counts half
_PACE_SECONDS = 20.0  # of the recent pace from which the time left is estimated


def share_done(step: int, steps: int, finished: bool) -> float:
    """How much of a run is done, 0 to 1; `steps` is 0 while unknown."""
    done = min(step / steps, 1.0) if steps else 0.0
    return 1.0 if finished else done


@dataclass
class Progress:
    """A run so far."""

    started: Started | None = None
    resumed: Resumed | None = None  # the last time
    compared: Compared | None = None
    shortened: Shortened | None = None  # the last time, in this session
    steps: "array[int]" = field(default_factory=lambda: array("q"))  # of the training losses
    losses: "array[float]" = field(default_factory=lambda: array("d"))
    smooth: "array[float]" = field(default_factory=lambda: array("d"))
    rates: "array[float]" = field(default_factory=lambda: array("d"))  # learning rates
    norms: "array[float]" = field(default_factory=lambda: array("d"))  # gradient norms
    speeds: "array[float]" = field(default_factory=lambda: array("d"))  # characters a second
    times: "array[float]" = field(default_factory=lambda: array("d"))
    trained: "array[float]" = field(
        default_factory=lambda: array("d")
    )  # seconds, without those between sessions
    stepping: "array[float]" = field(default_factory=lambda: array("d"))  # seconds of steps alone
    restarts: list[Resumed] = field(default_factory=list)
    evaluated: list[Evaluated] = field(default_factory=list)
    samples: list[Sampled] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)
    latest: Step | None = None
    recent_speed: RecentSpeed = field(default_factory=RecentSpeed)  # of this session
    occupied: Occupied | None = None  # the last time, in this session
    end: Stopped | Finished | Failed | None = None
    saved_model: bool = False
    total: int = 0  # steps that the run will have
    whole: bool = False  # whether to keep every point, however many
    _session: int = 0  # the first of `steps` of this session
    _smoother: Smoother = field(default_factory=lambda: Smoother(1.0))
    _clock: float = 0.0  # the time of the last event
    _away: float = 0.0  # when training began, and the seconds between sessions
    _stepping: float = 0.0  # seconds of steps

    @classmethod
    def of(cls, events: Iterable[Event], *, whole: bool = False) -> Self:
        """The progress that these events add up to."""
        progress = cls(whole=whole)
        for event in events:
            progress.take(event)
        return progress

    def take(self, event: Event) -> None:
        """Add one more event."""
        before, self._clock = self._clock, event.time
        match event:
            case Started():
                self.started = event
                self.total = event.steps
                self._smoother = Smoother(event.steps * _SMOOTHING)
                self._away = event.time
                self.end = None
            case Resumed():
                self._undo_after(event.step)
                self._away += max(event.time - before, 0.0)
                self.restarts.append(event)
                self._session = len(self.steps)
                self.resumed, self.shortened = event, None
                self.recent_speed, self.occupied = RecentSpeed(), None
                self.total = event.steps
                self.end = None
            case Step():
                self._smooth(event.step, event.loss)
                self.latest = event
                self.recent_speed.take(event.chars_per_second)
                self.steps.append(event.step)
                self.losses.append(event.loss)
                self.rates.append(event.learning_rate)
                self.norms.append(event.gradient_norm)
                self.speeds.append(event.chars_per_second)
                self.times.append(event.time)
                self.trained.append(max(event.time - self._away, 0.0))
                self._stepping += max(event.time - before, 0.0)
                self.stepping.append(self._stepping)
                if len(self.steps) > MOST_POINTS and not self.whole:
                    self._thin()
            case Shortened():
                self.shortened = event
                self.total = event.steps
            case Compared():
                self.compared = event
            case Evaluated():
                self.evaluated.append(event)
                if len(self.evaluated) > MOST_EVALUATIONS and not self.whole:
                    older, recent = self.evaluated[:-_RECENT], self.evaluated[-_RECENT:]
                    losses = [math.nan if e.val_loss is None else e.val_loss for e in older]
                    kept = thinned([e.step for e in older], losses, MOST_EVALUATIONS // 2)
                    self.evaluated = [older[i] for i in kept] + recent
            case Sampled():
                self.samples.append(event)
                if len(self.samples) > MOST_SAMPLES and not self.whole:
                    steps = [s.step for s in self.samples]
                    self.samples = [self.samples[i] for i in thinned(steps, steps, MOST_SAMPLES // 2)]
            case Occupied():
                self.occupied = event
            case Saved():
                self.saved_model = self.saved_model or event.what == "model"
            case Warned():
                self.warnings.append(event)
            case Stopped() | Finished() | Failed():
                self.end = event

    def _smooth(self, step: int, loss: float) -> None:
        """Add a loss that stands for the steps since the last one."""
        before = self.steps[len(self.smooth) - 1] if self.smooth else 0
        self.smooth.append(self._smoother.add(loss, max(step - before, 0)))

    def _thin(self) -> None:
        """Keep half as many points."""
        kept = thinned(self.steps, self.losses, MOST_POINTS // 2)
        self._session = bisect_left(kept, self._session)
        self.steps = array("q", (self.steps[i] for i in kept))
        self.smooth = array("d", (self.smooth[i] for i in kept))
        for series in self._series:
            series[:] = array("d", (series[i] for i in kept))

    def _undo_after(self, step: int) -> None:
        """Forget all later steps: a run that resumes at `step` does them again."""
        kept = bisect_right(self.steps, step)
        del self.steps[kept:]
        for series in self._series:
            del series[kept:]
        self.smooth, self._smoother = array("d"), Smoother(self._smoother.horizon)
        for at, loss in zip(self.steps, self.losses, strict=True):
            self._smooth(at, loss)
        self.evaluated = [e for e in self.evaluated if e.step <= step]
        self.samples = [s for s in self.samples if s.step <= step]
        self.warnings = [w for w in self.warnings if w.step <= step]
        self.restarts = [r for r in self.restarts if r.step <= step]
        if self.latest is not None and self.latest.step > step:
            self.latest = None

    @property
    def _series(self) -> "tuple[array[float], ...]":
        """What is known at each of `steps`, but for the smoothed loss."""
        return self.losses, self.rates, self.norms, self.speeds, self.times, self.trained, self.stepping

    @property
    def horizon(self) -> float:
        """The steps after which a training loss counts half in the smoothed one."""
        return self._smoother.horizon

    @property
    def baselines(self) -> Mapping[str, float]:
        """The losses of simple methods on the validation text, by name."""
        known = self.compared or self.started
        return known.baselines if known else {}

    @property
    def validations(self) -> list[tuple[int, float]]:
        """Step and validation loss of each evaluation that has a finite one."""
        return [
            (e.step, e.val_loss)
            for e in self.evaluated
            if e.val_loss is not None and math.isfinite(e.val_loss)
        ]

    @property
    def step(self) -> int:
        """Steps that are done."""
        done = [e.step for e in (*self.evaluated[-1:], self.resumed, self.end) if e is not None]
        return max([*done, *self.steps[-1:]], default=0)

    @property
    def share(self) -> float:
        """How much of the run is done, 0 to 1."""
        return share_done(self.step, self.total, isinstance(self.end, Finished))

    @property
    def best(self) -> tuple[int, float] | None:
        """Step and loss of the lowest validation loss."""
        return min(self.validations, key=lambda point: point[1], default=None)

    @property
    def train_loss(self) -> float:
        """The smoothed training loss now; nan before the first step."""
        return self.smooth[-1] if self.smooth else math.nan

    @property
    def unit(self) -> str:
        """What a loss is counted per."""
        return "character" if self.started is None or self.started.task == "charlm" else "token"

    def seconds_left(self, now: float) -> float | None:
        """How long the rest will take at the present pace; None while that is unknown.

        The pace is that of the steps of the last seconds. Evaluations and saves, which these seconds may have or
        not, take as much of the rest as they took of the session until now.
        """
        if self.end is not None or len(self.steps) - self._session < 2 or not self.total:
            return None
        first = bisect_right(self.times, self.times[-1] - _PACE_SECONDS, lo=self._session) - 1
        first = max(first, self._session, bisect_right(self.steps, self._steps_before_model()))
        before, so_far, all_steps = map(self._work, (self.steps[first], self.steps[-1], self.total))
        took = self.stepping[-1] - self.stepping[first]
        if so_far <= before or took <= 0:
            return None
        stepping, session = (each[-1] - each[self._session] for each in (self.stepping, self.trained))
        rest = (all_steps - so_far) * took / (so_far - before) * max(session / stepping, 1.0)
        waited = min(max(now - self.times[-1], 0.0), 5.0)
        return max(rest - waited, 0.0)

    def _steps_before_model(self) -> float:
        """The steps of the models before the one that is trained now, whose pace says nothing of this one's.

        The time between two models is not that of steps, either.
        """
        each = self.total / len(self._costs)
        return each * ((self.steps[-1] - 1) // each)

    def _work(self, step: int) -> float:
        """What so many steps of the run take, in the unit of its models' costs."""
        each = self.total / len(self._costs)
        return sum(cost * min(max(step - k * each, 0.0), each) for k, cost in enumerate(self._costs))

    @property
    def _costs(self) -> tuple[float, ...]:
        """Of a step of each of the run's models."""
        return (self.started.costs if self.started else ()) or (1.0,)

    def overfitting_since(self) -> int | None:
        """The step of the best validation loss, if it has risen since then while the training loss fell."""
        if self.best is None:
            return None
        step, lowest = self.best
        later = [e for e in self.evaluated if e.step > step]
        if len(later) < 3:
            return None
        risen = all((e.val_loss or math.inf) > lowest * 1.003 for e in later[-3:])
        trained = next(e.train_loss for e in self.evaluated if e.step == step)
        return step if risen and later[-1].train_loss < trained else None
