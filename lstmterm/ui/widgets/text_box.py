"""A box for a text of several lines: the one way in which such a text is typed, pasted and edited."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.strip import Strip
from textual.widgets import TextArea

from lstmterm.ui.widgets.keys import key
from lstmterm.ui.widgets.keys_in_order import act_in_order
from lstmterm.visible import originals, stand_ins, visible_lines

_PAGE_KEYS = {"f6", "f7"}  # TextArea selects with them; here they open tabs and pages


def keys_without(names: set[str], bindings: Iterable[BindingType], where: str = "text") -> list[Binding]:
    """These keys except some; an action that loses one has a name of its own `where` it does."""
    kept: list[Binding] = []
    for binding in bindings:
        assert isinstance(binding, Binding)
        if left := [name for name in binding.key.split(",") if name not in names]:
            fewer = replace(binding, key=",".join(left), id=f"{where}.{binding.action}")
            kept.append(binding if fewer.key == binding.key else fewer)
    return kept


def _named(binding: Binding) -> Binding:
    """A key of Textual's text area with a name for the settings, and a label that says what it is about."""
    name = binding.action.removesuffix("(True)")
    if name != binding.action:  # moves the cursor, and selects
        name = f"select_{name.removeprefix('cursor_')}"
    label = f"{binding.description} typing" if name in ("undo", "redo") else binding.description
    return replace(binding, description=label, id=f"text.{name}", tooltip=label)


class TextBox(TextArea, inherit_bindings=False):
    """A text area that holds any text.

    The ends of pasted lines, whatever the terminal sends for them, become newlines. Other control characters
    are kept and shown as symbols.
    """

    BINDINGS = [
        *(_named(binding) for binding in keys_without(_PAGE_KEYS, TextArea.BINDINGS)),
        key("ctrl+j,shift+enter", "new_line", "New line", "text.new_line", "Begin a new line", show=False),
    ]

    def __init__(self, text: str = "", **options: Any) -> None:
        self._has_stand_ins = False
        self._text: str | None = None  # the present one, if it was asked for: a drawn row asks, too
        super().__init__(self._held(text), compact=True, highlight_cursor_line=False, **options)

    def _held(self, text: str) -> str:
        """`text` as Textual can hold it, which would end lines at some control characters."""
        held = stand_ins(text)
        self._has_stand_ins |= held != text
        return held

    @property
    def text(self) -> str:
        """The text with its control characters."""
        if self._text is None:
            self._text = self._given(super().text)
        return self._text

    @text.setter
    def text(self, value: str) -> None:
        self.load_text(value)

    def text_around(self) -> tuple[str, str]:
        """The text before the selection, and after it."""
        start, end = sorted(self.selection)
        before = self.get_text_range(self.document.start, start)
        return self._given(before), self._given(self.get_text_range(end, self.document.end))

    def _given(self, held: str) -> str:
        return originals(held) if self._has_stand_ins else held

    @property
    def selected_text(self) -> str:
        return self._given(super().selected_text)

    def update_suggestion(self) -> None:
        """Textual calls this after every change of the text."""
        self._text = None

    def load_text(self, text: str) -> None:
        super().load_text(self._held(text))

    def get_line(self, line_index: int) -> Text:
        return Text(visible_lines(originals(self.document.get_line(line_index))), end="", no_wrap=True)

    def render_line(self, y: int) -> Strip:
        if not self.content_size.width:  # where Textual cannot wrap the placeholder
            return Strip.blank(self.size.width)
        return super().render_line(y)

    def type_in(self, text: str) -> None:
        """Replace the selection with `text`, as if it had been typed."""
        self.replace(self._held(text), *self.selection, maintain_selection_offset=False)

    def action_new_line(self) -> None:
        self.type_in("\n")

    def action_cut(self) -> None:
        super().action_cut()
        cut = self.app.clipboard
        if (given := self._given(cut)) != cut:
            self.app.copy_to_clipboard(given)

    def action_paste(self) -> None:
        self.type_in(self.app.clipboard)

    async def on_key(self, event: events.Key) -> None:
        await act_in_order(self, event)

    async def on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        if event.text:
            self.type_in(pasted(event))


def pasted(event: events.Paste) -> str:
    """What was pasted, its line ends as newlines."""
    return originals(event.text).replace("\r\n", "\n").replace("\r", "\n")
