"""The training loop, for every kind of model.

`train` yields events and writes only its run's folder:

    state.safetensors   everything the next step depends on, saved at intervals
    good.safetensors    the state at the last evaluation: where a diverged run goes back to
    best.safetensors    the best model so far, a whole model file

What a step does depends on the spec and the state alone, never on the clock, so a run that was
killed and resumed ends with the same bits as one that was not.
"""

import contextlib
import dataclasses
import math
import os
import platform
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lstmterm import __version__
from lstmterm.errors import RunError
from lstmterm.models import model_file
from lstmterm.nn import optim, state
from lstmterm.nn.ranks import ALONE, RankLost, Ranks
from lstmterm.nn.task import Evaluation, Interrupted, StopCheck, Task, Tensors
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
from lstmterm.spec.training import TrainingPart

STATE, GOOD, BEST = "state.safetensors", "good.safetensors", "best.safetensors"
READ_EVERY = 0.25  # seconds from one step event to the next
SAVE_EVERY = 20.0  # seconds between saves of the state, at least
SAVE_SHARE = 50  # times what a save took, at least: under 2 % of the run
MOST_DIVERGENCES = 3
FIGURES = ("val_loss", "val_loss_reset", "test_loss")  # of the final metrics, those with a field in Finished


@dataclass
class Progress:
    """The loop's own numbers; they are saved with the state."""

    step: int = 0
    units: int = 0  # characters or tokens learned from
    best: float = math.inf
    best_step: int = 0
    since_best: int = 0  # evaluations
    divergences: int = 0
    sum_since_evaluation: float = 0.0  # of the training losses
    steps_since_evaluation: int = 0
    seconds: float = 0.0  # spent in all sittings until the save
    training_seconds: float = 0.0  # of them in steps
    ranks: int = 1  # that train together


class Meter:
    """Losses and gradient norms of the steps since the last reading, summed on the device."""

    def __init__(self, device: torch.device) -> None:
        self.looks_at_every_step = device.type == "cpu"  # where looking costs nothing
        self.sums = torch.zeros(3, device=device)  # loss, norm, steps that were not finite
        self.steps = self.units = 0
        self.since = time.perf_counter()

    def add(self, loss: Tensor, norm: Tensor, finite: Tensor, units: int) -> None:
        """Take in a step."""
        self.sums += torch.stack([loss.detach(), norm, (~finite).float()])
        self.steps += 1
        self.units += units

    def due(self) -> bool:
        """Whether it is time for a reading."""
        return time.perf_counter() - self.since >= READ_EVERY

    def read(self) -> tuple[float, float, bool, float]:
        """Mean loss, mean norm, whether all steps were finite, seconds; and begin anew."""
        loss, norm, bad = self.sums.tolist()
        seconds = time.perf_counter() - self.since
        return loss / self.steps, norm / self.steps, bad == 0, seconds

    def restart(self) -> None:
        """Forget what was gathered; time begins now."""
        self.sums.zero_()
        self.steps = self.units = 0
        self.since = time.perf_counter()


def train(
    task: Task,
    part: TrainingPart,
    folder: Path,
    *,
    resume: bool = False,
    should_stop: StopCheck = lambda: None,
    started: float | None = None,
    ranks: Ranks = ALONE,
) -> Iterator[Event]:
    """Train `task` in `folder`, from its beginning or from the state saved there.

    `part` has its device, precision and threads resolved. `should_stop` is asked before each step.
    `started` is when this sitting began (`time.monotonic()`), for honest totals. Of several `ranks`
    all run this with a task of their own lanes; the first one writes.
    Ends with `Finished`, `Stopped`, or `Failed`.
    """
    trainer = Trainer(task, part, folder, time.monotonic() if started is None else started, ranks)
    try:
        yield from trainer.run(resume, should_stop)
    except RankLost as lost:
        yield Failed(**trainer.now(), message=trainer.without(lost))
    except RunError as error:
        yield Failed(step=trainer.progress.step, time=time.time(), message=str(error))


