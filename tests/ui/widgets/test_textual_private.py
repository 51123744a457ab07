"""What the screen uses of Textual that is not public: these tests fail if an update changes it."""

import pytest
from textual import events
from textual.drivers import linux_driver, web_driver

from lstmterm.ui.widgets.textual_private import PasteParser, all_bindings, read_anything
from lstmterm.visible import originals
from tests.ui.conftest import make_app

PASTED = "a\x1b[31m\x11b\r\x1b\x1b[201\x1b[A\x1b[20\x0cé"
SENT = f"x\x1b[A\x1b[200~{PASTED}\x1b[201~y\x1b[B\x1b[200~{PASTED}\x1b[201~z"


async def test_every_key_is_found_also_where_its_action_is_not_possible_and_as_the_settings_have_it() -> None:
    app = make_app()
    app.set_keymap({"quit": "ctrl+k"})
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        found = {(binding.id, node, key) for node, key, binding in all_bindings(app.screen)}
        assert ("quit", app, "ctrl+k") in found
        assert ("train.stop", app.query_one("#train"), "ctrl+t") in found
        possible = {binding.binding.id for binding in app.screen.active_bindings.values() if binding.enabled}
        assert "train.stop" not in possible, "no run is running"


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


def test_alt_and_a_letter_or_a_digit_is_a_key_whatever_follows_it() -> None:
    assert read(["\x1b1", "\x1b0x"]) == ["alt+1", "alt+0", "x"]
    assert read(["\x1bz\x1bz\x1bk", "now", "\x1b", "l\x1b[A", "\x1bOA\x1bb"]) == [
        *("alt+z", "alt+z", "alt+k", "n", "o", "w", "alt+l", "up", "up", "ctrl+left")
    ]


def test_keys_are_not_held_back() -> None:
    parser = PasteParser()
    for sent, key in (
        ("\x1bk", "alt+k"),
        ("a", "a"),
        ("\x1b[A", "up"),
        ("\x1b[200", None),
        ("~q\x1b[201~", "q"),
        ("\r", "enter"),
    ):
        found = [getattr(event, "key", getattr(event, "text", None)) for event in parser.feed(sent)]
        assert found == ([key] if key else [])


def test_the_screen_in_a_browser_reads_as_in_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for driver in (linux_driver, web_driver):
        for name in ("XTermParser", "getincrementaldecoder"):
            monkeypatch.setattr(driver, name, getattr(driver, name))  # and restored afterwards
    monkeypatch.setenv("TEXTUAL_DRIVER", "textual.drivers.web_driver:WebDriver")
    read_anything()
    assert vars(web_driver)["XTermParser"] is PasteParser
    assert vars(web_driver)["getincrementaldecoder"]("utf-8")().decode(b"\xe9a") == "\ufffda"
