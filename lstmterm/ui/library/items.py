"""What the Library lists: a model, a run or a text, with its figures and its card."""

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from lstmterm import paths
from lstmterm.amounts import ago, duration, size
from lstmterm.corpora import stored
from lstmterm.corpora.listing import TextEntry
from lstmterm.errors import InputError, RunError
from lstmterm.models import library, model_file
from lstmterm.models.card import card_rows
from lstmterm.models.library import ModelEntry
from lstmterm.runs import storage
from lstmterm.runs.summary import Summary
from lstmterm.ui.train.runs_list import SIGNS

Rows = list[tuple[str, str]]  # titles and values of a card
_TRAINING = ("optimizer", "learning_rate", "schedule", "warmup", "clip", "device", "threads", "precision", "seed")  # fmt: skip


class Item:
    """One line of the list. Names and ids are those of the files: show them as plain text."""

    kind: ClassVar[str]
    heading: ClassVar[str]
    name: str  # of a model or a text; the id of a run

    @property
    def removable(self) -> bool:
        return True

    @property
    def title(self) -> str:
        """The name to show."""
        return self.name

    @property
    def sign(self) -> tuple[str, str]:
        """A symbol and its style."""
        raise NotImplementedError

    def figures(self, now: float) -> str:
        """What matters most, in a few words. `now` is in seconds since the epoch."""
        raise NotImplementedError

    def card(self, now: float) -> Rows:
        """Everything that is known."""
        raise NotImplementedError

    @property
    def place(self) -> Path:
        """The file or folder."""
        raise NotImplementedError

    def remove(self) -> None:
        """Delete the file or folder. Raises `InputError`, `RunError` or `OSError`."""
        raise NotImplementedError


@dataclass(frozen=True)
class ModelItem(Item):
    """A model file, with its state and its best figure."""

    kind: ClassVar = "model"
    heading: ClassVar = "Models"
    name: str
    entry: ModelEntry
    state: tuple[str, str]
    figure: str

    @classmethod
    def of(cls, entry: ModelEntry) -> "ModelItem":
        """Read the file's header."""
        try:
            card = model_file.describe(entry.path)
        except InputError:
            return cls(entry.name, entry, ("✗", "$error"), "cannot be read")
        loss = card.metrics.get("val_loss")
        figure = f"val {loss:.3f}" if loss is not None else ""
        accuracy = card.metrics.get("test_accuracy", card.metrics.get("dev_accuracy"))
        if accuracy is not None:
            figure = f"{accuracy:.1%}"
        state = ("◆", "$primary") if card.complete else ("◌", "$warning")
        return cls(entry.name, entry, state, figure)

    @property
    def removable(self) -> bool:
        return self.entry.place == "own"

    @property
    def sign(self) -> tuple[str, str]:
        return self.state

    def figures(self, now: float) -> str:
        return self.figure

    def card(self, now: float) -> Rows:
        try:
            return list(card_rows(self.entry, model_file.describe(self.entry.path)))
        except InputError as error:
            return [("problem", str(error))]

    @property
    def place(self) -> Path:
        return self.entry.path

    def remove(self) -> None:
        library.remove(self.name)


@dataclass(frozen=True)
class RunItem(Item):
    """A run, by its id."""

    kind: ClassVar = "run"
    heading: ClassVar = "Runs"
    name: str
    run: Summary

    @property
    def title(self) -> str:
        return self.run.name

    @property
    def sign(self) -> tuple[str, str]:
        return SIGNS[self.run.status]

    def figures(self, now: float) -> str:
        run = self.run
        status = f"{run.share:.0%}" if run.status == "running" else run.status
        parts = (
            "" if run.status == "finished" else status,
            f"{run.val_loss:.3f}" if run.val_loss is not None else "",
            ago(now - run.changed) if run.changed else "",
        )
        return " ".join(filter(None, parts))

    def card(self, now: float) -> Rows:
        run = self.run
        try:
            spec = dict(storage.find(run.id).spec)
        except (InputError, RunError) as error:
            return [("problem", str(error))]
        training, shape, batches = (spec.get(part, {}) for part in ("training", "model", "batches"))
        text = spec.get("text", spec.get("data", {}))
        rows = [
            ("status", run.status + (f": {run.reason}" if run.reason else "")),
            ("done", f"{run.share:.0%} of {training.get('steps', '?')} steps"),
            ("val loss", f"{run.val_loss:.4f} nats" if run.val_loss is not None else ""),
            ("changed", ago(now - run.changed) if run.changed else ""),
            ("text", str(text.get("name", ""))),
            ("model", f"{shape.get('layers', '?')}x{shape.get('hidden', '?')}" if shape else ""),
            ("batches", f"{batches['batch_size']} streams x {batches['seq_length']}" if batches else ""),
        ]
        if training.get("minutes"):
            rows.append(("planned for", duration(60 * training["minutes"])))
        rows += [(name, f"{training[name]}") for name in _TRAINING if name in training]
        rows.append(("to follow it", shlex.join(["lstmterm", "attach", run.id])))
        rows.append(("folder", str(self.place)))
        return rows

    @property
    def place(self) -> Path:
        return paths.runs() / self.name

    def remove(self) -> None:
        storage.remove(storage.find(self.name))


@dataclass(frozen=True)
class TextItem(Item):
    """A text that needs no download."""

    kind: ClassVar = "text"
    heading: ClassVar = "Texts"
    name: str
    text: TextEntry

    @property
    def removable(self) -> bool:
        return self.text.origin != "built-in"

    @property
    def sign(self) -> tuple[str, str]:
        return "≡", "$secondary"

    def figures(self, now: float) -> str:
        return size(self.text.bytes) if self.text.bytes is not None else ""

    def card(self, now: float) -> Rows:
        text = self.text
        return [
            ("title", text.title),
            ("origin", text.origin),
            ("size", self.figures(now) or "unknown"),
            ("kind", text.kind),
            ("language", text.language),
            ("licence", text.licence),
            ("purpose", text.purpose),
            ("folder", str(self.place)),
        ]

    @property
    def place(self) -> Path:
        own = stored.find(self.name) if self.removable else None
        return own.folder if own is not None else paths.shipped_corpora()

    def remove(self) -> None:
        stored.remove(self.name)
