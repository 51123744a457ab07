"""What the field with the focus is for, where the keyboard shows it and not the mouse alone."""

from typing import TypeVar

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

Field = TypeVar("Field", bound=Widget)


class Explained(Static):
    """Says the tooltip of the widget with the focus, among those beside it; has no height while there is none."""

    DEFAULT_CSS = "Explained { height: auto; max-height: 6; color: $accent; }"

    def on_mount(self) -> None:
        self.watch(self.screen, "focused", self._show)

    def _show(self, focused: Widget | None) -> None:
        """Say what this widget is for."""
        inside = focused is not None and self.parent in focused.ancestors
        sentence = focused.tooltip if focused is not None and inside else None
        self.display = isinstance(sentence, Content)
        self.update(sentence if isinstance(sentence, Content) else "")
        if focused is not None and self.display:
            self.call_after_refresh(focused.scroll_visible, animate=False)  # it may have covered the field


def explained(field: Field, sentence: str) -> Field:
    """The same field, which says what it is for: to `Explained` and under the mouse."""
    field.tooltip = Content(sentence)
    return field
