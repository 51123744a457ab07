"""The colours of tags."""

import pytest
from textual.color import Color
from textual.theme import Theme

from lstmterm.ui.tagger.colours import TagColours
from lstmterm.ui.themes import DARK, LIGHT


def luminance(color: Color) -> float:
    """How light a colour is to the eye, 0 to 1, as the Web Content Accessibility Guidelines define it."""
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color.normalized]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_every_tag_colour_can_be_read(theme: Theme) -> None:
    names = [f"T{i}" for i in range(12)]
    colours = TagColours(names, theme)
    assert len({colours.of(tag) for tag in names}) == len(names)
    for ground in (theme.background, theme.surface):  # the pages', and the dialogs'
        assert ground is not None
        for tag in names:
            color = colours.color(tag)
            assert color is not None
            dark, light = sorted(luminance(c) for c in (Color.parse(ground), color))
            assert (light + 0.05) / (dark + 0.05) >= 3, (ground, tag)


def test_the_tags_of_one_type_of_span_share_a_colour() -> None:
    colours = TagColours(["B-PER", "I-PER", "B-LOC"], DARK)
    assert colours.of("B-PER") == colours.of("I-PER") != colours.of("B-LOC")
