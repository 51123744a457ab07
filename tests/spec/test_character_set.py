"""Sets of characters as they are typed."""

import string

import pytest

from lstmterm.errors import InputError
from lstmterm.spec.character_set import character_set


@pytest.mark.parametrize(
    ("typed", "characters"),
    [
        ("", ""),
        ("eE", "eE"),
        ("a-cX", "abcX"),
        ("-a", "-a"),
        ("a-", "-a"),
        (r"\--/", "-./"),
        (r"a\-c", "a-c"),
        (r"\n\s\t\\", "\n \t\\"),
        (r"\s-#", ' !"#'),
        ("\n", "\n"),
    ],
)
def test_single_characters_ranges_and_escapes(typed: str, characters: str) -> None:
    found = character_set(typed)
    assert {c for c in string.printable if c in found} == set(characters)
    assert bool(found) == bool(typed)


@pytest.mark.parametrize(("typed", "said"), [("z-a", "z-a"), ("\\", "\\"), (r"a\x", r"\x")])
def test_anything_else_is_a_sentence(typed: str, said: str) -> None:
    with pytest.raises(InputError, match=r"ends before|is not one of") as error:
        character_set(typed)
    assert said in str(error.value)
