"""Where tagged words are drawn."""

import pytest
from rich.cells import cell_len

from lstmterm.ui.tagger.gloss import CORRECTED, TO_SAVE, UNKNOWN, UNSURE, Gloss, TaggedToken, drawn, folded

SEA = [TaggedToken("the", "DET"), TaggedToken("glim", "NOUN", known=False, unsure=True)]


def lines(gloss: Gloss) -> list[str]:
    """The lines as they are drawn."""
    found = []
    for line in gloss.lines:
        text = ""
        for piece in line:
            text += " " * (piece.x - cell_len(text)) + piece.text
        found.append(text.rstrip())
    return found


def test_words_stand_above_their_tags() -> None:
    gloss = Gloss([SEA, [TaggedToken("us", "PRON", corrected=True)]], "word", 40, to_save=[1])
    assert lines(gloss) == [
        f"  the  glim{UNKNOWN}",
        f"  DET  NOUN{UNSURE}",
        "",
        f"{TO_SAVE} us",
        f"  PRON{CORRECTED}",
    ]
    assert [(p.sentence, p.index, p.x, p.y) for p in gloss.places] == [
        (0, 0, 2, 0),
        (0, 1, 7, 0),
        (1, 0, 2, 3),
    ]
    assert gloss.token(gloss.places[1]).word == "glim"


def test_a_long_sentence_takes_several_lines_and_a_long_word_is_cut() -> None:
    gloss = Gloss([[TaggedToken("a" * 30, "X"), *SEA]], "word", 12)
    assert lines(gloss) == [
        "  aaaaaaaa…",
        "  X",
        "",
        "  the",
        "  DET",
        "",
        f"  glim{UNKNOWN}",
        f"  NOUN{UNSURE}",
    ]


def test_letters_stand_without_gaps_and_their_signs_below() -> None:
    letters = [TaggedToken("F", "S"), TaggedToken("x", "E", known=False), TaggedToken("N", "A")]
    assert lines(Gloss([letters], "char", 40)) == ["  FxN", "  SEA", f"   {UNKNOWN}"]


def test_a_sequence_stands_above_its_label() -> None:
    gloss = Gloss([[TaggedToken("the storm is here", "bad", known=False)]], "sequence", 14)
    assert lines(gloss) == ["  the storm", f"  is here{UNKNOWN}", "  → bad"]
    assert gloss.places[0].height == 3


@pytest.mark.parametrize("width", [0, 1, 3, 5, 20])
def test_every_width_has_room_for_every_token(width: int) -> None:
    for level in ("word", "char", "sequence"):
        gloss = Gloss([SEA, [TaggedToken("海海海海海", "\x1b[31m")]], level, width)
        assert len(gloss.places) == (2 if level == "sequence" else 3)
        assert all(cell_len(piece.text) <= max(width, 7) for line in gloss.lines for piece in line)
        assert "\x1b" not in "".join(lines(gloss))


def test_every_word_can_be_seen() -> None:
    assert [drawn(word) for word in ("sea", " ", "\u0301", "\x1b")] == ["sea", "␣", "◌\u0301", "␛"]


def test_lines_are_folded_at_spaces() -> None:
    assert folded("one two three", 8) == ["one two", "three"]
    assert folded("incomprehensible", 6) == ["incomp", "rehens", "ible"]
