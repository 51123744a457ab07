"""Choosing the model whose weights a new one starts from."""

from textual.content import Content

from lstmterm.spec.base import Kind
from lstmterm.ui.train.form import NEW
from lstmterm.ui.widgets.model_picker import ModelPicker
from lstmterm.ui.widgets.picker import Row


class StartPicker(ModelPicker):
    """The models of a kind, after a line for none of them."""

    def __init__(self, chosen: str, running: frozenset[str], kind: Kind) -> None:
        super().__init__(chosen, running, kind)
        what = "tagger" if kind == "tagger" else "model"
        self._title = f"Start from the weights of which {what}?"

    def rows(self, typed: str) -> list[Row]:
        return [*([] if typed.strip() else [Row("", Content(f"  {NEW}"))]), *super().rows(typed)]
