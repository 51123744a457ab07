"""How the characters of a text are drawn: by their level, else by the part that they are in."""

from collections.abc import Callable

from rich.style import Style

from lstmterm.ui.widgets.scale import Scale

UNKNOWN = 255  # the level of a character that a model does not know; it has no number
_UNDERLINED = Style(underline=True)
_SLANTED = Style(italic=True)  # what is underlined elsewhere, where an underline means a level


class TextStyles:
    """The styles of one theme, on one scale; each is made once."""

    def __init__(self, usual: Style, scale: Scale, component: Callable[[str], Style]) -> None:
        """`component` is asked for the style of a part by its name, and for "chosen" and "selected"."""
        self._usual, self._scale, self._component = usual, scale, component
        self._made: dict[tuple[int, str, bool, bool, bool], Style] = {}
        self.cursor = usual + scale.cursor
        self.faint = usual + scale.styles[0]
        self.reversed = Style(reverse=True)

    def of(self, level: int, part: str, *, underlined: bool, chosen: bool, selected: bool) -> Style:
        """The style of a character; a level beyond the scale is drawn as its end. `selected`: with the mouse."""
        key = level, part, underlined, chosen, selected
        if key not in self._made:
            self._made[key] = self._make(*key)
        return self._made[key]

    def _make(self, level: int, part: str, underlined: bool, chosen: bool, selected: bool) -> Style:
        levels = self._scale.styles
        step = 0 if level == UNKNOWN else min(level, len(levels) - 1)
        style = self._component(part) if part and not level else self._usual + levels[step]
        if chosen:
            style += self._component("chosen")
        if selected:
            style += self._component("selected")
        if not underlined:
            return style
        return style + (_SLANTED if level and self._scale.signs else _UNDERLINED)
