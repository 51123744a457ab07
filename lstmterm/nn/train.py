"""The training loop, for every kind of model.

`train` yields events and writes only in its run's folder (`checkpoints.py`). A step depends on the spec
and the saved state alone, never on the clock, so a run that was killed and resumed ends with the same
bits as one that was not.
"""

import dataclasses
import math
import time
from collections.abc import Iterator

import torch

from lstmterm.atomic import WriteError
from lstmterm.errors import RunError
from lstmterm.nn import optim
from lstmterm.nn.checkpoints import BEST
from lstmterm.nn.lateness import took_longer
from lstmterm.nn.ranks import ALONE, RankLost, Ranks
from lstmterm.nn.task import AnyTask, Evaluation, Interrupted, Session, StopCheck
from lstmterm.nn.training_state import TrainingState
from lstmterm.runs import events, ids
from lstmterm.runs.events import Event
from lstmterm.spec.training import TrainingPart

OWN_FIELDS = ("val_loss", "val_loss_reset", "test_loss")  # metrics that are fields of `Finished`


def train(task: AnyTask, part: TrainingPart, session: Session, ranks: Ranks = ALONE) -> Iterator[Event]:
    """Train `task`; ends with `Finished`, `Stopped` or `Failed`.

    `part` has its device, precision and threads resolved. With several `ranks`, each one calls this
    with a task of its own streams, and the first one writes.
    """
    trainer = Trainer(task, part, session, ranks)
    try:
        yield from trainer.run()
    except RankLost as lost:
        yield events.Failed(**trainer.now(), message=trainer.without_ranks(lost))
    except RunError as error:
        yield events.Failed(**trainer.now(), message=str(error))
    finally:
        trainer.end()


