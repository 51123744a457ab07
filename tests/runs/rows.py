"""Rows of the table of runs, for tests."""

import dataclasses
import json
from typing import Any

from lstmterm import paths
from lstmterm.runs import events
from lstmterm.runs.events import Finished
from lstmterm.runs.marks import Marks
from lstmterm.runs.rows import Row
from lstmterm.runs.summary import Summary
from lstmterm.spec.tagger import DataPart


def a_row(name: str = "harbour", *, marks: Marks | None = None, hidden: int = 256, **figures: Any) -> Row:
    """A row of a finished run, but for what is given."""
    known: dict[str, Any] = {
        "task": "charlm", "corpus": "harbour", "status": "finished", "step": 850, "steps": 850, "best_step": 800,
        "val_loss": 1.39, "chars_per_second": 10_877.3, "changed": 1.7e9, "began": 1.7e9, "val_loss_reset": 1.4,
        "seconds": 182.7,
    }  # fmt: skip
    summary = Summary(id=f"20250101-000000-{name}", name=name, **(known | figures))
    spec = {
        "task": "charlm", "model": {"layers": 2, "hidden": hidden, "dropout": 0.1},
        "batches": {"batch_size": 32, "seq_length": 48}, "text": {"source": "harbour", "name": "harbour"},
        "training": {"steps": 850, "evaluate_every": 50},
    }  # fmt: skip
    return Row(summary, marks or Marks(), spec)


def a_tagger_run(name: str, accuracy: float | None, data: DataPart, **figures: Any) -> Summary:
    """A finished run of a tagger on disk."""
    summary = a_row(name, task="tagger", **figures).summary
    folder = paths.runs() / summary.id
    folder.mkdir(parents=True)
    spec = {
        "task": "tagger", "data": dataclasses.asdict(data), "model": {"layers": 1, "hidden": 64},
        "training": {"steps": 10},
    }  # fmt: skip
    (folder / "spec.json").write_text(json.dumps(spec))
    metrics = {} if accuracy is None else {"dev_accuracy": accuracy}
    end = Finished(
        step=10, time=1.0, model=name, val_loss=0.2, val_loss_reset=None, test_loss=None, steps=10, epochs=1.0,
        seconds=summary.seconds or 1.0, chars_per_second=1.0, parameters=1, metrics=metrics,
    )  # fmt: skip
    (folder / "events.jsonl").write_text(events.to_json(end) + "\n")
    return summary
