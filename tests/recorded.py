"""Runs on disk for tests that do not train."""

import json

from lstmterm.runs import ids, storage
from lstmterm.runs.events import Event, Finished, Step
from lstmterm.runs.folder import Run
from lstmterm.runs.journal import Journal

STEP = Step(
    step=1, time=0, steps=1, loss=1, epoch=0, chars_per_second=1, learning_rate=1, gradient_norm=1
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
