"""Choosing what a model is compared with: an n-gram model of its training text, or another model."""

from textual.content import Content

from lstmterm.ui.widgets.model_picker import ModelPicker
from lstmterm.ui.widgets.picker import Row


class OtherPicker(ModelPicker):
    """The n-gram models, then the models of the library."""

    def __init__(self, chosen: str, running: frozenset[str]) -> None:
        super().__init__(chosen, running)
        self._title = "Compare with"

    def rows(self, typed: str) -> list[Row]:
        from lstmterm.infer.against import NGRAMS

        ngrams = [Row(name, Content(f"  {name}"), group="n-grams of the training text") for name in NGRAMS]
        models = [Row(row.target, row.shown, row.action, row.about, "models") for row in super().rows("")]
        return [row for row in (*ngrams, *models) if typed.strip().lower() in row.target.lower()]
