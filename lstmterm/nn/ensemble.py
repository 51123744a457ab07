"""An ensemble: models that differ in their seeds, and one that learns from the mean of their predictions, too.

Distillation (Hinton et al. 2015, "Distilling the knowledge in a neural network"): the mean of several models'
predictions is better than each of them, and says more about a character than which one came next. The model
that learns from it is as fast as any other of its size.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lstmterm.amounts import figure
from lstmterm.models.model_file import ModelCard
from lstmterm.nn.checkpoints import BEST
from lstmterm.nn.in_turn import Series
from lstmterm.nn.task import AnyTask
from lstmterm.planning.teaching import taught_step, teachers_step
from lstmterm.spec.character import CharSpec
from lstmterm.spec.training import TrainingPart


def step_costs(spec: CharSpec) -> dict[str, float]:
    """Return how long a step of each model takes, relative to the others', by the models' folders within the run's."""
    facts = spec.model, spec.ensemble, spec.batches, spec.training.optimizer
    teachers = {f"teacher-{k + 1}": teachers_step(*facts) for k in range(spec.ensemble.ensemble)}
    return teachers | {"student": taught_step(*facts)}


def teachers_training(k: int, part: TrainingPart) -> TrainingPart:
    """Return how teacher `k`, counted from 0, is trained: from a seed of its own, and without a cool-down.

    A model without a teacher overfits as its rate falls to zero, and what it predicts is then worth less.
    """
    return replace(part, seed=part.seed + k + 1, cooldown=0.0)


class Ensemble(Series):
    """The teachers, and the model that learns from them."""

    def __init__(
        self,
        task_of: Callable[[int, Sequence[Path]], AnyTask],
        costs: Mapping[str, float],
        about: Mapping[str, Any],
    ) -> None:
        """`task_of(k, files)` is the task of model `k`, and `files` are those of its teachers.

        `costs` are those of `step_costs`; `about` are fields of the `Started` event, about the last model.
        """
        self.folders, self.costs = tuple(costs), tuple(costs.values())
        self.about = about
        self._task_of = task_of
        self._teachers = len(costs) - 1

    def task(self, k: int, run_folder: Path) -> AnyTask:
        teachers = [] if k < self._teachers else self.folders[:-1]
        return self._task_of(k, [run_folder / folder / BEST for folder in teachers])

    def part(self, k: int, part: TrainingPart) -> TrainingPart:
        return teachers_training(k, part) if k < self._teachers else part

    def take(self, k: int, card: ModelCard) -> str:
        loss = card.metrics.get("val_loss")
        reached = "" if loss is None else f", with a validation loss of {figure(loss, 4)}"
        is_last, is_only = k + 1 == self._teachers, self._teachers == 1
        teacher = "The teacher" if is_only else f"Teacher {k + 1} of {self._teachers}"
        following = f"The model that learns from {'it' if is_only else 'them'}" if is_last else "The next one"
        return f"{teacher} is trained{reached}. {following} starts now, with new weights."

    def metrics(self, last: Mapping[str, float]) -> dict[str, float]:
        return dict(last)

    def is_better(self, k: int, card: ModelCard, kept: ModelCard | None) -> bool:
        now, before = (None if each is None else each.metrics.get("val_loss") for each in (card, kept))
        return before is None or (now is not None and now < before)
