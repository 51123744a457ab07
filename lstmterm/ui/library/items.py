"""What the Library lists: a model, a run or a text, with its figures and its card; drafts are in `draft_item.py`."""

import shlex
from pathlib import Path
from typing import ClassVar

from rich.text import Text

from lstmterm import paths
from lstmterm.amounts import ago, duration, figure, size
from lstmterm.corpora import stored
from lstmterm.corpora.listing import TextEntry
from lstmterm.errors import InputError, RunError
from lstmterm.models import library
from lstmterm.models.card_rows import card_rows
from lstmterm.models.library import ModelEntry
from lstmterm.models.model_file import ModelCard
from lstmterm.runs import storage, sweeps
from lstmterm.runs.summary import Summary
from lstmterm.ui.messages import on_screen
from lstmterm.ui.train.runs_list import SIGNS
from lstmterm.ui.widgets.model_picker import main_metric
from lstmterm.visible import shorten

_BRIEF = 24  # columns of a problem in the list
_LONGEST = 2_000  # characters of a value on a card
Rows = list[tuple[str, str]]  # titles and values of a card
Section = tuple[str, list[Text]]  # a heading, and the paragraphs below it
_TRAINING = ("optimizer", "learning_rate", "schedule", "warmup", "clip", "device", "threads", "precision", "seed")  # fmt: skip


class Item:
    """One line of the list. Names and ids are those of the files: show them as plain text."""

    kind: ClassVar[str]

    def __init__(self, name: str, sign: tuple[str, str], place: Path, removable: bool = True) -> None:
        self.name = name  # of a model or a text; the id of a run
        self.title = name  # the name to show
        self.sign: tuple[str, str] = sign  # a symbol and its style
        self.place = place  # the file or folder
        self.removable = removable

    def figures(self, now: float) -> str:
        """What matters most, in a few words. `now` is in seconds since the epoch."""
        raise NotImplementedError

    @property
    def second_line(self) -> str:
        """The line below its name in the list; no line if it is empty."""
        return ""

    def card(self, now: float) -> Rows:
        """Everything that is known."""
        raise NotImplementedError

    def sections(self) -> list[Section]:
        """Longer texts, below the card."""
        return []

    def remove(self) -> None:
        """Delete the file or folder. Raises `InputError`, `RunError` or `OSError`."""
        raise NotImplementedError


class ModelItem(Item):
    """A model file, with its card, or why it has none."""

    kind: ClassVar = "model"

    def __init__(self, entry: ModelEntry, read: ModelCard | InputError) -> None:
        super().__init__(entry.name, ("✗", "$error"), entry.path, entry.place == "own")
        self.entry = entry
        self.read = read
        if not isinstance(read, InputError):
            self.sign = ("◆", "$primary") if read.complete else ("◌", "$warning")

    @property
    def kind_of_model(self) -> str:
        """The kind in its card; nothing without one."""
        return "" if isinstance(self.read, InputError) else self.read.kind

    def figures(self, now: float) -> str:
        read = self.read
        return shorten(library.brief(read), _BRIEF) if isinstance(read, InputError) else main_metric(read)

    def card(self, now: float) -> Rows:
        read = self.read
        if isinstance(read, InputError):
            return [("problem", on_screen(read))]
        return [(shorten(title, 40), value[:_LONGEST]) for title, value in card_rows(self.entry, read)]

    def remove(self) -> None:
        library.remove(self.name)


class RunItem(Item):
    """A run, by its id."""

    kind: ClassVar = "run"

    def __init__(self, run: Summary) -> None:
        super().__init__(run.id, SIGNS[run.status], paths.runs() / run.id)
        self.title = run.name
        self.run = run

    def figures(self, now: float) -> str:
        run = self.run
        if not run.is_read:
            return "reading…"
        status = f"{run.share:.0%}" if run.status == "running" else run.status
        parts = (
            "" if run.status == "finished" else status,
            figure(run.val_loss) if run.val_loss is not None else "",
            ago(now - run.changed) if run.changed else "",
        )
        return " ".join(filter(None, parts))

    def card(self, now: float) -> Rows:
        run = self.run
        try:
            spec = dict(storage.find(run.id).spec)
        except (InputError, RunError) as error:
            return [("problem", on_screen(error))]
        if run.status == "damaged":
            return [("problem", f"damaged: {run.reason}"), ("folder", str(self.place))]
        training, shape, batches = (spec.get(part, {}) for part in ("training", "model", "batches"))
        text = spec.get("data" if run.task == "tagger" else "text", {})
        rows = [
            ("status", run.status + (f": {on_screen(run.reason)}" if run.reason else "")),
            ("done", f"{run.share:.0%} of {training.get('steps', '?')} steps" if run.is_read else "reading…"),
            ("val loss", f"{figure(run.val_loss, 4)} nats" if run.val_loss is not None else ""),
            ("changed", ago(now - run.changed) if run.changed else ""),
            ("text", str(text.get("name", ""))),
            ("model", f"{shape.get('layers', '?')}x{shape.get('hidden', '?')}" if shape else ""),
            (
                "batches",
                f"{batches['batch_size']} streams x {batches.get('seq_length', '?')}"
                if "batch_size" in batches
                else "",
            ),
        ]
        if training.get("minutes"):
            rows.append(("planned for", duration(60 * training["minutes"])))
        rows += [(name, f"{training[name]}") for name in _TRAINING if name in training]
        rows.append(("to follow it", shlex.join(["lstmterm", "attach", run.id])))
        rows.append(("folder", str(self.place)))
        return rows

    def remove(self) -> None:
        sweeps.remove(storage.find(self.name))


class TextItem(Item):
    """A text that needs no download."""

    kind: ClassVar = "text"

    def __init__(self, text: TextEntry) -> None:
        own = stored.find(text.name) if text.origin != "built-in" else None
        place = own.folder if own is not None else paths.shipped_corpora()
        super().__init__(text.name, ("≡", "$secondary"), place, text.origin != "built-in")
        self.text = text

    def figures(self, now: float) -> str:
        return size(self.text.bytes)

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

    def remove(self) -> None:
        stored.remove(self.name)
