"""Lines and sentences of a text, counted while it comes."""

import pytest

from lstmterm.infer.unit_count import UnitCount


def _complete(unit: str, text: str) -> list[int]:
    """How many are complete after each character."""
    count = UnitCount("lines" if unit == "lines" else "sentences")
    found = []
    for character in text:
        count.read(character)
        found.append(count.complete)
    return found


def test_a_line_is_complete_with_its_end() -> None:
    assert _complete("lines", "ab\n\nc") == [0, 0, 1, 2, 2]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("No. Yes", 1),
        ("No.", 0),
        ("He said: “No!” (Yes?) ", 2),
        ("3.14 is", 0),
        ("Wait... what ", 1),
        ("A title\n\nA text. ", 2),
        ("JULIET:\nAy me!\n\nROMEO:\nShe speaks.\n", 2),
        ("\n\n\n", 0),
        ("好。好！", 2),
    ],
)
def test_a_sentence_is_complete_with_the_space_after_it_or_a_blank_line(text: str, sentences: int) -> None:
    assert _complete("sentences", text)[-1] == sentences


def test_pieces_of_any_length_count_the_same() -> None:
    text = "One. Two!\n\nThree"
    whole = UnitCount("sentences")
    whole.read(text)
    assert whole.complete == _complete("sentences", text)[-1] == 2
