"""Plain text into sentences and words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmterm.tagging.tokens import paragraphs, sentences, tokenise


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


def test_sentences() -> None:
    text = 'Mr. J. Smith left. "Really?" she said. So did I. (Yes.) It cost 3.50 e.g. here. 好。是'
    found = [" ".join(token.word for token in sentence) for sentence in sentences(text)]
    assert found == [
        "Mr. J. Smith left .",
        '" Really ? " she said .',
        "So did I .",
        "( Yes . )",
        "It cost 3.50 e.g. here .",
        "好 。",
        "是",
    ]


@given(st.text())
def test_nothing_but_white_space_is_lost(text: str) -> None:
    tokens = [token for sentence in sentences(text) for token in sentence]
    assert "".join(token.word for token in tokens) == "".join(text.split())
    assert all(text.startswith(token.word, token.start) for token in tokens)


@given(st.text(alphabet="ab. \n"), st.integers(1, 5))
def test_pieces_do_not_change_the_words(text: str, size: int) -> None:
    pieces = [text[i : i + size] for i in range(0, len(text), size)]
    assert [w for p in paragraphs(pieces) for w in words(p)] == [
        w for p in paragraphs([text]) for w in words(p)
    ]


def test_a_text_without_any_end_is_cut_between_words() -> None:
    endless = ("word " * 1000 for _ in range(100))
    found = list(paragraphs(endless))
    assert max(map(len, found)) <= 100_000
    assert sum(len(words(p)) for p in found) == 100_000
