"""A program in a real pseudo-terminal, and what a person would see of it."""

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
from tests.ui.emulator import Emulator

_FORKING = threading.Lock()  # or a program started by another thread keeps this terminal open


class Terminal(Emulator):
    """A child in a pseudo-terminal of its own."""

    def __init__(self, command: list[str], home: Path, columns: int = 100, rows: int = 30) -> None:
        super().__init__(columns, rows)
        self._raw = bytearray()  # grows in place: hours of it are megabytes
        environment = os.environ | {
            "LSTMTERM_HOME": str(home),
            "PYTHONPATH": os.environ.get("PYTHONPATH") or str(Path(__file__).parents[2]),
            "TERM": "xterm-256color",
            "TEXTUAL_ANIMATIONS": "none",
            "PYTHONFAULTHANDLER": "1",
        }
        for name in ("NO_COLOR", "COLUMNS", "LINES"):
            environment.pop(name, None)
        size = struct.pack("HHHH", rows, columns, 0, 0)
        with _FORKING:
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # it waits until the child ends by it
            self.pid, self.master = pty.fork()
            if self.pid:
                os.set_inheritable(self.master, False)
            else:
                signal.signal(signal.SIGINT, signal.SIG_DFL)
                fcntl.ioctl(0, termios.TIOCSWINSZ, size)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
        if self.pid == 0:
            os.execvpe(command[0], command, environment)

    @classmethod
    def screen(cls, home: Path, **size: int) -> "Terminal":
        """`lstmterm` without a command."""
        return cls([sys.executable, "-m", "lstmterm"], home, **size)

    @property
    def raw(self) -> bytes:
        """All that the program wrote."""
        return bytes(self._raw)

    def forget(self) -> None:
        """Keep nothing of what the program wrote so far."""
        self._raw.clear()

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
                self._raw += data
                self.show(data)
        return self.text

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
