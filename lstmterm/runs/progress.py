"""What is known of a run from its events: the curves, the latest figures, and what they mean.

`Progress.take` is given events in order, as training yields them or a journal holds them; all
else is derived. Losses are nats per character (per token for a tagger).
"""

import math
from bisect import bisect_right
from dataclasses import dataclass, field

from lstmterm.runs.curves import NATS_PER_BIT, Smoother
from lstmterm.runs.events import (
    Evaluated,
    Event,
    Failed,
    Finished,
    Resumed,
    Sampled,
    Saved,
    Started,
    Step,
    Stopped,
    Warned,
)

_SMOOTHING = 0.01  # the share of the run after which a training loss counts half
_LEVEL = 1.002  # times the best validation loss: so near it is about as good
_PATIENT = 4  # evaluations behind the best one after which nearly as good is no better
_PACE_SECONDS = 20.0  # the time left is told from the pace of this long


@dataclass
class Progress:
    """A run so far."""

    started: Started | None = None
    steps: list[int] = field(default_factory=list)  # of the training losses
    losses: list[float] = field(default_factory=list)
    smooth: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)  # learning rates, for the curve's export
    norms: list[float] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    evaluated: list[Evaluated] = field(default_factory=list)
    samples: list[Sampled] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)
    latest: Step | None = None
    end: Stopped | Finished | Failed | None = None
    saved_model: bool = False
    total: int = 0  # steps that the run will have
    _smoother: Smoother = field(default_factory=lambda: Smoother(1.0))

    def take(self, event: Event) -> None:
        """Learn of one more event."""
        match event:
            case Started():
                self.started = event
                self.total = event.steps
                self._smoother = Smoother(event.steps * _SMOOTHING)
                self.end = None
            case Resumed():
                self._forget_after(event.step)
                self.total = event.steps
                self.end = None
            case Step():
                self.latest = event
                self.steps.append(event.step)
                self.losses.append(event.loss)
                self.smooth.append(self._smoother.add(event.loss, event.steps))
                self.rates.append(event.learning_rate)
                self.norms.append(event.gradient_norm)
                self.times.append(event.time)
            case Evaluated():
                self.evaluated.append(event)
            case Sampled():
                self.samples.append(event)
            case Saved():
                self.saved_model = self.saved_model or event.what == "model"
            case Warned():
                self.warnings.append(event)
            case Stopped() | Finished() | Failed():
                self.end = event

    def _forget_after(self, step: int) -> None:
        """What a journal says of later steps did not last."""
        kept = bisect_right(self.steps, step)
        for series in (self.steps, self.losses, self.smooth, self.rates, self.norms, self.times):
            del series[kept:]
        self.evaluated = [e for e in self.evaluated if e.step <= step]
        self.samples = [s for s in self.samples if s.step <= step]
        if self.latest is not None and self.latest.step > step:
            self.latest = None

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
        done = [self.steps[-1] if self.steps else 0, self.evaluated[-1].step if self.evaluated else 0]
        if self.end is not None:
            done.append(self.end.step)
        return max(done)

    @property
    def share(self) -> float:
        """How much of the run is done, 0 to 1."""
        if isinstance(self.end, Finished):
            return 1.0
        return min(self.step / self.total, 1.0) if self.total else 0.0

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
        """How long the rest will take at the pace of the last while; None if it cannot be told."""
        if self.end is not None or len(self.steps) < 2 or not self.total:
            return None
        first = max(bisect_right(self.times, self.times[-1] - _PACE_SECONDS) - 1, 0)
        done, took = self.steps[-1] - self.steps[first], self.times[-1] - self.times[first]
        if done <= 0 or took <= 0:
            return None
        waited = min(max(now - self.times[-1], 0.0), 5.0)
        return max((self.total - self.steps[-1]) * took / done - waited, 0.0)

    def overfitting_since(self) -> int | None:
        """The step of the best validation loss, if it has risen since while training went on to fall."""
        if self.best is None:
            return None
        step, lowest = self.best
        later = [e for e in self.evaluated if e.step > step]
        if len(later) < 3:
            return None
        risen = all((e.val_loss or math.inf) > lowest * 1.003 for e in later[-3:])
        trained = next(e.train_loss for e in self.evaluated if e.step == step)
        return step if risen and later[-1].train_loss < trained else None

    def verdict(self) -> str:
        """What the figures mean, in a sentence or two."""
        if isinstance(self.end, Failed):
            return self.end.message
        if isinstance(self.end, Stopped):
            return f"Stopped at step {self.end.step:,}; it can go on from there."
        if isinstance(self.end, Finished):
            return self._ending(self.end)
        if not self.steps and not self.evaluated:
            return "Getting ready: reading the text and measuring this machine."
        if not self.evaluated:
            return "Learning has begun; the first validation is still to come."
        since = self.overfitting_since()
        if since is not None:
            return f"Overfitting since step {since:,}; the best is kept."
        if self.best is None:
            if all(e.val_loss is None for e in self.evaluated):
                return "There is no validation text; the latest weights are saved."
            return "The validation loss is not a number; the run goes back to its last good state."
        passed = self._passed()
        if passed:
            return passed
        recent = [loss for _, loss in self.validations[-5:]]
        if len(recent) == 5 and recent[0] - min(recent) < 0.002 * recent[0]:
            return "Levelling off; more of the same would change little. The best is kept."
        return "Still improving; the best so far is saved." + self._beaten()

    def _passed(self) -> str:
        """What the evaluations behind the best one say; empty while the latest is the best."""
        if self.best is None:
            return ""
        step, lowest = self.best
        later = [loss for at, loss in self.validations if at > step]
        if not later:
            return ""
        if len(later) < _PATIENT and min(later) <= lowest * _LEVEL:
            return f"About level with the best, of step {step:,}; that is kept."
        return f"No better since step {step:,}; the best is kept."

    def _ending(self, end: Finished) -> str:
        if end.val_loss is None or not math.isfinite(end.val_loss):
            return f"Finished: saved as {end.model}."
        bits = end.val_loss / NATS_PER_BIT
        said = f"Finished at {end.val_loss:.3f} nats ({bits:.2f} bits) a {self.unit}; saved as {end.model}."
        since = self.overfitting_since()
        return (
            said
            if since is None
            else f"{said} It overfitted after step {since:,}; that best is the one saved."
        )

    def _beaten(self) -> str:
        """The hardest baseline that the best validation loss is below."""
        if self.best is None or self.started is None:
            return ""
        beaten = [(loss, name) for name, loss in self.started.baselines.items() if self.best[1] < loss]
        return f" It beats the {min(beaten)[1]} baseline." if beaten else ""
