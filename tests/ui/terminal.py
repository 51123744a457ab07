"""A program in a real pseudo-terminal, and what a person would see of it.

The emulator knows as much as the screen uses: printing, moving the cursor, clearing. It is not a
terminal; it is enough to read words off the screen.
"""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import threading
import time
from pathlib import Path

from tests import patience
from tests.patience import Patience

_FORKING = threading.Lock()  # or a program started by another thread keeps this terminal open
_TOKEN = re.compile(
    r"\x1b\[(?P<args>[0-9;:<=>?]*)[ !]*(?P<final>[@-~])"  # CSI
    r"|\x1b[\]P_^][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC, DCS
    r"|\x1b[()][A-Z0-9]|\x1b."
    r"|(?P<control>[\x00-\x1f])|(?P<text>[^\x00-\x1f\x1b]+)"
)
_BEGUN = re.compile(r"\x1b(?:\[[0-9;:<=>? !]*|[\]P_^][^\x07\x1b]*|[()])?$")  # a sequence cut in two


class Terminal:
    """A child in a pseudo-terminal of its own."""

    def __init__(self, command: list[str], home: Path, columns: int = 100, rows: int = 30) -> None:
        self.columns, self.rows = columns, rows
        self.cells = [[" "] * columns for _ in range(rows)]
        self.raw = b""
        self._x = self._y = 0
        self._pending = ""
        environment = os.environ | {
            "LSTMTERM_HOME": str(home),
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "TERM": "xterm-256color",
            "TEXTUAL_ANIMATIONS": "none",
            "PYTHONFAULTHANDLER": "1",
        }
        environment.pop("NO_COLOR", None)
        with _FORKING:
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # it waits until the child ends by it
            self.pid, self.master = pty.fork()
            if self.pid:
                os.set_inheritable(self.master, False)
            else:
                signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
        if self.pid == 0:
            os.execvpe(command[0], command, environment)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.kill(self.pid, signal.SIGWINCH)

    @classmethod
    def screen(cls, home: Path, **size: int) -> "Terminal":
        """`lstmterm` without a command."""
        return cls([sys.executable, "-m", "lstmterm"], home, **size)

    def send(self, keys: str) -> None:
        """Type."""
        os.write(self.master, keys.encode())

    def look(self, seconds: float = 0.1) -> str:
        """What is on the screen, after what comes within a moment."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select([self.master], [], [], left)[0]:
                try:
                    data = os.read(self.master, 65536)
                except OSError:
                    break
                if not data:
                    break
                self.raw += data
                self._show(data.decode("utf-8", "replace"))
        return "\n".join("".join(row).rstrip() for row in self.cells)

    def wait_for(self, pattern: str, seconds: float = patience.LONG) -> re.Match[str]:
        """Wait until the screen shows this, unless the program ends before."""
        waiting = Patience(seconds)
        while not waiting.is_over():
            ended = self._has_ended()
            if found := re.search(pattern, self.look()):
                return found
            assert not ended, f"it ended before {pattern!r} appeared; the screen was:\n{self.look()}"
        raise AssertionError(
            f"{pattern!r} did not appear within {seconds:g} s; the screen was:\n{self.look()}"
        )

    def _has_ended(self) -> bool:
        """Whether the program has ended, which `wait_for_end` still finds."""
        try:
            return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
        except ChildProcessError:
            return True

    def wait_until_gone(self, pattern: str, seconds: float = patience.LONG) -> None:
        """Wait until the screen shows this no more."""
        waiting = Patience(seconds)
        while re.search(pattern, self.look()):
            assert not waiting.is_over(), self.look()

    def wait_for_end(self, seconds: float = 20.0) -> int:
        """The exit code, once it ended (minus the signal's number for a killed one)."""
        waiting = Patience(seconds)
        while not waiting.is_over():
            self.look(0.05)
            found, status = os.waitpid(self.pid, os.WNOHANG)
            if found:
                self.look(0.1)  # what it wrote at last
                return os.waitstatus_to_exitcode(status)
        os.kill(self.pid, signal.SIGABRT)  # faulthandler says where it hangs
        self.look(2.0)
        said = self.raw[-8000:].decode("utf-8", "replace").replace("\x1b", "^")
        raise AssertionError(f"it did not end within {seconds:g} s:\n{said}")

    def close(self) -> None:
        """Drop the terminal."""
        with contextlib.suppress(OSError):
            os.close(self.master)

    def _show(self, text: str) -> None:
        text = self._pending + text
        begun = _BEGUN.search(text)
        self._pending = begun[0] if begun else ""
        text = text.removesuffix(self._pending) if self._pending else text
        for token in _TOKEN.finditer(text):
            if token["text"]:
                self._print(token["text"])
            elif token["control"]:
                self._control(token["control"])
            elif token["final"]:
                self._move(token["args"] or "", token["final"])

    def _print(self, text: str) -> None:
        for character in text:
            if self._x < self.columns and self._y < self.rows:
                self.cells[self._y][self._x] = character
            self._x += 1

    def _control(self, character: str) -> None:
        if character == "\r":
            self._x = 0
        elif character == "\n":
            self._y = min(self._y + 1, self.rows - 1)
        elif character == "\b":
            self._x = max(self._x - 1, 0)

    def _move(self, arguments: str, final: str) -> None:
        numbers = [int(n) if n.isdigit() else 0 for n in arguments.lstrip("?<=>").split(";")]
        if final == "H":
            self._y = max(numbers[0], 1) - 1
            self._x = max(numbers[1] if len(numbers) > 1 else 1, 1) - 1
        elif final == "J" and numbers[0] == 2:
            self.cells = [[" "] * self.columns for _ in range(self.rows)]
        elif final == "K" and self._y < self.rows:
            self.cells[self._y][self._x :] = [" "] * (self.columns - self._x)
