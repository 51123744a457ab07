"""Text into words."""

import pytest

from lstmterm.tagging.tokens import tokenise


def words(text: str) -> list[str]:
    return [token.word for token in tokenise(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It's 3:30, don't go!", ["It", "'s", "3:30", ",", "do", "n't", "go", "!"]),
        ("We’ll pay $1,000.50 (5th).", ["We", "’ll", "pay", "$", "1,000.50", "(", "5th", ")", "."]),
        ("See http://a.b/c?d=1, or x.y@z.org.", ["See", "http://a.b/c?d=1", ",", "or", "x.y@z.org", "."]),
        ("Mr. Smith of the U.S. army", ["Mr.", "Smith", "of", "the", "U.S.", "army"]),
        ("rock'n'roll -- wait...", ["rock'n'roll", "--", "wait", "..."]),
        ("שָׁלוֹם עולם", ["שָׁלוֹם", "עולם"]),
        ("नमस्ते दुनिया।", ["नमस्ते", "दुनिया", "।"]),
        ("é é", ["é", "é"]),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_offsets_and_spaces() -> None:
    assert [tuple(token) for token in tokenise("Don't go.")] == [
        ("Do", 0, False), ("n't", 2, True), ("go", 6, False), (".", 8, True),
    ]  # fmt: skip
