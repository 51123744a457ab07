"""A line of text that is given in several lengths, of which the longest that fits is shown."""

from collections.abc import Sequence
from typing import Any

from textual.content import Content
from textual.events import Resize
from textual.widgets import Static

from lstmterm.ui.widgets.fitting import first_fitting
from lstmterm.visible import shorten


class StatusLine(Static):
    """A line that is fitted again whenever its width changes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._texts: Sequence[str] = ("",)

    def show(self, *texts: str) -> None:
        """Show the first of these that fits."""
        self._texts = texts
        self._fit()

    def on_resize(self, event: Resize) -> None:
        self._fit()

    def _fit(self) -> None:
        texts = [shorten(text, 200) for text in self._texts]
        self.update(Content(first_fitting(self.content_size.width, texts)))
