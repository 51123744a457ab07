"""Keys on the lower border of a box, such as `y copy · esc close`: a click does what the key does."""

import re

from rich.cells import cell_len
from textual.content import Content
from textual.style import Style
from textual.widget import Widget

from lstmterm.ui.widgets.fitting import border_columns, first_fitting

_BETWEEN = " · "
_NAMES = {
    "esc": "escape",
    "enter": "enter",
    "↵": "enter",
    "⏎": "enter",
    "space": "space",
    "tab": "tab",
    "pgdn": "pagedown",
    "/": "slash",
}
_KEY = re.compile(r"\^?[a-z]|[fF]\d{1,2}|(alt|ctrl|shift)\+\S+")


def hints(text: str, press: str = "screen.press_key") -> Content:
    """`text` with its parts that begin with a key; `press` is the action that takes its name, as that of dialogs does."""
    return Content(_BETWEEN).join(_part(part, press) for part in text.split(_BETWEEN))


def fitting_hints(box: Widget, *texts: str, press: str = "screen.press_key") -> Content:
    """`hints` for the border of a box: the first of the texts that fits, or the first parts of the last one."""
    columns = border_columns(box)
    parts = first_fitting(columns, texts).split(_BETWEEN)
    while len(parts) > 1 and cell_len(_BETWEEN.join(parts)) > columns:
        parts.pop()
    return hints(_BETWEEN.join(parts), press)


def _part(part: str, press: str) -> Content:
    first = part.split(" ")[0]
    name = _NAMES.get(first) or (first.replace("^", "ctrl+").lower() if _KEY.fullmatch(first) else "")
    return Content.styled(part, Style.from_meta({"@click": f"{press}('{name}')"})) if name else Content(part)
