"""A button that opens a list and shows what was chosen from it."""

from typing import Any

from rich.cells import cell_len
from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.widgets import Button

from lstmterm.ui.widgets.keys import key
from lstmterm.visible import visible

_MARK = " ▾"


class Pick(Button):
    """Shows the end of a long choice, where a path has its file name."""

    BINDINGS = [key("enter", "press", "Choose", "pick.choose", "Choose another one from a list")]

    chosen: reactive[str] = reactive("", layout=True)

    def __init__(self, chosen: str = "", prompt: str = "choose…", **options: Any) -> None:
        super().__init__(prompt, compact=True, **options)
        self.styles.line_pad = 0  # so that its text lines up with the other fields
        self._prompt = prompt
        self.set_reactive(Pick.chosen, chosen)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        return cell_len(visible(self.chosen) or self._prompt) + cell_len(_MARK)

    def render(self) -> Content:
        room = self.content_size.width - cell_len(_MARK)
        return Content(end_of(self.chosen or self._prompt, room) + _MARK)


def end_of(text: str, cells: int) -> str:
    """The end of `text` on one line of at most `cells` columns, after an ellipsis where it was cut."""
    shown = visible(text)
    if cell_len(shown) <= cells:
        return shown
    while shown and cell_len(shown) > cells - 1:
        shown = shown[1:]
    return f"…{shown}"
