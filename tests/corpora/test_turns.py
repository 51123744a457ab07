"""Who speaks in a text."""

import pytest

from lstmterm.corpora.turns import PLAIN, QUOTED, counted, find, parsed
from lstmterm.errors import InputError
from tests.small import small_text

PLAY = "ACT ONE\n\nEnter: all.\n\n" + "GULL:\nWho goes?\nIt is late.\n\nMRS. PELLOW:\nI do.\n\n" * 4
TALK = "Ann: Is it late?\nBob: It is.\nSee: there.\n" * 5
MAIL = "> Is it late?\nIt is, and dark.\nVery.\n> Really?\nYes.\n" * 5


def test_a_play() -> None:
    found = find(PLAY)
    assert found is not None
    assert found.speakers == {"GULL": 4, "MRS. PELLOW": 4}
    assert found.turn("GULL", "Who?") == "GULL:\nWho?\n\n"
    assert (found.opening("GULL"), found.stop) == ("GULL:\n", "\n\n")


def test_lines_with_names() -> None:
    found = find(TALK)
    assert found is not None
    assert found.speakers == {"Ann": 5, "Bob": 5, "See": 5}
    assert found.turn("Ann", "No.") == "Ann: No.\n"
    assert found.stop == "\n"


def test_quoted_mail() -> None:
    found = find(MAIL)
    assert found is not None
    assert [*found.speakers] == [QUOTED, PLAIN]
    assert found.turn(QUOTED, "Really?") + found.opening(PLAIN) == "> Really?\n"
    assert found.stop == "\n> "


@pytest.mark.parametrize(
    "text", ["", small_text(3000), "Note: one.\nNote: two.\n" * 9, "GULL:\nOne.\n\n" * 2]
)
def test_a_text_without_speakers(text: str) -> None:
    assert find(text) is None


def test_a_pattern_of_ones_own() -> None:
    found = counted("<Ann> Is it?\n<Bob> It is.\n<Ann> Oh.\n", parsed(r"<{name}> {text}\n"))
    assert found.speakers == {"Ann": 2, "Bob": 1}
    assert found.turn("Ann", "Yes.") == "<Ann> Yes.\n"


@pytest.mark.parametrize(
    "pattern", ["", "{name}:", "{text}", "{name}{text}\\n", "{text}{name}\\n", "{name}{name}:{text}\\n"]
)
def test_patterns_that_are_no_turns(pattern: str) -> None:
    with pytest.raises(InputError, match="The pattern"):
        parsed(pattern)
