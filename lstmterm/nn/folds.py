"""K-fold validation as one run: a model for each fold, then one of all the data."""

import statistics
from collections.abc import Callable, Mapping
from pathlib import Path

from lstmterm.models.model_file import ModelCard
from lstmterm.nn.in_turn import Series
from lstmterm.nn.task import AnyTask


class Folds(Series):
    """A model tested on each fold, then the final model of all the data.

    The metrics of the run are the mean and the standard deviation over the folds.
    """

    def __init__(self, task_of: Callable[[int | None], AnyTask], count: int) -> None:
        """`task_of(k)` is the task of fold k, `task_of(None)` that of all the data."""
        self.folders = (*(f"fold-{k + 1}" for k in range(count)), "all")
        self.costs = (1.0,) * len(self.folders)
        self._task_of = task_of
        self._count = count
        self._tests: list[Mapping[str, float]] = []

    def task(self, k: int, run_folder: Path) -> AnyTask:
        return self._task_of(k if k < self._count else None)

    def take(self, k: int, card: ModelCard) -> str:
        figures = _numbers(card.metrics)
        self._tests.append(figures)
        tested = "  ".join(
            f"{name} {value:.4f}" for name, value in figures.items() if name.startswith("test")
        )
        return f"Fold {k + 1} of {self._count} is trained and tested: {tested}"

    def metrics(self, last: Mapping[str, float]) -> dict[str, float]:
        gathered: dict[str, float] = {}
        for name in self._tests[0]:
            values = [figures[name] for figures in self._tests if name in figures]
            gathered[name] = statistics.fmean(values)
            gathered[f"{name}_deviation"] = statistics.stdev(values) if len(values) > 1 else 0.0
        return {**gathered, **{f"all_{name}": value for name, value in _numbers(last).items()}}


def _numbers(metrics: Mapping[str, float | None]) -> dict[str, float]:
    return {name: value for name, value in metrics.items() if value is not None and not name.endswith("loss")}
