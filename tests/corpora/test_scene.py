"""How the dialogue of two speakers goes on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmterm.corpora.scene import Scene
from lstmterm.corpora.turns import PATTERNS, PLAIN, QUOTED, Turns
from lstmterm.errors import InputError

PLAYED = Scene(Turns(PATTERNS[0], {"GULL": 9, "CLERK": 4, "PIRATE": 2}), "CLERK", "GULL")
SPOKEN = Scene(Turns(PATTERNS[1], {"Ann": 9, "Bob": 4}), "Bob", "Ann")
MAILED = Scene(Turns(PATTERNS[2], {QUOTED: 3, PLAIN: 3}), QUOTED, PLAIN)
ANSWERED = Scene(MAILED.turns, PLAIN, QUOTED)


def after(scene: Scene, text: str, name: str, words: str = "") -> str:
    kept, added = scene.continued(text, name, words)
    return text[:kept] + added


@pytest.mark.parametrize(
    ("scene", "text", "words", "whole"),
    [
        (PLAYED, "", "Late?", "CLERK:\nLate?\n\nGULL:\n"),
        (PLAYED, "", "", "GULL:\n"),
        (PLAYED, "The sea", "Late?", "The sea\n\nCLERK:\nLate?\n\nGULL:\n"),
        (PLAYED, "GULL:\nIt is.\n", "Late?", "GULL:\nIt is.\n\nCLERK:\nLate?\n\nGULL:\n"),
        (PLAYED, "GULL:\nIt is.\n\n", "", "GULL:\nIt is.\n\nGULL:\n"),
        (PLAYED, "CLERK:\nLate?\n\nGULL:\n", "", "CLERK:\nLate?\n\nGULL:\n"),
        (PLAYED, "CLERK:\nLate?\n\nGULL:\n", "No?", "CLERK:\nLate?\n\nCLERK:\nNo?\n\nGULL:\n"),
        (PLAYED, "CLERK:\nLate?\n\nPIRATE:\n", "", "CLERK:\nLate?\n\nGULL:\n"),
        (PLAYED, "CLERK:\n", "Late?", "CLERK:\nLate?\n\nGULL:\n"),
        (PLAYED, "I said: GULL:\n", "", "I said: GULL:\n\nGULL:\n"),
        (SPOKEN, "Ann: No.", "Late?\nYes.", "Ann: No.\nBob: Late? Yes.\nAnn: "),
        (MAILED, "", "Late?", "> Late?\n"),
        (MAILED, "> Late?\nIt is.", "Really?", "> Late?\nIt is.\n> Really?\n"),
        (ANSWERED, "> Late?", "It is.\n> So.", "> Late?\nIt is. So.\n> "),
        (ANSWERED, "> Late?\n> ", "", "> Late?\n> "),
        (MAILED, "Yes.\n> ", "", "Yes.\n"),
    ],
)
def test_how_a_text_goes_on(scene: Scene, text: str, words: str, whole: str) -> None:
    assert after(scene, text, scene.you, words) == whole


@given(
    st.sampled_from([PLAYED, SPOKEN, MAILED, ANSWERED]), st.lists(st.tuples(st.text(), st.text(min_size=1)))
)
def test_what_is_said_alternates(scene: Scene, dialogue: list[tuple[str, str]]) -> None:
    """Whatever both say, the speakers and where each turn begins stay clear."""
    turns, text = scene.turns, ""
    for mine, yours in dialogue:
        words = turns.words(scene.me, mine)
        text = after(scene, text, scene.you, mine)
        assert text.endswith(turns.opening(scene.you))
        assert not words or turns.turn(scene.me, words) in text
        text += turns.words(scene.you, yours) or "."
        if turns.named:
            assert scene.last(text) == scene.you
            assert scene.following(text) == scene.me
    assert after(scene, text, scene.you, "!") == after(
        scene, text, scene.me
    ) + "!" + turns.end + turns.opening(scene.you)


def test_who_spoke_last() -> None:
    assert PLAYED.last("") is None
    assert PLAYED.last("Nobody: here") is None
    assert PLAYED.following("Nobody: here") == "CLERK"
    assert PLAYED.last("GULL:\nLate?\n\nCLERK:\nGULL:\n") == "CLERK", "it stands within a turn"
    assert MAILED.last("> Late?\n") == QUOTED
    assert MAILED.last("> Late?\nIt is.") == PLAIN
    assert MAILED.following("> Late?\n") == PLAIN


def test_who_speaks() -> None:
    assert Scene(PLAYED.turns).filled() == PLAYED
    assert Scene(PLAYED.turns, me="GULL").filled() == Scene(PLAYED.turns, "GULL", "CLERK")
    assert Scene(PLAYED.turns, you="PIRATE").filled().me == "GULL"
    assert Scene(Turns(PATTERNS[0], {"GULL": 2})).filled() == Scene(
        Turns(PATTERNS[0], {"GULL": 2}), "", "GULL"
    )


def test_both_change_places() -> None:
    assert PLAYED.being("gull") == Scene(PLAYED.turns, "GULL", "CLERK")
    assert PLAYED.meeting("clerk") == Scene(PLAYED.turns, "GULL", "CLERK")
    assert PLAYED.being("NEMO").unknown == ["NEMO"]
    assert PLAYED.meeting("pirate").you == "PIRATE"
    with pytest.raises(InputError):
        PLAYED.being("A\nB")


@pytest.mark.parametrize(
    ("scene", "prompts", "speakers"),
    [
        (PLAYED, ["PIRATE:"], ("CLERK", "PIRATE")),
        (PLAYED, ["CLERK:"], ("GULL", "CLERK")),
        (PLAYED, ["PIRATE:\nAhoy.\n\nCLERK:\n", "yes"], ("PIRATE", "CLERK")),
        (PLAYED, ["CLERK:", "PIRATE:\n"], ("CLERK", "PIRATE")),
        (PLAYED, ["GULLS", "a CLERK: no"], ("CLERK", "GULL")),
        (PLAYED, [], ("CLERK", "GULL")),
        (SPOKEN, ["Bob: Late?\n"], ("Ann", "Bob")),
        (SPOKEN, ["Bobby: Late?\n"], ("Bob", "Ann")),
        (MAILED, ["> no"], (QUOTED, PLAIN)),
    ],
)
def test_the_model_is_the_one_whom_the_last_prompt_lets_speak(
    scene: Scene, prompts: list[str], speakers: tuple[str, str]
) -> None:
    begun = scene.after(prompts)
    assert (begun.me, begun.you) == speakers
