"""What is pasted: text, however the terminal's bytes are cut, and never keys."""

import pytest
from textual import events

from lstmterm.ui.widgets.textual_private import PasteParser
from lstmterm.visible import originals

PASTED = "a\x1b[31m\x11b\r\x1b\x1b[201\x1b[A\x1b[20\x0cé"
SENT = f"x\x1b[A\x1b[200~{PASTED}\x1b[201~y\x1b[B\x1b[200~{PASTED}\x1b[201~z"


def read(pieces: list[str]) -> list[str]:
    """The keys and the pasted texts of what the terminal sent in these pieces."""
    parser, found = PasteParser(), []
    for piece in pieces:
        for event in parser.feed(piece):
            assert isinstance(event, events.Key | events.Paste)
            found.append(event.key if isinstance(event, events.Key) else originals(event.text))
    return found


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 11, len(SENT)])
def test_escapes_in_a_pasted_text_are_text_wherever_it_is_cut(size: int) -> None:
    pieces = [SENT[start : start + size] for start in range(0, len(SENT), size)]
    assert read(pieces) == ["x", "up", PASTED, "y", "down", PASTED, "z"]


def test_keys_are_not_held_back() -> None:
    parser = PasteParser()
    for sent, key in (
        ("a", "a"),
        ("\x1b[A", "up"),
        ("\x1b[200", None),
        ("~q\x1b[201~", "q"),
        ("\r", "enter"),
    ):
        found = [getattr(event, "key", getattr(event, "text", None)) for event in parser.feed(sent)]
        assert found == ([key] if key else [])
