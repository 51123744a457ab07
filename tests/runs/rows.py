"""Rows of the table of runs, for tests."""

from typing import Any

from lstmterm.runs.columns import Row
from lstmterm.runs.marks import Marks
from lstmterm.runs.summary import Summary


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
