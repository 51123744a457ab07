"""Choosing a model from the library, those in training included."""

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from lstmterm import paths
from lstmterm.errors import InputError
from lstmterm.models import library, model_file
from lstmterm.models.model_file import ModelCard
from lstmterm.ui.widgets.list_line import ListLine
from lstmterm.visible import shorten


class ModelPicker(ModalScreen[str | None]):
    """A list that typing filters; the path of a file may be typed too."""

    BINDINGS = [
        Binding("escape", "dismiss(None)", "Cancel"),
    ]

    def __init__(self, chosen: str, running: frozenset[str], kind: str = "charlm") -> None:
        super().__init__()
        self._kind = kind
        self._chosen, self._in_training = chosen, running
        self._rows: list[tuple[str, Content]] = []

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog picker") as box:
            box.border_title = "Choose a tagger" if self._kind == "tagger" else "Choose a model"
            yield ListLine(placeholder="A name, or a file's path", id="filter")
            yield OptionList(id="models", markup=False, compact=True)

    def on_mount(self) -> None:
        for entry in library.library():
            try:
                card = model_file.describe(entry.path)
            except InputError:
                continue
            if card.kind != self._kind:
                continue
            shape = f"{card.sizes.get('layers', '?')}x{card.sizes.get('hidden', '?')}"
            mark = "●" if entry.name in self._in_training else " "
            shown = Content.assemble(
                (f"{mark} ", "$success"),
                (f"{shorten(entry.name, 26):<27}", "bold" if entry.name == self._chosen else ""),
                (f"{shape:<8}", "$foreground 70%"),
                (f"{main_metric(card):<11}", "$foreground 70%"),
                ("included" if entry.place == "shipped" else "", "$foreground 50%"),
            )
            self._rows.append((entry.name, shown))
        self._filter("")
        self.query_one("#filter").focus()

    def _filter(self, text: str) -> None:
        rows = [row for row in self._rows if text.lower() in row[0].lower()]
        options = self.query_one("#models", OptionList)
        options.set_options([Option(shown, id=f"m{self._rows.index((name, shown))}") for name, shown in rows])
        if rows:
            options.highlighted = next((i for i, row in enumerate(rows) if row[0] == self._chosen), 0)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._filter(event.value.strip())

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        options = self.query_one("#models", OptionList)
        if options.highlighted is not None and options.option_count:
            options.action_select()
        elif event.value.strip():
            self.dismiss(event.value.strip())

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._rows[int((event.option_id or "m0")[1:])][0])


def main_metric(card: ModelCard) -> str:
    """A model's main metric in a few characters: a tagger's accuracy, or the validation loss."""
    metrics = card.metrics
    for name in ("test_accuracy", "dev_accuracy"):
        if name in metrics:
            return f"{metrics[name]:.1%}"
    return f"val {metrics['val_loss']:.3f}" if "val_loss" in metrics else ""


def card_line(card: ModelCard) -> str:
    """A model in a line: its size, its loss, and whether it is still in training."""
    loss = card.metrics.get("val_loss")
    parts = [f"{card.sizes['layers']}x{card.sizes['hidden']}"]
    if loss is not None:
        parts.append(f"val {loss:.3f}")
    if not card.complete:
        parts.append("in training")
    return " · ".join(parts)


def newest_model() -> str | None:
    """The user's newest character model, else one that ships; None if there is none."""
    entries = library.library()
    own = sorted((e for e in entries if e.place == "own"), key=lambda e: paths.changed(e.path), reverse=True)
    for entry in [*own, *entries]:
        try:
            if model_file.describe(entry.path).kind == "charlm":
                return entry.name
        except InputError:
            continue  # the Library reports damaged files
    return None
