"""Text into words."""

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

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
        ("e\u0301t, cafe\u0301", ["e\u0301t", ",", "cafe\u0301"]),
        ("I ❤️ 🇵🇱 👩‍👩‍👧 👍🏽", ["I", "❤️", "🇵🇱", "👩‍👩‍👧", "👍🏽"]),
        ("🇵🇱🇩🇪👍🏽👍🏽1️⃣!", ["🇵🇱", "🇩🇪", "👍🏽👍🏽", "1️⃣", "!"]),
        ("½ kg a\x1cb", ["½", "kg", "a", "b"]),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_offsets_and_spaces() -> None:
    assert [tuple(token) for token in tokenise("Don't go.")] == [
        ("Do", 0, False), ("n't", 2, True), ("go", 6, False), (".", 8, True),
    ]  # fmt: skip


PARTS = ["a", "B", "1", "n't", "'s", ".", ",", "@", "/", "http://", " ", "\n", "e\u0301", "\u0301", "\ufe0f", "\u200d",
    "🇵", "🇱", "👩", "👍", "🏽", "❤", "क", "्", "ष", "\u0600", "각", "\u1100", "\u1161"]  # fmt: skip


@settings(max_examples=300)
@given(st.lists(st.one_of(st.sampled_from(PARTS), st.text(max_size=2)), max_size=12).map("".join))
def test_words_hold_everything_but_white_space_and_no_part_of_a_character(text: str) -> None:
    found = tokenise(text)
    rest = list(text)
    for token in found:
        assert text.startswith(token.word, token.start)
        assert not any(map(str.isspace, token.word))
        rest[token.start : token.start + len(token.word)] = " " * len(token.word)
    assert not "".join(rest).strip()
    whole = {m.start() for m in regex.finditer(r"\X", text)} | {len(text)}
    for token in found:
        end = token.start + len(token.word)
        assert token.start in whole or text[token.start - 1].isspace()
        assert end in whole or text[end].isspace()
