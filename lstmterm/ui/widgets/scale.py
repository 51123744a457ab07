"""A scale of colours for numbers, from the background to the theme's accent.

A diverging scale has the background in its middle, for numbers near zero; negative ones go to the theme's
primary colour, positive ones to its accent, as far as both are equally far from the background. People
without colour vision for red and green tell blue from yellow: where the theme's colours do not differ enough in
that, those of the screen's own themes are taken, blue and orange.

The steps are equally far apart in CIELAB, and lightness changes in one direction only: so they can be told
apart without colour vision and in shades of grey. The text on them has a contrast of at least 4.5 to 1
(WCAG 2.2, 1.4.3). Where there are no such colours, in the terminal's own and with NO_COLOR, text is
underlined from the middle of the scale on, and bold near its end. On a diverging scale positive numbers are
bold and negative ones underlined, and those near both ends also in italics.
"""

import math
from collections.abc import Mapping
from string import ascii_lowercase, ascii_uppercase

from rich.style import Style
from textual.app import App
from textual.color import Color, Lab, lab_to_rgb, rgb_to_lab

from lstmterm.ui.themes import DARK, LIGHT

_READABLE = 4.5
_APART = 75  # of the two colours of a diverging scale, in b* of CIELAB, which is yellow less blue
_MIDDLE, _END = 0.4, 0.75  # the parts of the scale from which text has signs


class Scale:
    """The styles of `steps` levels, numbered from 1; level 0 is of characters that have no number."""

    def __init__(
        self, steps: int, variables: Mapping[str, str], *, diverging: bool = False, signs: bool = False
    ) -> None:
        """`variables` are those of the theme; with `signs` text is underlined and bold, too."""
        background, foreground, accent, primary = (
            Color.parse(variables[name]) for name in ("background", "foreground", "accent", "primary")
        )
        coloured = all(color.ansi is None for color in (background, foreground, accent, primary))
        self.tells = coloured and not signs  # whether its colours tell the levels
        self.signs = signs or not coloured  # whether underlines and bold type do
        lower, upper = _ends(background, primary, accent) if diverging and coloured else (primary, accent)
        self.cursor = Style(reverse=True, bold=True)
        self.styles = [Style(dim=True, italic=True)]
        for step in range(steps):
            part = step / max(steps - 1, 1)
            if diverging:
                part = 2 * part - 1
            style = _signs(part, diverging) if self.signs else Style()
            if coloured:
                shade = mixed(background, upper if part > 0 else lower, abs(part))
                style += Style(color=text_on(shade, foreground).rich_color, bgcolor=shade.rich_color)
            self.styles.append(style)
        if coloured:
            self.cursor = Style(color=background.rich_color, bgcolor=foreground.rich_color, bold=True)
            faint = mixed(background, foreground, 0.6)
            self.styles[0] = Style(color=faint.rich_color, bgcolor=background.rich_color)

    @classmethod
    def of(cls, app: App[object], steps: int, *, diverging: bool = False) -> "Scale":
        """The scale in an application's present theme."""
        return cls(steps, app.theme_variables, diverging=diverging, signs=app.no_color)


def signs_of(steps: int, diverging: bool) -> str:
    """A digit or letter for each step: from 1 above the lowest, which is a dot.

    On a diverging scale the dot is in the middle, with letters from "a" on the way to the first step.
    """
    above = "123456789" + ascii_uppercase
    if not diverging:
        return ("·" + above)[:steps]
    below = steps // 2
    return ascii_lowercase[:below][::-1] + ("·" + above)[: steps - below]


def mixed(one: Color, other: Color, part: float) -> Color:
    """The colour at this part of the way from one to the other in CIELAB."""
    a, b = rgb_to_lab(one), rgb_to_lab(other)
    return lab_to_rgb(
        Lab(a.L + part * (b.L - a.L), a.a + part * (b.a - a.a), a.b + part * (b.b - a.b))
    ).clamped


def _ends(background: Color, lower: Color, upper: Color) -> tuple[Color, Color]:
    """The colours at the ends of a diverging scale from these of the theme."""
    middle = rgb_to_lab(background)
    if rgb_to_lab(upper).b - rgb_to_lab(lower).b < _APART:
        own = DARK if middle.L < 50 else LIGHT
        lower, upper = Color.parse(own.primary), Color.parse(own.accent or own.primary)
    low, high = (math.dist(middle, rgb_to_lab(colour)) for colour in (lower, upper))
    shorter = min(low, high)
    return mixed(background, lower, shorter / low), mixed(background, upper, shorter / high)


def text_on(shade: Color, usual: Color) -> Color:
    """The usual colour of text if it is readable on this shade, else black or white."""
    if contrast(shade, usual) >= _READABLE:
        return usual
    return max((Color(0, 0, 0), Color(255, 255, 255)), key=lambda color: contrast(shade, color))


def contrast(one: Color, other: Color) -> float:
    """The contrast of two colours, from 1 to 21 (WCAG 2.2)."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(color: Color) -> float:
    parts = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color.normalized)
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))


def _signs(part: float, diverging: bool) -> Style:
    """The signs at a part of the scale, -1 to 1."""
    middle, end = abs(part) >= _MIDDLE, abs(part) >= _END
    if diverging:
        return Style(bold=middle and part > 0, underline=middle and part < 0, italic=end)
    return Style(underline=middle, bold=end)
