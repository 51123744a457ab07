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
from lstmterm.nn.checkpoints import BEST, LATEST, Counters, states
from lstmterm.nn.task import AnyTask, Session
from lstmterm.nn.train import train
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
    resume, started = session.resume, session.started
    tests: list[Mapping[str, float]] = []
    for k in range(folds + 1):
        last = k == folds
        inner = dataclasses.replace(session, part="all" if last else f"fold-{k + 1}", started=started)
        before = k * part.steps
        if not last and (figures := _finished(inner.folder, each)) is not None:
            tests.append(figures)
            continue
        inner.folder.mkdir(exist_ok=True)
        inner = dataclasses.replace(inner, resume=(inner.folder / LATEST).exists())
        if resume and not inner.resume:  # killed between two models
            yield Resumed(step=before, time=time.time(), steps=total)
        for event in train(task_of(None if last else k), each, inner):
            moved = dataclasses.replace(event, step=before + event.step)
            match moved:
                case Started() if k > 0:
                    pass  # a run starts once
                case Started() | Resumed():
                    yield dataclasses.replace(moved, steps=total)
                case Saved(what="model") if not last:
                    pass  # a fold's model is not the run's
                case Saved(what="model"):
                    yield _keep(inner, tests, moved)
                case Finished() if not last:
                    tests.append(_numbers(moved.metrics))
                    yield Warned(step=moved.step, time=moved.time, message=_fold_line(k, folds, tests[-1]))
                case Finished():
                    spent = sum(counters.seconds for counters in states(session.run_folder))
                    metrics = _gathered(tests, moved.metrics)
                    yield dataclasses.replace(moved, steps=total, seconds=spent, metrics=metrics)
                case _:
                    yield moved
                    if isinstance(moved, Stopped | Failed):
                        return
        resume, started = False, time.monotonic()


def _keep(inner: Session, tests: list[Mapping[str, float]], saved: Saved) -> Saved:
    """Keep the best model of all the data so far as the run's, with the metrics of the folds in its header."""
    begun = time.perf_counter()
    model = model_file.load(inner.folder / BEST)
    figures = _gathered(tests, model.card.metrics)
    model_file.write(inner.run_folder / BEST, model.tensors, {**model.card.metadata, "metrics": figures})
    return dataclasses.replace(saved, seconds=saved.seconds + time.perf_counter() - begun)


def _finished(folder: Path, part: TrainingPart) -> dict[str, float] | None:
    """The final metrics of a fold that was trained to the end of `part`; None if it was not."""
    if not (folder / BEST).exists():
        return None
    card, counters = model_file.describe(folder / BEST), Counters.read(folder / LATEST)
    at_end = counters.planned == part.steps and counters.at_end(part)
    return _numbers(card.metrics) if card.complete and at_end else None


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
