"""Several models trained in turn as one run.

Every model is trained by the same loop, in a folder of its own within the run's, so that a run stopped in
any of them resumes exactly there. Their events become those of one run: steps are counted from model to
model.
"""

import dataclasses
import math
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lstmterm.models import model_file
from lstmterm.models.model_file import ModelCard
from lstmterm.nn.checkpoints import BEST, LATEST, Counters, states
from lstmterm.nn.lateness import took_longer, will_be_late
from lstmterm.nn.task import AnyTask, Session
from lstmterm.nn.train import OWN_FIELDS, train
from lstmterm.planning.forecast import Forecast
from lstmterm.runs.events import Event, Failed, Finished, Resumed, Saved, Started, Step, Stopped, Warned
from lstmterm.spec.training import TrainingPart

_FOLDER = "folder"  # in the header of the run's model: of which of them it is


class Series(ABC):
    """The models of a run, numbered from 0."""

    folders: tuple[str, ...]  # of each model, within the run's
    costs: tuple[float, ...]  # how long a step of each model takes, relative to the others'
    about: Mapping[str, Any] = MappingProxyType({})  # fields of `Started` that the first model does not know

    @abstractmethod
    def task(self, k: int, run_folder: Path) -> AnyTask:
        """Return the task of model `k`; those before it are in their folders."""

    def part(self, k: int, part: TrainingPart) -> TrainingPart:
        """Return how model `k` is trained."""
        return part

    @abstractmethod
    def take(self, k: int, card: ModelCard) -> str:
        """Take a trained model before the last one; return a sentence about it."""

    @abstractmethod
    def metrics(self, last: Mapping[str, float]) -> dict[str, float]:
        """Return the metrics of the run's model, which is the last one and has these of its own."""

    def is_better(self, k: int, card: ModelCard, kept: ModelCard | None) -> bool:
        """Return whether model `k` becomes the run's; another one was `kept` until now, or none."""
        return k == len(self.folders) - 1


def train_in_turn(series: Series, part: TrainingPart, session: Session) -> Iterator[Event]:
    """Train the models of `series`, each for the steps of `part`; its time is that of all of them."""
    clock = _Clock(series, part, session)
    part = dataclasses.replace(part, minutes=None)
    total = len(series.folders) * part.steps
    resume, started = session.resume, session.started
    for k, folder in enumerate(series.folders):
        is_last = k == len(series.folders) - 1
        inner = dataclasses.replace(session, part=folder, started=started)
        before, each = k * part.steps, series.part(k, part)
        if not is_last and (card := _trained(inner.folder, each)) is not None:
            series.take(k, card)
            continue
        inner.folder.mkdir(exist_ok=True)
        inner = dataclasses.replace(inner, resume=(inner.folder / LATEST).exists())
        if resume and not inner.resume:  # killed between two models
            yield Resumed(step=before, time=time.time(), steps=total)
        for event in train(series.task(k, session.run_folder), each, inner):
            moved = dataclasses.replace(event, step=before + event.step)
            match moved:
                case Started() if k > 0:
                    pass  # a run starts once
                case Started():
                    yield dataclasses.replace(moved, steps=total, costs=series.costs, **series.about)
                case Resumed():
                    yield dataclasses.replace(moved, steps=total)
                case Saved(what="model"):
                    if (kept := _keep(series, k, inner, moved)) is not None:
                        yield kept
                case Finished() if not is_last:
                    sentence = series.take(k, model_file.describe(inner.folder / BEST))
                    yield Warned(step=moved.step, time=moved.time, message=sentence)
                case Finished():
                    card = _completed(session.run_folder / BEST)
                    if card.metadata.get(_FOLDER) != folder:
                        yield Saved(step=moved.step, time=moved.time, what="model", seconds=0.0)
                    spent = sum(counters.seconds for counters in states(session.run_folder).values())
                    figures = {name: card.metrics[name] for name in OWN_FIELDS if name in card.metrics}
                    rest = {name: value for name, value in card.metrics.items() if name not in OWN_FIELDS}
                    yield from clock.end(moved)
                    figures["parameters"] = card.sizes["parameters"]
                    yield dataclasses.replace(moved, steps=total, seconds=spent, metrics=rest, **figures)
                case _:
                    yield moved
                    if isinstance(moved, Stopped | Failed):
                        return
                    if isinstance(moved, Step):
                        yield from clock.look(k, event.step, moved)
        resume, started = False, time.monotonic()


class _Clock:
    """The time of a run: says early that it will not be enough, and at the end that it was not."""

    def __init__(self, series: Series, part: TrainingPart, session: Session) -> None:
        self._costs = series.costs
        count = len(series.costs)
        self._before = [part.steps * sum(series.costs[:k]) for k in range(count + 1)]  # in units of the costs
        self._best = session.run_folder / BEST
        made = states(session.run_folder).values() if session.resume else ()
        earlier = sum(counters.seconds for counters in made)
        self._began = session.started - earlier
        self._planned = math.inf if part.minutes is None else 60 * part.minutes
        self._forecast = Forecast(self._planned, 0.0)
        self._model = 0
        self._said = 0.0  # seconds

    def look(self, k: int, step: int, event: Step) -> Iterator[Warned]:
        """After steps of model `k`: say whether the run will end late, if that was not said."""
        if k != self._model:  # the last one's final figures took time, too
            self._model = k
            self._forecast.start_again()
        self._forecast.take(self._seconds, self._before[k] + step * self._costs[k])
        late = self._forecast.late(self._before[-1])
        if late > 2 * self._said:
            self._said = late
            sentence = will_be_late(late, self._best.exists())
            yield Warned(step=event.step, time=event.time, message=sentence)

    def end(self, event: Event) -> Iterator[Warned]:
        """At the end: say how much longer it took, if it did."""
        if (over := self._seconds - self._planned) > 0:
            yield Warned(step=event.step, time=event.time, message=took_longer(over))

    @property
    def _seconds(self) -> float:
        return time.monotonic() - self._began


def _keep(series: Series, k: int, inner: Session, saved: Saved) -> Saved | None:
    """Keep the latest model `k` as the run's unless another one is better. It is complete when the last one is."""
    begun = time.perf_counter()
    path, folder, is_last = inner.run_folder / BEST, series.folders[k], k == len(series.folders) - 1
    model = model_file.load(inner.folder / BEST)
    kept = model_file.describe(path) if path.exists() else None
    is_kept = kept is not None and kept.metadata.get(_FOLDER) == folder
    if not is_kept and not series.is_better(k, model.card, kept):
        return None
    metrics = series.metrics(model.card.metrics) if is_last else dict(model.card.metrics)
    own = {"complete": model.card.complete and is_last, "metrics": metrics, _FOLDER: folder}
    model_file.write(path, model.tensors, {**model.card.metadata, **own})
    return dataclasses.replace(saved, seconds=saved.seconds + time.perf_counter() - begun)


def _completed(path: Path) -> ModelCard:
    """The run's model at `path`, which is complete now, also if it is not the last one trained."""
    model = model_file.load(path)
    if model.card.complete:
        return model.card
    model_file.write(path, model.tensors, {**model.card.metadata, "complete": True})
    return model_file.describe(path)


def _trained(folder: Path, part: TrainingPart) -> ModelCard | None:
    """The model in `folder`, if it was trained to the end of `part`."""
    if not (folder / BEST).exists():
        return None
    card, counters = model_file.describe(folder / BEST), Counters.read(folder / LATEST)
    at_end = counters.planned == part.steps and counters.at_end(part)
    return card if card.complete and at_end else None
