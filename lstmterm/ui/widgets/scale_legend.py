"""What the colours of a scale mean, in a line."""

from typing import Any

from rich.cells import cell_len
from rich.text import Text
from textual.widgets import Static

from lstmterm.ui.widgets.scale import Scale


class ScaleLegend(Static):
    """A title, then a label on each colour of a scale."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._title, self._end = "", ""
        self._labels: tuple[str, ...] = ()
        self._diverging = False

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _: self._draw())

    def show(self, title: str, labels: tuple[str, ...], end: str = "", *, diverging: bool = False) -> None:
        """Show the labels of the scale's steps, in their order, and a last word beside them."""
        self._title, self._labels, self._end, self._diverging = title, labels, end, diverging
        self._draw()

    def _draw(self) -> None:
        if not self._labels:
            return
        scale = Scale.of(self.app, len(self._labels), diverging=self._diverging)
        widest = max(map(cell_len, self._labels))
        line = Text(f"{self._title} ", no_wrap=True)
        for label, style in zip(self._labels, scale.styles[1:], strict=True):
            line.append(f" {label:^{widest}} ", style)
        line.append(f" {self._end}")
        self.update(line)
