"""Choosing the model whose weights a new one starts from."""

from textual.content import Content

from lstmterm.ui.train.form import NEW
from lstmterm.ui.widgets.model_picker import ModelPicker
from lstmterm.ui.widgets.picker import Row


class StartPicker(ModelPicker):
    """The character models, after a line for none of them."""

    def __init__(self, chosen: str, running: frozenset[str]) -> None:
        super().__init__(chosen, running)
        self._title = "Start from the weights of which model?"

    def rows(self, typed: str) -> list[Row]:
        return [*([] if typed.strip() else [Row("", Content(f"  {NEW}"))]), *super().rows(typed)]