class Trainer:
    """One sitting of a run."""

    def __init__(
        self, task: Task, part: TrainingPart, folder: Path, started: float, ranks: Ranks = ALONE
    ) -> None:
        self.task = task
        self.part = part
        self.folder = folder
        self.started = started
        self.ranks = ranks
        self.earlier_seconds = 0.0
        self.progress = Progress()
        self.optimizer = optim.make_optimizer(task.model, part)
        self.average = optim.MovingAverage(task.model, part.average) if part.average else None
        self.meter = Meter(task.device)
        self.saved_at = time.monotonic()
        self.saved_step = 0
        self.save_took = 0.0

    def run(self, resume: bool, should_stop: StopCheck) -> Iterator[Event]:
        """All events from here to the end of the sitting."""
        if resume:
            self.restore(STATE)
            self.earlier_seconds = self.progress.seconds
            yield Resumed(**self.now(), steps=self.part.steps)
            if self.progress.ranks != self.ranks.count:
                yield self.tell_of_other_ranks()
        else:
            torch.manual_seed(
                self.ranks.seed(self.part.seed + 1)
            )  # the weights were drawn from the seed itself
            if self.ranks.is_first:
                yield self.start()
            yield self.save()
            self.keep_as_good()
        self.task.model.train()
        self.meter.restart()
        while self.progress.step < self.part.steps and not self.out_of_patience():
            if reason := self.ranks.agreed(should_stop()):
                yield from self.stop(reason)
                return
            self.step()
            evaluation_due = self.evaluation_due()
            save_due, reading_due = self.ranks.as_first(self.save_due(), self.meter.due())
            reading_due = evaluation_due or save_due or reading_due
            if (reading_due or self.meter.looks_at_every_step) and not self.all_finite():
                yield from self.go_back()
                continue
            if reading_due:
                yield self.read_meter()
            if evaluation_due:
                yield from self.evaluate()
            elif save_due:
                yield self.save()
                self.meter.restart()
        try:
            yield from self.finish(should_stop)
        except Interrupted as request:
            yield from self.stop(str(request))

    def start(self) -> Started:
        """The first event."""
        return Started(
            **self.now(),
            run=self.folder.name,
            steps=self.part.steps,
            steps_per_epoch=self.task.steps_per_epoch,
            units_per_step=self.task.units_per_step,
            parameters=self.parameters(),
            device=str(self.task.device),
            precision=self.part.precision,
            threads=self.part.threads,
            **self.task.facts(),
        )

    def parameters(self) -> int:
        """How many numbers the model learns."""
        return sum(p.numel() for p in self.task.model.parameters())

    def step(self) -> None:
        """One optimizer step; a step that is not finite changes no weight."""
        progress = self.progress
        rate = optim.scheduled_rate(self.part, progress.step) * 0.5**progress.divergences
        optim.set_rate(self.optimizer, rate)
        loss, units = self.task.next_loss()
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        loss = self.ranks.reduce(self.task.model, loss)
        norm = optim.clip_gradients(self.task.model, self.part.clip)
        finite = torch.isfinite(loss.detach()) & torch.isfinite(norm)
        optim.guarded_step(self.optimizer, finite)
        if self.average:
            self.average.update(progress.step)
        progress.step += 1
        progress.units += units
        self.meter.add(loss, norm, finite, units)

    def all_finite(self) -> bool:
        """Whether every step since the last reading was finite."""
        return bool(self.meter.sums[2].item() == 0)

    def read_meter(self) -> Step:
        """The steps since the last reading as an event."""
        loss, norm, _, seconds = self.meter.read()
        progress = self.progress
        progress.sum_since_evaluation += loss * self.meter.steps
        progress.steps_since_evaluation += self.meter.steps
        progress.training_seconds += seconds
        event = Step(
            **self.now(),
            steps=self.meter.steps,
            loss=loss,
            epoch=self.task.epoch(),
            chars_per_second=self.meter.units / max(seconds, 1e-9),
            learning_rate=self.optimizer.param_groups[0]["lr"],
            gradient_norm=norm,
        )
        self.meter.restart()
        return event

    def evaluation_due(self) -> bool:
        """Whether this step is followed by a validation: at fixed steps, and at the end."""
        return self.progress.step % self.part.evaluate_every == 0 or self.progress.step == self.part.steps

    def out_of_patience(self) -> bool:
        """Whether the validation loss has not improved for too long."""
        return 0 < self.part.patience <= self.progress.since_best

    def evaluate(self) -> Iterator[Event]:
        """Validate, keep the weights if they are the best yet, show a sample, save."""
        progress = self.progress
        with self.at_work():
            evaluation = self.ranks.from_first(self.task.evaluate, Evaluation)
        if evaluation.loss is not None and not math.isfinite(evaluation.loss):
            yield from self.go_back()
            return
        with self.at_work():
            figure = math.inf if evaluation.figure is None else evaluation.figure
            improved = evaluation.loss is None or figure < progress.best  # without a text, the latest weights
            if improved:
                progress.best = figure
                progress.best_step, progress.since_best = progress.step, 0
            else:
                progress.since_best += 1
            train_loss = progress.sum_since_evaluation / max(progress.steps_since_evaluation, 1)
            progress.sum_since_evaluation, progress.steps_since_evaluation = 0.0, 0
            yield Evaluated(
                **self.now(),
                val_loss=evaluation.loss,
                train_loss=train_loss,
                best=improved,
                metrics=evaluation.metrics,
            )
            if self.ranks.is_first and (sample := self.task.sample()):
                yield Sampled(**self.now(), **dataclasses.asdict(sample))
            if improved:
                begun = time.perf_counter()
                self.write_best(complete=False, metrics={"val_loss": evaluation.loss})
                yield Saved(**self.now(), what="model", seconds=time.perf_counter() - begun)
        yield self.save()
        self.keep_as_good()
        if self.out_of_patience():
            yield Warned(
                **self.now(),
                message=f"No improvement in {self.part.patience} evaluations: stopping early; "
                f"the best, of step {progress.best_step:,}, is kept.",
            )
        self.meter.restart()

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """The model as it will be used: averaged weights, no dropout, no gradients."""
        self.task.model.eval()
        if self.average:
            self.average.swap()
        try:
            with torch.no_grad():
                yield
        finally:
            if self.average:
                self.average.swap()
            self.task.model.train()

    def write_best(self, *, complete: bool, metrics: Mapping[str, float | None]) -> None:
        """The model as it is now as the run's best."""
        if not self.ranks.is_first:
            return
        self.task.write_model(
            self.folder / BEST,
            {
                "complete": complete,
                "metrics": dict(metrics),
                "run": self.folder.name,
                "seed": self.part.seed,
                "steps": self.progress.step,
                "best_step": self.progress.best_step,
                "seconds": round(self.seconds(), 1),
                "versions": {
                    "lstmterm": __version__,
                    "torch": torch.__version__,
                    "numpy": np.__version__,
                    "python": platform.python_version(),
                },
            },
        )

    def go_back(self) -> Iterator[Event]:
        """After a step that was not finite: the last good state again, with half the learning rate."""
        at = self.progress.step
        divergences = self.progress.divergences + 1
        if divergences > MOST_DIVERGENCES:
            raise RunError(
                f"The loss was not finite at step {at:,}, for the {divergences}th time, with the learning rate "
                f"already halved {MOST_DIVERGENCES} times. Train again with a lower --lr, or a smaller --clip."
            )
        seconds = self.seconds()
        self.restore(GOOD)
        self.progress.divergences = divergences
        self.earlier_seconds = seconds - (time.monotonic() - self.started)
        yield Resumed(**self.now(), steps=self.part.steps)
        yield Warned(
            **self.now(),
            message=f"The loss was not finite at step {at:,}. Going back to step {self.progress.step:,} with "
            f"{0.5**divergences:g} of the learning rate ({divergences} of {MOST_DIVERGENCES} times).",
        )
        yield self.save()
        self.meter.restart()

    def stop(self, reason: str) -> Iterator[Event]:
        """Save and leave."""
        if self.all_finite():  # else the last save stands
            if self.meter.steps:
                yield self.read_meter()
            yield self.save()
        yield Stopped(**self.now(), reason=reason)

    def finish(self, should_stop: StopCheck) -> Iterator[Event]:
        """The best model's final figures, in its file and as the last event."""
        begun = time.perf_counter()
        metrics = self.ranks.from_first(
            lambda: self.task.final_metrics(self.folder / BEST, should_stop), dict
        )
        if self.ranks.is_first:
            self.load_best()
        self.write_best(complete=True, metrics=metrics)
        yield Saved(**self.now(), what="model", seconds=time.perf_counter() - begun)
        seconds = self.seconds()
        if self.part.minutes and seconds > 60 * self.part.minutes:
            over = seconds - 60 * self.part.minutes
            yield Warned(
                **self.now(),
                message=f"This took {over:.0f} s more than the time given: the machine was slower than measured.",
            )
        progress = self.progress
        rest = {name: v for name, v in metrics.items() if v is not None and name not in FIGURES}
        yield Finished(
            **self.now(),
            model=self.task.name,
            steps=progress.step,
            epochs=self.task.epoch(),
            seconds=seconds,
            chars_per_second=progress.units / max(progress.training_seconds, 1e-9),
            parameters=self.parameters(),
            metrics=rest,
            val_loss=metrics.get("val_loss"),
            val_loss_reset=metrics.get("val_loss_reset"),
            test_loss=metrics.get("test_loss"),
        )

    # State

    def save(self) -> Saved:
        """Write the state."""
        begun = time.perf_counter()
        self.progress.seconds, self.progress.ranks = self.seconds(), self.ranks.count
        tensors = self.tensors()
        if self.ranks.is_first:
            state.write(self.folder / STATE, tensors, dataclasses.asdict(self.progress))
        self.save_took = time.perf_counter() - begun
        self.saved_at = time.monotonic()
        self.saved_step = self.progress.step
        return Saved(**self.now(), what="state", seconds=self.save_took)

    def save_due(self) -> bool:
        """Whether the state is old enough to be saved again."""
        return time.monotonic() - self.saved_at > max(SAVE_EVERY, SAVE_SHARE * self.save_took)

    def keep_as_good(self) -> None:
        """Keep the state just saved as the one to go back to."""
        if not self.ranks.is_first:
            return
        link = self.folder / f".{GOOD}.new"
        link.unlink(missing_ok=True)
        try:
            os.link(self.folder / STATE, link)
        except OSError:  # a file system without hard links
            shutil.copyfile(self.folder / STATE, link)
        os.replace(link, self.folder / GOOD)

    def tensors(self) -> Tensors:
        """Everything that the next step depends on, but the loop's own numbers."""
        model = self.task.model
        parts = {
            "model": dict(model.named_parameters()),
            "average": self.average.weights if self.average else {},
            "optimizer": state.optimizer_tensors(self.optimizer, model),
            "position": self.task.position(),
            "random": self.ranks.random_tensors(self.task.device),
        }
        return {name: t for prefix, part in parts.items() for name, t in state.prefixed(part, prefix).items()}

    def restore(self, name: str) -> None:
        """Return to a saved state, copying into the tensors where they lie."""
        tensors, numbers = self.ranks.read_state(lambda: state.read(self.folder / name))
        known = {f.name for f in dataclasses.fields(Progress)}
        self.progress = Progress(**{key: value for key, value in numbers.items() if key in known})
        model = self.task.model
        state.restore_model(model, state.part(tensors, "model"))
        state.restore_optimizer(self.optimizer, model, state.part(tensors, "optimizer"))
        if self.average:
            for key, value in state.part(tensors, "average").items():
                self.average.weights[key].copy_(value)
        self.task.go_to(state.part(tensors, "position"))
        fresh = self.ranks.seed(self.part.seed + 1, self.progress.step)
        self.ranks.restore_random(state.part(tensors, "random"), self.task.device, fresh)
        self.saved_step = self.progress.step

    def load_best(self) -> None:
        """Make the model the best one."""
        tensors = {
            name: torch.from_numpy(t) for name, t in model_file.load(self.folder / BEST).tensors.items()
        }
        state.restore_model(self.task.model, tensors)

    # Ranks

    def tell_of_other_ranks(self) -> Warned:
        """The run was saved by another number of ranks."""
        return Warned(
            **self.now(),
            message=f"This was trained by {_processes(self.progress.ranks)} and goes on with "
            f"{_processes(self.ranks.count)}: with the same lanes and state, and another order of rounding "
            "(and, with dropout, other random numbers).",
        )

    def without(self, lost: RankLost) -> str:
        """What happened to the other ranks, and how to go on."""
        said = str(lost) or "other ranks ended"
        return (
            f"{said[0].upper()}{said[1:]} at step {self.progress.step:,}; "
            f"`lstmterm resume {self.folder.name}` goes on from step {self.saved_step:,}."
        )

    # Time

    def seconds(self) -> float:
        """Seconds spent in this run, over all its sittings."""
        return self.earlier_seconds + time.monotonic() - self.started

    def now(self) -> dict[str, Any]:  # Any: it is passed on as keywords of events
        """The `step` and `time` of an event."""
        return {"step": self.progress.step, "time": time.time()}


def _processes(count: int) -> str:
    return "one process" if count == 1 else f"{count} ranks"
