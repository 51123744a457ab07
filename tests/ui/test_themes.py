"""The screen's own colours."""

import pytest
from textual.color import Color
from textual.theme import Theme

from lstmterm.ui.themes import DARK, LIGHT

WRITTEN = ("foreground", "primary", "secondary", "accent", "warning", "error", "success")


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
@pytest.mark.parametrize("colour", WRITTEN)
def test_every_colour_of_text_is_readable_on_every_background(theme: Theme, colour: str) -> None:
    """The contrast that WCAG 2.1 asks of large or bold text is 3, of other text 4.5."""
    for ground in ("background", "surface", "panel"):
        assert contrast(getattr(theme, colour), getattr(theme, ground)) >= 3.5, ground
    assert contrast(theme.foreground, theme.background) >= 7


def contrast(one: str | None, other: str | None) -> float:
    """The ratio of the relative luminances, as WCAG 2.1 defines them."""
    assert one is not None
    assert other is not None
    light, dark = sorted((luminance(Color.parse(one)), luminance(Color.parse(other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: Color) -> float:
    """How light a colour is to the eye, 0 to 1."""
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.normalized]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_both_themes_declare_the_same_colours() -> None:
    assert DARK.variables.keys() == LIGHT.variables.keys()
    assert (DARK.dark, LIGHT.dark) == (True, False)
