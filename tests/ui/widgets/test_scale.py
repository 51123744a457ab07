"""A scale of colours: even, readable, and told apart without colour."""

import math
from itertools import pairwise

import pytest
from rich.style import Style
from textual.color import Color, rgb_to_lab
from textual.theme import BUILTIN_THEMES, Theme

from lstmterm.ui.themes import DARK, LIGHT
from lstmterm.ui.widgets.scale import Scale, contrast

STEPS = 8


def scale(theme: Theme, *, signs: bool = False) -> list[Style]:
    return Scale(STEPS, theme.to_color_system().generate(), signs=signs).styles


def shade(style: Style) -> Color:
    assert style.bgcolor is not None
    return Color.from_rich_color(style.bgcolor)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_the_steps_are_equally_far_apart_and_change_lightness_in_one_direction(theme: Theme) -> None:
    labs = [rgb_to_lab(shade(style)) for style in scale(theme)[1:]]
    distances = [math.dist(a, b) for a, b in pairwise(labs)]
    assert max(distances) < 1.25 * min(distances)
    assert min(distances) > 5  # a just noticeable difference is about 2
    lightness = [b.L - a.L for a, b in pairwise(labs)]
    assert all(step > 3 for step in lightness) or all(step < -3 for step in lightness)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_text_is_readable_on_every_step(theme: Theme) -> None:
    for style in scale(theme):
        assert style.color is not None
        assert contrast(Color.from_rich_color(style.color), shade(style)) >= 4.5


def test_the_first_step_is_the_background() -> None:
    assert shade(scale(DARK)[1]) == Color.parse(DARK.background or "")


@pytest.mark.parametrize(
    "theme", [t for t in BUILTIN_THEMES.values() if t.ansi], ids=lambda theme: theme.name
)
def test_the_terminals_own_colours_are_left_as_they_are(theme: Theme) -> None:
    styles = scale(theme)
    assert all(style.bgcolor is None and style.color is None for style in styles)
    assert not styles[1].underline
    assert styles[5].underline
    assert styles[8].bold


def test_without_colour_text_is_underlined_and_bold() -> None:
    assert [(bool(s.underline), bool(s.bold)) for s in scale(DARK, signs=True)[1:]] == [
        *[(False, False)] * 3, *[(True, False)] * 3, *[(True, True)] * 2,
    ]  # fmt: skip


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_a_diverging_scale_has_the_background_in_its_middle_and_two_colours(theme: Theme) -> None:
    styles = Scale(9, theme.to_color_system().generate(), diverging=True).styles
    labs = [rgb_to_lab(shade(style)) for style in styles[1:]]
    assert shade(styles[5]) == Color.parse(theme.background or "")
    for lab, colour in ((labs[0], theme.primary), (labs[8], theme.accent)):
        assert math.dist(lab, rgb_to_lab(Color.parse(colour or ""))) < 2
    for arm in (labs[:5], labs[4:]):
        distances = [math.dist(a, b) for a, b in pairwise(arm)]
        assert max(distances) < 1.25 * min(distances)
    for step in range(4):  # also without colour vision for red and green, blue and yellow differ
        assert labs[8 - step].b - labs[step].b > 5 * (4 - step)
    for style in styles:
        assert style.color is not None
        assert contrast(Color.from_rich_color(style.color), shade(style)) >= 4.5


def test_without_colour_the_sign_can_be_read() -> None:
    styles = Scale(9, DARK.to_color_system().generate(), diverging=True, signs=True).styles[1:]
    assert [(bool(s.dim), bool(s.bold), bool(s.underline)) for s in styles] == [
        *[(True, False, True)] * 2, (True, False, False), *[(False, False, False)] * 3,
        (False, True, False), *[(False, True, True)] * 2,
    ]  # fmt: skip
