"""What is copied, and what the user is told of where it went."""

from pathlib import Path

import pytest

from lstmterm import paths
from lstmterm.ui.widgets.clipboard import copy, sentences
from tests.ui.conftest import make_app
from tests.ui.textual_private import notices

NAMES = ("TERM", "TERM_PROGRAM", "TMUX")


@pytest.mark.parametrize(
    ("terminal", "sentence"),
    [
        (
            {"TERM": "xterm-256color"},
            "Sent the text to the terminal's clipboard. If it isn't there, save it with ^s.",
        ),
        (
            {"TERM": "screen", "TMUX": "/tmp/tmux-0/default,1,0", "TERM_PROGRAM": "tmux"},
            "Sent the text to the terminal's clipboard. tmux passes it on after `set -g set-clipboard on`; "
            "if it isn't there, save it with ^s.",
        ),
        (
            {"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"},
            "Apple's Terminal does not accept text from programs: ^v pastes the text only here. "
            "Elsewhere, save it with ^s.",
        ),
        (
            {"TERM": "linux"},
            "The Linux console does not accept text from programs: ^v pastes the text only here. "
            "Elsewhere, save it with ^s.",
        ),
    ],
    ids=["unknown", "tmux", "apple", "console"],
)
def test_the_user_is_told_what_is_known(
    monkeypatch: pytest.MonkeyPatch, terminal: dict[str, str], sentence: str
) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    for name, value in terminal.items():
        monkeypatch.setenv(name, value)
    assert sentences("the text", "save it with ^s") == sentence


async def test_a_copy_is_sent_encoded_whatever_is_in_it_and_told_as_plain_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    app = make_app()
    async with app.run_test() as pilot:
        copy(app, "a\x1b[31m\ud800", "the path [red]\x1b")
        await pilot.pause()
        assert app.clipboard == "a\x1b[31m?"
        assert [notice.split(". ")[0] for notice in notices(app)] == [
            "Sent the path [red]␛ to the terminal's clipboard"
        ]
        assert f"If it isn't there, take it from {paths.copied()}." in notices(app)[0]
        assert paths.copied().read_text() == "a\x1b[31m?"
        assert paths.copied().stat().st_mode & 0o077 == 0


async def test_where_no_file_can_be_written_the_mouse_is_named(
    monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    (home / "state").write_text("a file where the folder should be")
    app = make_app()
    async with app.run_test() as pilot:
        copy(app, "a", "the text")
        await pilot.pause()
        assert any("select it with the mouse" in notice for notice in notices(app))
