"""Text that is not ours, as widgets may show it: safe symbols, and never read as markup."""

from typing import Any

from textual import events
from textual.content import Content
from textual.widgets import Input, Static

from lstmterm.visible import shorten, visible, visible_lines


def plain(text: str, width: int | None = None) -> Content:
    """`text` on one line, cut to `width` characters if given."""
    return Content(visible(text) if width is None else shorten(text, width))


def plain_lines(text: str) -> Content:
    """`text` with its line ends kept."""
    return Content(visible_lines(text))


class Line(Static):
    """A text that is told again and again: drawn when it is another one, laid out only if `grows`."""

    def __init__(self, *, grows: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self._grows = grows
        self._told: Content | None = None

    def tell(self, told: Content) -> None:
        """Show this."""
        if self._told is None or not told.is_same(self._told):
            self._told = told
            self.update(told, layout=self._grows)


class PlainInput(Input):
    """An input on one line of the screen, into which nothing invisible can be pasted."""

    def __init__(self, value: str = "", placeholder: str = "", **options: Any) -> None:
        super().__init__(visible(value), visible(placeholder), compact=True, **options)

    def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        if event.text:
            self.replace(visible(event.text.rstrip("\r\n")), *self.selection)
