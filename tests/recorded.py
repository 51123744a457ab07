"""Runs on disk for tests that do not train."""

import json
from collections.abc import Iterable

from lstmterm.runs import ids, storage
from lstmterm.runs.events import Event, Finished, Resumed, Started, Step
from lstmterm.runs.folder import Run
from lstmterm.runs.journal import Journal

STEP = Step(
    step=1, time=0, steps=1, loss=1, epoch=0, chars_per_second=1, learning_rate=1, gradient_norm=1
)  # fmt: skip
STARTED = Started(
    step=0, time=0, run="", task="charlm", model="m", corpus="c", steps=1, steps_per_epoch=1, units_per_step=1,
    parameters=1, device="cpu", precision="float32", threads=1,
)  # fmt: skip
FINISHED = Finished(
    step=1, time=0, model="m", val_loss=1, val_loss_reset=1, test_loss=None, steps=1, epochs=1, seconds=1,
    chars_per_second=1, parameters=1,
)  # fmt: skip


def a_run(run_id: str, *events: Event) -> Run:
    """A run on disk with a journal."""
    run = storage.create(run_id, json.dumps({"name": ids.name_in(run_id)}))
    with Journal(run.journal) as journal:
        for event in events:
            journal.append(event)
    return run


def still_counted(journal: Iterable[Event]) -> list[Event]:
    """The events of a journal without those that a resume undid."""
    counted: list[Event] = []
    for event in journal:
        if isinstance(event, Resumed):
            counted = [earlier for earlier in counted if earlier.step <= event.step]
        counted.append(event)
    return counted


def steps_in(events: Iterable[Event]) -> list[int]:
    """The steps that events tell of, in their order."""
    readings = (event for event in events if isinstance(event, Step))
    return [
        step for reading in readings for step in range(reading.step - reading.steps + 1, reading.step + 1)
    ]
