"""What the ranks after the first one do: measure and train with it, and write nothing.

The first rank reads the request, plans, and sends orders. The others need the text (found by the
spec, with the same content), but neither the run's folder nor any model file.
"""

import dataclasses
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from lstmterm.corpora import splits
from lstmterm.corpora.corpus import open_text
from lstmterm.nn import calibrate
from lstmterm.nn.char_task import CharTask
from lstmterm.nn.device import checked_threads, use_threads
from lstmterm.nn.ranks import Ranks
from lstmterm.nn.task import StopCheck
from lstmterm.nn.train import train
from lstmterm.planning.steps import Pace
from lstmterm.runs.events import Event
from lstmterm.spec.character import CharSpec
from lstmterm.spec.training import TrainingPart


@dataclass(frozen=True)
class Order:
    """What all ranks do next, sent by the first."""

    work: Literal["pace", "train", "resume"]
    spec: dict[str, Any]
    run: str = ""  # the name of its folder


def follow(ranks: Ranks, should_stop: StopCheck) -> Iterator[Event]:
    """Take part in a run that the first rank leads; only the caller sees the events."""
    while True:
        order = Order(**ranks.receive())
        spec = CharSpec.from_dict(order.spec)
        corpus = open_text(spec.text)
        split = splits.cut(len(corpus), spec.text.val, spec.text.test, spec.text.split_cap)
        set_threads(spec.training, ranks)
        task = CharTask(spec, corpus, split, ranks.device(spec.training.device), ranks)
        if order.work == "pace":
            pace_together(task, (spec.training.threads,), ranks)
            continue
        if order.work == "train":
            ranks.spread(task.model)
        yield from train(
            task,
            spec.training,
            Path(order.run),
            resume=order.work == "resume",
            should_stop=should_stop,
            started=time.monotonic(),
            ranks=ranks,
        )
        return


def set_threads(part: TrainingPart, ranks: Ranks) -> None:
    """Use the spec's threads, or fewer if more ranks share the processors than planned."""
    most = part.threads if ranks.count == 1 else checked_threads(None, ranks.local_count)
    use_threads(min(part.threads, most))


def pace_together(trial: CharTask, threads: tuple[int, ...], ranks: Ranks) -> Pace:
    """Measure the pace of the slowest rank while all work, including the reduction of gradients."""
    pace = calibrate.pace(trial, trial.spec.training, threads=threads)
    step = ranks.slowest(pace.step) + ranks.reduction_seconds(trial.model)
    return dataclasses.replace(pace, step=step)
