"""The colours of tags."""

import pytest
from textual.theme import Theme

from lstmterm.ui.tagger.colours import TagColours
from lstmterm.ui.themes import DARK, LIGHT
from tests.ui.test_themes import contrast


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
            assert contrast(ground, color.hex) >= 3, (ground, tag)


def test_the_tags_of_one_type_of_span_share_a_colour() -> None:
    colours = TagColours(["B-PER", "I-PER", "B-LOC"], DARK)
    assert colours.of("B-PER") == colours.of("I-PER") != colours.of("B-LOC")
