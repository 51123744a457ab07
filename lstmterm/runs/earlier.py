"""What an earlier run of the same text reached: the best forecast of the next one."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from lstmterm.amounts import NATS_PER_BIT, duration, figure
from lstmterm.runs.columns import Row, row_of
from lstmterm.runs.summary import Summary


@dataclass(frozen=True)
class Earlier:
    """A finished run, how long it trained and the validation loss that it reached."""

    name: str
    size: str  # layers x hidden units; empty if that is not known
    seconds: float
    val_loss: float

    @property
    def sentence(self) -> str:
        """What it reached, in a sentence."""
        with_size = f" with {self.size}" if self.size else ""
        return (
            f"The earlier run {self.name} reached {figure(self.val_loss)} nats ({figure(self.val_loss / NATS_PER_BIT)} bits) "
            f"per character on this text in {duration(self.seconds)}{with_size}."
        )

    @property
    def brief(self) -> str:
        """The same in a few words."""
        return f"{figure(self.val_loss)} nats in {duration(self.seconds)} before"


def nearest(runs: Iterable[Summary], text: str, digest: str | None, seconds: float) -> Earlier | None:
    """The finished run of a text, by its name and content, that trained for about as long; None if there is none."""
    found = [
        (abs(math.log(run.seconds / max(seconds, 1.0))), run)
        for run in runs
        if run.status == "finished" and run.task == "charlm" and run.corpus == text
        if run.val_loss is not None and math.isfinite(run.val_loss) and run.seconds
    ]
    for _, run in sorted(found, key=lambda each: each[0]):
        row = row_of(run)
        if digest is not None and row.setting("text", "digest") == digest:
            return _earlier(row)
    return None


def _earlier(row: Row) -> Earlier:
    run, layers, hidden = row.summary, row.setting("model", "layers"), row.setting("model", "hidden")
    assert run.seconds is not None
    assert run.val_loss is not None
    return Earlier(run.name, f"{layers}x{hidden}" if layers and hidden else "", run.seconds, run.val_loss)
