"""The terminal's notification: only where it is known to work, and nothing in a text can end it."""

import os
import stat
from pathlib import Path

import pytest

from lstmterm.runs.notification import announcement, notification

ESC = "\x1b"


@pytest.mark.parametrize(
    ("environ", "begins"),
    [
        (
            {"TERM": "xterm-kitty"},
            f"{ESC}]99;i=lstmterm:d=0;harbour{ESC}\\{ESC}]99;i=lstmterm:p=body;finished",
        ),
        ({"TERM": "foot"}, f"{ESC}]777;notify;harbour;finished"),
        ({"TERM": "foot-extra"}, f"{ESC}]777;notify;"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "ghostty"}, f"{ESC}]777;notify;"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, f"{ESC}]777;notify;"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, f"{ESC}]9;harbour: finished"),
        ({"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2"}, f"{ESC}]9;harbour: finished"),
    ],
)
def test_known_terminals_get_their_sequence(environ: dict[str, str], begins: str) -> None:
    found = notification("harbour", "finished", environ)
    assert found.startswith(begins)
    assert found.endswith(f"{ESC}\\")


@pytest.mark.parametrize(
    "environ",
    [{}, {"TERM": "xterm-256color"}, {"TERM": "linux"}, {"TERM": "dumb", "TERM_PROGRAM": "iTerm.app"},
     {"TERM": "screen", "LC_TERMINAL": "iTerm2"}, {"TERM_PROGRAM": "Apple_Terminal"}],
)  # fmt: skip
def test_others_get_nothing(environ: dict[str, str]) -> None:
    assert notification("harbour", "finished", environ) == ""


def test_the_bell_and_the_notification_are_asked_for_apart() -> None:
    kitty = {"TERM": "xterm-kitty"}
    assert announcement("a", "b", bell=True, notify=False, environ=kitty) == "\a"
    assert announcement("a", "b", bell=False, notify=False, environ=kitty) == ""
    assert announcement("a", "b", bell=True, notify=True, environ=kitty).startswith(f"\a{ESC}]99;")


def test_a_text_cannot_end_its_sequence_or_begin_another() -> None:
    evil = f"x\a{ESC}\\{ESC}]0;owned\x9c\x9d;y"
    for term in ("xterm-kitty", "foot", "iterm"):
        found = notification(evil, evil, {"TERM": term})
        own = 2 * (2 if term == "xterm-kitty" else 1)
        assert found.count(ESC) == own
        assert not set(found) & {"\a", "\x9c", "\x9d"}
    assert notification("a;b", "c", {"TERM": "foot"}) == f"{ESC}]777;notify;a,b;c{ESC}\\"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("on\nxterm-256color\nkitty(0.43.1)", f"{ESC}Ptmux;{ESC}{ESC}]99;"),
        ("all\nfoot\n", f"{ESC}Ptmux;{ESC}{ESC}]777;"),
        ("1\nfoot\n", f"{ESC}Ptmux;{ESC}{ESC}]777;"),  # tmux 3.3
        ("0\nfoot\n", ""),
        ("off\nfoot\nfoot(1.18)", ""),
        ("on\nxterm-256color\n", ""),
        ("", ""),
    ],
)
def test_in_tmux_the_terminal_outside_counts_and_tmux_must_let_it_through(
    answer: str, expected: str, tmp_path: Path
) -> None:
    tmux = tmp_path / "tmux"
    tmux.write_text(f"#!/bin/sh\nprintf '%b' {answer!r}\n")
    tmux.chmod(tmux.stat().st_mode | stat.S_IXUSR)
    environ = {"TMUX": "/tmp/x,1,0", "PATH": f"{tmp_path}:{os.environ['PATH']}", "TERM": "tmux-256color"}
    found = notification("harbour", "finished", environ)
    assert found.startswith(expected)
    assert bool(found) == bool(expected)
    if found:
        assert found.endswith(f"{ESC}{ESC}\\{ESC}\\")
