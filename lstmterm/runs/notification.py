"""Telling the terminal's user that a run ended: the bell, and the terminal's own notification.

Terminals have three escape sequences for notifications: OSC 9 (iTerm2), OSC 777 (Ghostty, foot, WezTerm) and OSC 99
(kitty). An unknown one may be printed as text, so only terminals that are known to take one get it. In tmux the
sequence is wrapped for the terminal outside, which tmux is asked for, and sent only where it lets sequences through
(`set -g allow-passthrough on`). The bell goes everywhere.
"""

import os
import subprocess
from collections.abc import Mapping

from lstmterm.visible import shorten

BELL = "\a"
_END = "\x1b\\"
_LONGEST = 200  # columns
_OPEN = ("on", "all", "1")  # what tmux answers where it lets sequences through; 3.3 answers 1
_PATIENCE = 1.0  # seconds for tmux to answer
_OSC_OF = {  # the beginning of a terminal's name -> the sequence that it is known to take
    "xterm-kitty": 99,
    "kitty": 99,
    "foot": 777,
    "xterm-ghostty": 777,
    "ghostty": 777,
    "wezterm": 777,
    "iterm": 9,
}


def announcement(
    title: str, text: str, *, bell: bool, notify: bool, environ: Mapping[str, str] = os.environ
) -> str:
    """What to write to the terminal to announce something; empty where nothing is wanted or known to work."""
    return BELL * bell + (notification(title, text, environ) if notify else "")


def notification(title: str, text: str, environ: Mapping[str, str] = os.environ) -> str:
    """The sequence that shows a notification in the terminal of this environment; empty if none is known to work."""
    if environ.get("TMUX"):
        names, is_open = _outside_tmux(environ)
        return _through_tmux(_sequence(_osc_of(names), title, text)) if is_open else ""
    if environ.get("TERM", "").startswith(("screen", "dumb")):
        return ""
    return _sequence(
        _osc_of([environ.get(name, "") for name in ("TERM", "TERM_PROGRAM", "LC_TERMINAL")]), title, text
    )


def _osc_of(names: list[str]) -> int:
    """The number of the sequence of a terminal with one of these names; 0 if none is known."""
    known = (osc for name in names for start, osc in _OSC_OF.items() if name.casefold().startswith(start))
    return next(known, 0)


def _sequence(osc: int, title: str, text: str) -> str:
    """The notification as this sequence; nothing in the texts can end it."""
    title, text = shorten(title, _LONGEST), shorten(text, _LONGEST)
    match osc:
        case 9:
            return f"\x1b]9;{title}: {text}{_END}"
        case 777:
            return f"\x1b]777;notify;{title.replace(';', ',')};{text}{_END}"
        case 99:
            return f"\x1b]99;i=lstmterm:d=0;{title}{_END}\x1b]99;i=lstmterm:p=body;{text}{_END}"
    return ""


def _through_tmux(sequence: str) -> str:
    doubled = sequence.replace("\x1b", "\x1b\x1b")
    return f"\x1bPtmux;{doubled}{_END}" if sequence else ""


def _outside_tmux(environ: Mapping[str, str]) -> tuple[list[str], bool]:
    """The names of the terminal in which tmux runs, and whether tmux lets sequences through to it."""
    pane = ["-t", environ["TMUX_PANE"]] if environ.get("TMUX_PANE") else []
    asked = "#{allow-passthrough}\n#{client_termname}\n#{client_termtype}"
    try:
        answer = subprocess.run(
            ["tmux", "display-message", "-p", *pane, asked],
            env=dict(environ), stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return [], False
    is_open, *names = answer.stdout.decode("utf-8", "replace").splitlines() or [""]
    return names, is_open in _OPEN
