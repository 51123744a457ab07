"""Untrusted text as widgets may show it: control characters as symbols, and never as markup."""

from typing import Any

from textual import events
from textual.content import Content
from textual.widgets import Input, Static

from lstmterm.ui.widgets.keys_in_order import act_in_order
from lstmterm.visible import originals, shorten, visible, visible_lines


def plain(text: str, width: int | None = None) -> Content:
    """`text` on one line, cut to `width` characters if given."""
    return Content(visible(text) if width is None else shorten(text, width))


def plain_lines(text: str) -> Content:
    """`text` with its line breaks."""
    return Content(visible_lines(text))


class Line(Static):
    """A text that is set often: drawn only when it changes, laid out again only if it `grows`."""

    def __init__(self, *, grows: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self._grows = grows
        self._text: Content | None = None

    def set_text(self, text: Content) -> None:
        """Show this text."""
        if self._text is None or not text.is_same(self._text):
            self._text = text
            self.update(text, layout=self._grows)


class PlainInput(Input):
    """An input one line high. Pasted control characters become visible symbols."""

    def __init__(self, value: str = "", placeholder: str = "", **options: Any) -> None:
        super().__init__(visible(value), visible(placeholder), compact=True, **options)

    def choose(self, value: str) -> None:
        """Take this value as if it had been typed: what is typed next comes after it."""
        self.value = visible(value)
        self.cursor_position = len(self.value)

    def set_quietly(self, value: str) -> None:
        """Show a value as if it had been there before: no change is reported."""
        if self.value != visible(value):
            with self.prevent(Input.Changed):
                self.choose(value)

    async def on_key(self, event: events.Key) -> None:
        await act_in_order(self, event)

    def on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        if event.text:
            self.replace(visible(originals(event.text).rstrip("\r\n")), *self.selection)
