"""How turns look, and who speaks."""

import pytest

from lstmterm.corpora.turns import PATTERNS, PLAIN, QUOTED, Turns, parsed
from lstmterm.errors import InputError

PLAYED = Turns(PATTERNS[0], {"GULL": 9, "MRS. PELLOW": 4})
SPOKEN = Turns(PATTERNS[1], {"Ann": 2, "Bob": 1})
MAILED = Turns(PATTERNS[2], {QUOTED: 3, PLAIN: 3})


def test_how_turns_look() -> None:
    assert PLAYED.turn("GULL", "Who?") == "GULL:\nWho?\n\n"
    assert (PLAYED.opening("GULL"), PLAYED.stop("GULL")) == ("GULL:\n", "\n\n")
    assert SPOKEN.turn("Ann", "No.") == "Ann: No.\n"
    assert SPOKEN.stop("Bob") == "\n"
    assert MAILED.turn(QUOTED, "Really?") + MAILED.opening(PLAIN) == "> Really?\n"
    assert MAILED.stop(PLAIN) == "\n> "
    assert MAILED.stop(QUOTED) == "\n", "what is quoted is a line"
    own = Turns(parsed(r"<{name}> {text}\n"), {})
    assert own.turn("Ann", "Yes.") == "<Ann> Yes.\n"


@pytest.mark.parametrize(
    "pattern", ["", "{name}:", "{text}", "{name}{text}\\n", "{text}{name}\\n", "{name}{name}:{text}\\n"]
)
def test_patterns_that_are_no_turns(pattern: str) -> None:
    with pytest.raises(InputError, match="The pattern"):
        parsed(pattern)


@pytest.mark.parametrize(
    ("turns", "name", "typed", "words"),
    [
        (PLAYED, "GULL", "  Who goes?\n", "Who goes?"),
        (PLAYED, "GULL", "One.\n  Two.\n \n\n\nThree: four.", "One.\n  Two.\nThree: four."),
        (PLAYED, "GULL", "JULIET:\nI do.", "JULIET:\nI do."),
        (SPOKEN, "Ann", "One.\n\n Two: three.", "One. Two: three."),
        (MAILED, QUOTED, "One.\nTwo.", "One. Two."),
        (MAILED, PLAIN, "> > One.\n> Two.\nThree.", "One. Two.\nThree."),
        (Turns("{name}: {text}</s>", {}), "Ann", "One.</s>Two.", "One. Two."),
        (PLAYED, "GULL", " \n\n ", ""),
    ],
)
def test_words_do_not_end_the_turn(turns: Turns, name: str, typed: str, words: str) -> None:
    assert turns.words(name, typed) == words
    assert turns.stop(name) not in words


def test_speakers_are_known_in_any_case_and_others_are_allowed() -> None:
    assert PLAYED.speaker(" mrs. pellow ") == "MRS. PELLOW"
    assert PLAYED.speaker(" Nemo: the Second ") == "Nemo: the Second"
    assert PLAYED.not_found("GUL") == "GUL is not one of the speakers that were found. Did you mean 'GULL'?"
    for wrong in ("", " \n", "A\nB"):
        with pytest.raises(InputError, match="must be a line of text"):
            PLAYED.speaker(wrong)
    with pytest.raises(InputError, match="'>' and 'reply'"):
        MAILED.speaker("Ann")