class Trainer(TrainingState):
    """The training of one session."""

    def run(self) -> Iterator[Event]:
        """Train to the end of the session."""
        self.task.begin()
        if self.session.resume:
            yield from self.resume()
        else:
            self.use(self.way)
            # the initial weights were drawn from the seed itself
            torch.manual_seed(self.ranks.seed(self.part.seed + 1))
            if self.ranks.is_first:
                yield self.start()
            yield from self.save_all(good=True)  # there is no earlier one to go on without it
        self.task.model.train()
        self.meter.restart()
        while not self.counters.at_end(self.part):
            if reason := self.ranks.agreed(self.session.should_stop()):
                yield from self.stop(reason)
                return
            self.step()
            evaluation_due = self.evaluation_due()
            save_due, reading_due = self.ranks.as_first(self.checkpoints.due(), self.meter.due())
            reading_due = evaluation_due or save_due or reading_due
            if (reading_due or self.meter.checks_every_step) and not self.meter.all_finite():
                yield from self.roll_back()
                continue
            changes_way = self.watch.way != self.way and not self.unsaved
            if reading_due or changes_way:
                yield self.read_meter()
                yield from self.say_memory()
                yield from self.mind_the_time()
            if evaluation_due:
                yield from self.evaluate()
            elif save_due:
                yield from self.save()
                self.meter.restart()
            if changes_way:
                yield from self.change_way()
        try:
            yield from self.finish()
        except Interrupted as request:
            yield from self.stop(str(request))

    def step(self) -> None:
        """Make one optimizer step; a step that is not finite changes no weight."""
        counters, started = self.counters, time.perf_counter()
        rate = optim.scheduled_rate(self.part, counters.step) * 0.5**counters.divergences
        self.optimizer.set_rate(rate, rate / self.part.learning_rate if self.part.decay_follows_rate else 1.0)
        loss, units = self.task.next_loss()
        self.optimizer.forget_gradients()
        loss.backward()
        loss = self.ranks.reduce(self.task.model, loss)
        norm = optim.clip_gradients(self.task.model, self.part.clip)
        finite = torch.isfinite(loss.detach()) & torch.isfinite(norm)
        optim.guarded_step(self.optimizer, finite)
        if self.average:
            self.average.update(counters.step)
        counters.step += 1
        counters.units += units
        self.meter.add(loss, norm, finite, units)
        self.watch.after_step(units, time.perf_counter() - started)

    def start(self) -> events.Started:
        return events.Started(
            **self.now(),
            run=self.session.run,
            began=ids.began(self.session.run),
            steps=self.part.steps,
            steps_per_epoch=self.task.steps_per_epoch,
            units_per_step=self.task.units_per_step,
            parameters=self.task.parameters,
            device=str(self.task.device),
            precision=self.part.precision,
            threads=self.part.threads,
            **self.task.facts(),
        )

    def read_meter(self) -> events.Step:
        """Return the steps since the last reading as an event."""
        read, counters = self.meter.read(), self.counters
        counters.sum_since_evaluation += read.loss * read.steps
        counters.steps_since_evaluation += read.steps
        counters.training_seconds += read.seconds
        return events.Step(
            **self.now(),
            steps=read.steps,
            loss=read.loss,
            epoch=self.task.epoch(),
            chars_per_second=read.units / max(read.seconds, 1e-9),
            learning_rate=self.optimizer.groups[0].rate,
            gradient_norm=read.norm,
            threads=counters.threads,
            apart=counters.apart,
        )

    # Evaluating

    def evaluation_due(self) -> bool:
        """Return whether to evaluate after this step: at fixed steps, and at the end."""
        return self.counters.step % self.part.evaluate_every == 0 or self.counters.step == self.part.steps

    def evaluate(self) -> Iterator[Event]:
        """Validate, keep the weights if they are the best, sample, and save."""
        counters = self.counters
        with optim.as_used(self.task.model, self.average):
            evaluation = Evaluation(**self.ranks.from_first(lambda: dataclasses.asdict(self.task.evaluate())))
        if evaluation.loss is not None and not math.isfinite(evaluation.loss):
            yield from self.roll_back()
            return
        with optim.as_used(self.task.model, self.average):
            figure = math.inf if evaluation.figure is None else evaluation.figure
            # without validation data the latest model counts as the best
            (improved,) = self.ranks.as_first(evaluation.loss is None or figure < counters.best)
            if improved:
                counters.best = figure
                counters.best_step, counters.since_best = counters.step, 0
            else:
                counters.since_best += 1
            train_loss = counters.sum_since_evaluation / max(counters.steps_since_evaluation, 1)
            counters.sum_since_evaluation, counters.steps_since_evaluation = 0.0, 0
            yield events.Evaluated(
                **self.now(),
                val_loss=evaluation.loss,
                train_loss=train_loss,
                best=improved,
                metrics=evaluation.metrics,
            )
            if self.ranks.is_first:
                yield events.Sampled(**self.now(), **dataclasses.asdict(self.task.sample()))
                yield from self.compare()
            if improved:
                try:
                    metrics = {"val_loss": evaluation.loss}
                    yield self.write_best(complete=False, metrics=metrics, temperature=evaluation.temperature)
                except WriteError as error:  # it waits in memory for the next save
                    yield from self.say_unsaved(error)
        yield from self.save(good=True)
        if self.counters.out_of_patience(self.part):
            yield self.warn(
                f"No improvement in {self.part.patience} evaluations: stopping early. "
                f"The best model, from step {counters.best_step:,}, is kept."
            )
        self.meter.restart()

    def compare(self, wait: StopCheck | None = None) -> Iterator[Event]:
        """Report all baselines when they are known."""
        if self.ranks.is_first and (found := self.task.new_baselines(wait)):
            yield events.Compared(**self.now(), baselines=found)

    # Saving and ending

    def stop(self, reason: str) -> Iterator[Event]:
        """Save and stop."""
        if self.meter.all_finite():  # otherwise the last save stays
            if self.meter.steps:
                yield self.read_meter()
            yield from self.save_all()
        yield events.Stopped(**self.now(), reason=reason)

    def finish(self) -> Iterator[Event]:
        """Compute the best model's final metrics, write them to its file, and report them."""
        session = self.session
        (unsaved,) = self.ranks.as_first(self.unsaved)
        if unsaved:
            yield from self.save_all(good=True)
        if self.ranks.is_first and not (session.folder / BEST).exists():  # it was deleted
            yield self.write_best(complete=False, metrics={})
        yield from self.compare(session.should_stop)
        metrics = self.ranks.from_first(
            lambda: self.task.final_metrics(session.folder / BEST, session.should_stop)
        )
        if self.ranks.is_first:
            self.checkpoints.load_best()
        yield self.write_best(complete=True, metrics=metrics)
        seconds = self.seconds()
        if (over := seconds - 60 * (self.part.minutes or math.inf)) > 0:
            yield self.warn(took_longer(over))
        counters = self.counters
        yield events.Finished(
            **self.now(),
            model=self.task.name,
            steps=counters.step,
            epochs=self.task.epoch(),
            seconds=seconds,
            chars_per_second=counters.units / max(counters.training_seconds, 1e-9),
            parameters=self.task.parameters,
            metrics={name: v for name, v in metrics.items() if v is not None and name not in OWN_FIELDS},
            val_loss=metrics.get("val_loss"),
            val_loss_reset=metrics.get("val_loss_reset"),
            test_loss=metrics.get("test_loss"),
        )
