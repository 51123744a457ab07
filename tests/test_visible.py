"""No text can drive the terminal, hide, or turn the direction of a line."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from lstmterm.visible import shorten, shorten_middle, visible, visible_lines

anything = st.text(st.characters(exclude_categories=[]))
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def is_harmless(c: str) -> bool:
    return unicodedata.category(c) not in ("Cc", "Cs", "Zl", "Zp") and c not in BIDI and c != "\ufeff"


@given(anything)
def test_nothing_harmful_is_left(text: str) -> None:
    assert all(is_harmless(c) for c in visible(text))
    assert all(is_harmless(c) or c in "\n\t" for c in visible_lines(text))


@given(anything)
def test_every_character_stays_one_character(text: str) -> None:
    assert len(visible(text)) == len(visible_lines(text)) == len(text)
    assert all(
        b == a or not is_harmless(a) for a, b in zip(text, visible(text), strict=True) if ord(a) < 0xE0000
    )


@given(anything)
def test_what_is_visible_stays_as_it_is(text: str) -> None:
    assert visible(visible(text)) == visible(text)
    assert visible_lines(visible_lines(text)) == visible_lines(text)


@given(anything)
def test_it_can_be_encoded(text: str) -> None:
    visible(text).encode()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("a\nb\tc\r", "a␊b␉c␍"),
        ("\x7f\x9b2J", "␡\ufffd2J"),
        ("abc\u202edef", "abc⇤def"),
        ("[bold]x[/bold] [/]", "[bold]x[/bold] [/]"),
        ("näive ñ 漢字 🙂 e\u0301", "näive ñ 漢字 🙂 e\u0301"),
    ],
)
def test_examples(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_lines_stay_lines() -> None:
    assert visible_lines("a\n\tb\r\x1b") == "a\n\tb␍␛"


@given(anything, st.integers(1, 30))
def test_a_short_text_fits(text: str, cells: int) -> None:
    short = shorten(text, cells)
    assert cell_len(short) <= cells
    assert short == visible(text) if cell_len(visible(text)) <= cells else short.endswith("…")


def test_wide_characters_take_two_cells() -> None:
    assert [shorten("漢字かな", cells) for cells in (8, 7, 5, 2)] == ["漢字かな", "漢字か…", "漢字…", " …"]


def test_names_that_differ_in_their_ends_still_differ_when_they_are_shortened() -> None:
    names = ["harbour-hidden16-dropout0-s1", "harbour-hidden16-dropout0_3-s1"]
    assert [shorten_middle(name, 19) for name in names] == ["harbou…-dropout0-s1", "harbou…ropout0_3-s1"]
    assert shorten_middle("night", 5) == "night"


@given(anything, st.integers(1, 30))
def test_a_name_that_is_cut_before_its_end_fits(text: str, cells: int) -> None:
    short = shorten_middle(text, cells)
    assert cell_len(short) <= cells
    assert short == visible(text) if cell_len(visible(text)) <= cells else "…" in short
