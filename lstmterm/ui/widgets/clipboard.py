"""Copying a text, and saying what is known of where it went.

A program asks the terminal to take a text by an escape sequence, OSC 52, and gets no answer. Within the
screen the text can be pasted in any case, and a file has it for where the terminal refused.
"""

import os

from textual.app import App

from lstmterm import atomic, paths
from lstmterm.visible import visible_lines

_SECONDS = 8.0  # in which the sentences are read
WITH_THE_MOUSE = "select it with the mouse, in most terminals while you hold Shift"


def copy(app: App[None], text: str, name: str, *, otherwise: str = "") -> None:
    """Copy `text` and notify the user; `name` is what it is, and `otherwise` what to do if it did not arrive.

    Without `otherwise` the text is also written to a file, which is named.
    """
    app.copy_to_clipboard(text)
    otherwise = otherwise or _in_a_file(text)
    refuses = terminal_without_clipboard()
    app.notify(
        visible_lines(sentences(name, otherwise)),
        severity="warning" if refuses else "information",
        timeout=_SECONDS,
        markup=False,
    )


def _in_a_file(text: str) -> str:
    """Write the text to the file of what was copied last; returns what to do, which is to use the mouse if it fails."""
    path = paths.copied()
    try:
        atomic.write_text(path, encodable(text))
    except OSError:
        return WITH_THE_MOUSE
    return f"take it from {path}"


def sentences(name: str, otherwise: str = WITH_THE_MOUSE) -> str:
    """What to say after a text was copied."""
    if terminal := terminal_without_clipboard():
        return f"{terminal} does not accept text from programs: ^v pastes {name} only here. Elsewhere, {otherwise}."
    sent = f"Sent {name} to the terminal's clipboard."
    if os.environ.get("TMUX"):
        return f"{sent} tmux passes it on after `set -g set-clipboard on`; if it isn't there, {otherwise}."
    return f"{sent} If it isn't there, {otherwise}."


def terminal_without_clipboard() -> str:
    """The terminal, if it is known to ignore the request; else empty."""
    if os.environ.get("TMUX"):
        return ""  # TERM_PROGRAM is tmux's, or that of a terminal that was closed since
    if os.environ.get("TERM_PROGRAM") == "Apple_Terminal":
        return "Apple's Terminal"
    return "The Linux console" if os.environ.get("TERM") == "linux" else ""


def encodable(text: str) -> str:
    """`text` with a question mark for what UTF-8 cannot hold, as the terminal gets it."""
    return text.encode("utf-8", "replace").decode("utf-8")
