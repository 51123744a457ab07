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


COLOURED = [DARK, LIGHT, *(theme for theme in BUILTIN_THEMES.values() if not theme.ansi)]


def diverging(theme: Theme, *, signs: bool = False) -> list[Style]:
    variables = theme.to_color_system().generate()
    return Scale(9, variables, diverging=True, signs=signs).styles


@pytest.mark.parametrize("theme", COLOURED, ids=lambda theme: theme.name)
def test_a_diverging_scale_has_the_background_in_its_middle_and_two_colours(theme: Theme) -> None:
    styles = diverging(theme)
    labs = [rgb_to_lab(shade(style)) for style in styles[1:]]
    assert shade(styles[5]) == Color.parse(theme.to_color_system().generate()["background"])
    distances = [math.dist(a, b) for a, b in pairwise(labs)]
    assert max(distances) < 1.25 * min(distances), "the steps of both sides are equally far apart"
    assert min(distances) > 5
    for step in range(4):  # also without colour vision for red and green, blue and yellow differ
        assert labs[8 - step].b - labs[step].b > 10 * (4 - step)
    for style in styles[1:]:
        assert style.color is not None
        assert contrast(Color.from_rich_color(style.color), shade(style)) >= 4.5


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_the_ends_of_a_diverging_scale_are_the_themes_colours(theme: Theme) -> None:
    """One is the colour itself; the other is nearer to the background, as far as the first."""
    styles = diverging(theme)
    middle = rgb_to_lab(shade(styles[5]))
    ends, colours = (
        [rgb_to_lab(c) for c in pair]
        for pair in (
            (shade(styles[1]), shade(styles[9])),
            map(Color.parse, (theme.primary, theme.accent or "")),
        )
    )
    assert min(math.dist(end, colour) for end, colour in zip(ends, colours, strict=True)) < 2
    for end, colour in zip(ends, colours, strict=True):
        assert math.dist(middle, end) + math.dist(end, colour) == pytest.approx(
            math.dist(middle, colour), rel=0.02
        )


@pytest.mark.parametrize("theme", COLOURED, ids=lambda theme: theme.name)
def test_the_sign_is_seen_without_one_kind_of_cones(theme: Theme) -> None:
    """In the colours that dichromats see: Viénot, Brettel & Mollon 1999, of linear RGB."""
    styles = diverging(theme)
    for matrix in (
        ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0)),  # without L cones
        ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0)),  # without M cones
    ):
        low, high = (rgb_to_lab(seen(shade(styles[k]), matrix)) for k in (1, 9))
        assert math.dist(low, high) > 40
        assert high.b - low.b > 40


def seen(color: Color, matrix: tuple[tuple[float, ...], ...]) -> Color:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color.normalized]
    mixed = [min(max(sum(w * c for w, c in zip(row, linear, strict=True)), 0), 1) for row in matrix]
    red, green, blue = (
        round(255 * (12.92 * c if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055)) for c in mixed
    )
    return Color(red, green, blue)


def test_without_colour_the_sign_can_be_read() -> None:
    styles = diverging(DARK, signs=True)[1:]
    assert [(bool(s.underline), bool(s.bold), bool(s.italic)) for s in styles] == [
        *[(True, False, True)] * 2, (True, False, False), *[(False, False, False)] * 3,
        (False, True, False), *[(False, True, True)] * 2,
    ]  # fmt: skip
