"""The terminal that the screen takes over: it is given back however the process ends.

Textual restores the terminal when the screen is closed. This does so when a signal ends the process, and
ends it when the terminal is gone.
"""

import contextlib
import os
import select
import signal
import sys
import termios
import threading
from collections.abc import Iterator
from typing import Any

from lstmterm import ending

# Cancels a sequence that was cut; ends synchronized output, bracketed paste, resize reports, all mouse
# reports and focus reports; wraps lines; ends the keyboard protocol, leaves the alternate screen, shows
# the cursor and resets the colours.
RESTORED = (
    b"\x18\x1b[?2026l\x1b[?2004l\x1b[?2048l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l\x1b[?1004l"
    b"\x1b[?7h\x1b[<u\x1b[?1049l\x1b[?25h\x1b[0m"
)


@contextlib.contextmanager
def kept() -> Iterator[None]:
    """Within this context a signal restores the terminal, and the process ends when the terminal is gone.

    A screen without a terminal is of no use, so SIGHUP ends it even under `nohup`.
    """
    assert sys.__stdin__ is not None
    terminal = sys.__stdin__.fileno()
    if not os.isatty(terminal):  # `textual serve`
        yield
        return
    modes = termios.tcgetattr(terminal)
    signal.signal(signal.SIGHUP, ending.end)
    threading.Thread(target=_watch, args=(terminal,), name="terminal", daemon=True).start()
    with ending.first(lambda: _restore(terminal, modes)):
        yield


def _restore(terminal: int, modes: list[Any]) -> bytes:
    """Restore the modes, unless another process has the terminal now; returns what restores the rest."""
    with contextlib.suppress(OSError):  # there is no job control here
        if os.tcgetpgrp(terminal) != os.getpgrp():
            return b""
    termios.tcsetattr(terminal, termios.TCSANOW, modes)
    return RESTORED


def _watch(terminal: int) -> None:
    """Wait until the terminal is gone, then send the SIGHUP that may not have come."""
    gone = select.poll()
    gone.register(terminal, 0)  # a hang-up is always reported
    if any(event & select.POLLHUP for _, event in gone.poll()):
        os.kill(os.getpid(), signal.SIGHUP)
