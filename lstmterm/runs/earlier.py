"""What an earlier run of the same text or the same tagged data reached: the best forecast of the next one."""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass

from lstmterm.amounts import NATS_PER_BIT, duration, figure
from lstmterm.runs import storage
from lstmterm.runs.events import Finished
from lstmterm.runs.journal import last_event
from lstmterm.runs.rows import Row, row_of
from lstmterm.runs.summary import Summary
from lstmterm.spec.tagger import DataPart


@dataclass(frozen=True)
class _Earlier(ABC):
    """A finished run, and how long it trained."""

    name: str
    size: str  # layers x hidden units; empty if that is not known
    seconds: float

    @property
    def sentence(self) -> str:
        """What it reached, in a sentence."""
        with_size = f" with {self.size}" if self.size else ""
        return f"The earlier run {self.name} reached {self.reached} in {duration(self.seconds)}{with_size}."

    @property
    def brief(self) -> str:
        """The same in a few words."""
        return f"{self.figure} in {duration(self.seconds)} before"

    @property
    @abstractmethod
    def reached(self) -> str:
        """What it reached, and on what."""

    @property
    @abstractmethod
    def figure(self) -> str:
        """The same in a few words."""


@dataclass(frozen=True)
class Earlier(_Earlier):
    """A run of a character model, and the validation loss that it reached."""

    val_loss: float

    @property
    def reached(self) -> str:
        bits = figure(self.val_loss / NATS_PER_BIT)
        return f"{self.figure} ({bits} bits) per character on this text"

    @property
    def figure(self) -> str:
        return f"{figure(self.val_loss)} nats"


@dataclass(frozen=True)
class EarlierTagger(_Earlier):
    """A run of a tagger, and the share of validation tags that it got right."""

    accuracy: float

    @property
    def reached(self) -> str:
        return f"{self.accuracy:.1%} on the validation data of this file"

    @property
    def figure(self) -> str:
        return f"{self.accuracy:.1%} right"


def nearest(runs: Iterable[Summary], text: str, digest: str | None, seconds: float) -> Earlier | None:
    """The finished run of a text, by its name and content, that trained for about as long; None if there is none."""
    found = [
        (_apart(run, seconds), run)
        for run in runs
        if run.status == "finished" and run.task == "charlm" and run.corpus == text
        if run.val_loss is not None and math.isfinite(run.val_loss) and run.seconds
    ]
    for _, run in sorted(found, key=lambda each: each[0]):
        row = row_of(run)
        if digest is not None and row.setting("text", "digest") == digest:
            return _earlier(row)
    return None


def _apart(run: Summary, seconds: float) -> float:
    """How far the time that a run took is from these seconds: the logarithm of their ratio."""
    return abs(math.log((run.seconds or 1.0) / max(seconds, 1.0)))


def _earlier(row: Row) -> Earlier:
    run = row.summary
    assert run.seconds is not None
    assert run.val_loss is not None
    return Earlier(run.name, _size(row), run.seconds, run.val_loss)


_SAME_DATA = ("level", "column", "text_column", "val_share", "test_share", "folds")


def nearest_tagger(
    runs: Iterable[Summary], data: DataPart, start_from: str | None, seconds: float | None
) -> EarlierTagger | None:
    """The finished run of this data, from the same weights, that trained for about as long; the newest for no time."""

    finished = [run for run in runs if run.status == "finished" and run.task == "tagger" and run.seconds]
    for run in sorted(finished, key=lambda run: _apart(run, seconds) if seconds else 0.0):
        row = row_of(run)
        if row.spec.get("start_from") != start_from or not _is_of(row, data):
            continue
        end = last_event(storage.run_of(run.id).journal)
        accuracy = end.metrics.get("dev_accuracy", math.nan) if isinstance(end, Finished) else math.nan
        if math.isfinite(accuracy) and run.seconds:
            return EarlierTagger(run.name, _size(row), run.seconds, accuracy)
    return None


def _is_of(row: Row, data: DataPart) -> bool:
    """Whether a run read this data in the same way; moved files with the same content are the same data."""
    named = data.sha256 or data.source
    same = row.setting("data", "sha256" if data.sha256 else "source") == named
    return same and all(row.setting("data", name) == getattr(data, name) for name in _SAME_DATA)


def _size(row: Row) -> str:
    layers, hidden = row.setting("model", "layers"), row.setting("model", "hidden")
    return f"{layers}x{hidden}" if layers and hidden else ""
