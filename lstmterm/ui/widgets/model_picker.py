"""Choosing a model from the library, those in training included."""

from collections.abc import Iterator

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from lstmterm import paths
from lstmterm.amounts import figure
from lstmterm.errors import InputError
from lstmterm.models import library
from lstmterm.models.model_file import ModelCard
from lstmterm.ui.widgets.picker import Picker, Row
from lstmterm.visible import shorten, shorten_middle

_WIDEST = 34  # columns of a name


class ModelPicker(Picker):
    """A list that typing filters; the path of a file may be typed too."""

    PLACEHOLDER = "A name, or a file's path"

    def __init__(self, chosen: str, running: frozenset[str], kind: str = "charlm") -> None:
        super().__init__("Choose a tagger" if kind == "tagger" else "Choose a model", chosen)
        self._models = list(self._read(kind, running))

    def _read(self, kind: str, running: frozenset[str]) -> Iterator[Row]:
        found = [
            (entry, card)
            for entry, card in library.cards()
            if isinstance(card, InputError) or card.kind == kind
        ]
        width = max((cell_len(shorten_middle(entry.name, _WIDEST)) for entry, _ in found), default=0)
        for entry, card in found:
            name = set_cell_size(shorten_middle(entry.name, width), width + 1)
            if isinstance(card, InputError):
                problem = f"{name}{shorten(library.brief(card), 40)}"
                yield Row(entry.name, Content.assemble(("✗ ", "$error"), (problem, "$foreground 50%")))
            else:
                shown = Content.assemble(
                    ("● " if entry.name in running else "  ", "$success"),
                    (name, "bold" if entry.name == self._chosen else ""),
                    (f"{card.shape:<8}{main_metric(card):<11}", "$foreground 70%"),
                    ("included" if entry.place == "shipped" else "", "$foreground 50%"),
                )
                yield Row(entry.name, shown)

    def rows(self, typed: str) -> list[Row]:
        return [row for row in self._models if typed.strip().lower() in row.target.lower()]

    def nothing(self, typed: str) -> str:
        return (
            "No model has this in its name. Enter takes it as a file's path."
            if typed.strip()
            else "None yet."
        )

    def as_typed(self, typed: str) -> str | None:
        return None if self.rows(typed) else typed.strip() or None


def main_metric(card: ModelCard) -> str:
    """A model's main metric in a few characters: a tagger's accuracy, or the validation loss."""
    metrics = card.metrics
    for name in ("test_accuracy", "dev_accuracy"):
        if name in metrics:
            return f"{metrics[name]:.1%}"
    return f"val {figure(metrics['val_loss'])}" if "val_loss" in metrics else ""


def card_line(card: ModelCard) -> str:
    """A model in a line: its size, its loss, and whether it is still in training."""
    return " · ".join(filter(None, (card.shape, main_metric(card), "" if card.complete else "in training")))


def newest_model() -> str | None:
    """The user's newest character model, else one that ships; None if there is none."""
    models = library.of_kind("charlm")
    own = (entry for entry in models if entry.place == "own")
    newest = max(own, key=lambda entry: paths.changed(entry.path), default=None) or next(iter(models), None)
    return newest.name if newest is not None else None
