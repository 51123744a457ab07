"""A box for a text of several lines."""

from dataclasses import replace
from typing import Any

from textual import events
from textual.binding import Binding
from textual.widgets import TextArea

from lstmterm.ui.widgets.keys_in_order import act_in_order
from lstmterm.visible import visible_lines

_PAGE_KEYS = {"f6", "f7"}  # TextArea selects with them; here they open tabs and pages


class TextBox(TextArea, inherit_bindings=False):
    """A text area. Pasted control characters become visible symbols."""

    BINDINGS = [
        replace(b, id=f"text.{b.action}", tooltip=b.description)
        for b in TextArea.BINDINGS
        if isinstance(b, Binding) and b.key not in _PAGE_KEYS
    ]

    def __init__(self, **options: Any) -> None:
        super().__init__(compact=True, highlight_cursor_line=False, **options)

    async def on_key(self, event: events.Key) -> None:
        await act_in_order(self, event)

    async def on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        if event.text:
            text = visible_lines(event.text.replace("\r\n", "\n").replace("\r", "\n"))
            self.replace(text, *self.selection, maintain_selection_offset=False)
