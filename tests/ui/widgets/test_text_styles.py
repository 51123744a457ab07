"""The styles of a text's characters: what is underlined is told apart from what a scale underlines."""

import pytest
from rich.style import Style

from lstmterm.ui.themes import DARK
from lstmterm.ui.widgets.scale import Scale
from lstmterm.ui.widgets.text_styles import TextStyles

COLOURS = {
    "background": "#101010", "foreground": "#f0f0f0", "accent": DARK.accent or "", "primary": DARK.primary,
}  # fmt: skip
STEPS = 5


@pytest.mark.parametrize("signs", [False, True])
def test_an_underlined_character_differs_from_the_same_one_that_is_not_at_every_level(signs: bool) -> None:
    styles = TextStyles(Style(), Scale(STEPS, COLOURS, signs=signs), lambda part: Style())
    seen = [
        styles.of(level, "", underlined=underlined, chosen=False, selected=False)
        for level in range(1, STEPS + 1)
        for underlined in (False, True)
    ]
    without_colour = [(style.underline, style.bold, style.italic) for style in seen]
    for plain, underlined in zip(without_colour[::2], without_colour[1::2], strict=True):
        assert plain != underlined
    if signs:
        assert not set(without_colour[::2]) & set(without_colour[1::2]), "no level looks like a copied one"
    else:
        assert all(style.underline for style in seen[1::2])
