"""What the colours of a scale mean, in a line, or in two where there is little room."""

from typing import Any

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.widgets import Static

from lstmterm.ui.widgets.scale import Scale


class ScaleLegend(Static):
    """A title, then a label on each colour of a scale."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._title, self._end = "", ""
        self._labels: tuple[str, ...] = ()
        self._diverging, self._signs = False, ""

    def on_resize(self) -> None:
        self._draw()

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, lambda _: self._draw())

    def show(
        self, title: str, labels: tuple[str, ...], end: str = "", *, diverging: bool = False, signs: str = ""
    ) -> None:
        """Show the labels of the scale's steps, in their order, and a last word beside them.

        Each of the `signs`, if they are given, stands before its label, unless that begins with it.
        """
        shown = self._title, self._labels, self._end, self._diverging, self._signs
        if (title, labels, end, diverging, signs) != shown:
            self._title, self._labels, self._end, self._diverging, self._signs = (
                title, labels, end, diverging, signs,
            )  # fmt: skip
            self._draw()

    def _draw(self) -> None:
        if not self._labels:
            return
        scale = Scale.of(self.app, len(self._labels), diverging=self._diverging)
        labels = [
            label if label.startswith(sign) else f"{sign} {label}"
            for label, sign in zip(self._labels, self._signs or [""] * len(self._labels), strict=True)
        ]
        parts = [(f"{self._title} ", Style())]
        parts += [(f" {label} ", style) for label, style in zip(labels, scale.styles[1:], strict=True)]
        parts.append((f" {self._end}" if self._end else "", Style()))
        if not scale.tells and not self._signs:
            parts.append(("  d: digits", Style()))
        lines = [Text(no_wrap=True)]
        for text, style in parts:
            if lines[-1].cell_len and lines[-1].cell_len + cell_len(text) > self.content_size.width > 0:
                lines.append(Text(no_wrap=True))
            lines[-1].append(text, style)
        self.update(Text("\n").join(lines))
