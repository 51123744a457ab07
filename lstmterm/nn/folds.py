"""K-fold validation as one run: a model for each fold, then one of all the data.

Every model is trained by the same loop, in a folder of its own within the run's (`fold-1`, ...,
`all`), so that a run stopped in any of them resumes exactly there. Their events become those of one
run: steps are counted from model to model.
"""

import dataclasses
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from lstmterm.models import model_file
from lstmterm.nn.checkpoints import BEST, LATEST
from lstmterm.nn.task import AnyTask
from lstmterm.nn.train import Session, train
from lstmterm.runs.events import Event, Failed, Finished, Resumed, Saved, Started, Stopped, Warned
from lstmterm.spec.training import TrainingPart


def train_folds(
    task_of: Callable[[int | None], AnyTask], folds: int, part: TrainingPart, session: Session
) -> Iterator[Event]:
    """Train and test a model on every fold, then train the final model on all the data.

    `task_of(k)` is the task of fold k, `task_of(None)` that of all the data; `part` holds the settings
    of each. The metrics of the last event are the mean and the standard deviation over the folds.
    """
    each = dataclasses.replace(part, minutes=None)
    total = (folds + 1) * part.steps
    folder, resume = session.folder, session.resume
    tests: list[Mapping[str, float]] = []
    for k in range(folds + 1):
        inner = folder / (f"fold-{k + 1}" if k < folds else "all")
        before = k * part.steps
        if k < folds and (figures := _finished(inner)) is not None:
            tests.append(figures)
            continue
        inner.mkdir(exist_ok=True)
        resumes = (inner / LATEST).exists()
        if resume and not resumes:  # killed between two models
            yield Resumed(step=before, time=time.time(), steps=total)
        task = task_of(k if k < folds else None)
        for event in train(task, each, dataclasses.replace(session, folder=inner, resume=resumes)):
            moved = dataclasses.replace(event, step=before + event.step)
            match moved:
                case Started() if k > 0:
                    pass  # a run starts once
                case Started():
                    yield dataclasses.replace(moved, run=folder.name, steps=total)
                case Resumed():
                    yield dataclasses.replace(moved, steps=total)
                case Saved(what="model") if k < folds:
                    pass  # a fold's model is not the run's
                case Finished() if k < folds:
                    tests.append(_numbers(moved.metrics))
                    yield Warned(step=moved.step, time=moved.time, message=_fold_line(k, folds, tests[-1]))
                case Finished():
                    gathered = _gathered(tests, moved.metrics)
                    yield _keep(inner / BEST, folder / BEST, moved, gathered)
                    seconds = time.monotonic() - session.started
                    yield dataclasses.replace(moved, steps=total, seconds=seconds, metrics=gathered)
                case _:
                    yield moved
                    if isinstance(moved, Stopped | Failed):
                        return
        resume = False


def _keep(made: Path, kept: Path, finished: Event, figures: Mapping[str, float]) -> Saved:
    """Keep the model of all the data as the run's, with the metrics of the folds in its header."""
    begun = time.perf_counter()
    model = model_file.load(made)
    model_file.write(kept, model.tensors, {**model.card.metadata, "metrics": dict(figures)})
    return Saved(step=finished.step, time=time.time(), what="model", seconds=time.perf_counter() - begun)


def _finished(folder: Path) -> dict[str, float] | None:
    """The final metrics of a fold that was trained to its end; None if it was not."""
    best = folder / BEST
    if not best.exists():
        return None
    card = model_file.describe(best)
    return _numbers(card.metrics) if card.complete else None


def _numbers(metrics: Mapping[str, float | None]) -> dict[str, float]:
    return {name: value for name, value in metrics.items() if value is not None and not name.endswith("loss")}


def _fold_line(k: int, folds: int, figures: Mapping[str, float]) -> str:
    tested = "  ".join(f"{name} {value:.4f}" for name, value in figures.items() if name.startswith("test"))
    return f"Fold {k + 1} of {folds} is trained and tested: {tested}"


def _gathered(tests: list[Mapping[str, float]], last: Mapping[str, float]) -> dict[str, float]:
    """The mean and the standard deviation of every metric over the folds, and the metrics of the last model."""
    gathered: dict[str, float] = {}
    for name in tests[0]:
        values = [figures[name] for figures in tests if name in figures]
        gathered[name] = statistics.fmean(values)
        gathered[f"{name}_deviation"] = statistics.stdev(values) if len(values) > 1 else 0.0
    return {**gathered, **{f"all_{name}": value for name, value in _numbers(last).items()}}
