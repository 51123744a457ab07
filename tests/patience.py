"""Waiting that a busy machine does not end: a second counts only while those that are waited for can run.

A process that hangs uses no processor and waits for none, so the time goes by for it; one that others keep
from running waits for a processor, and the time stands still.
"""

import contextlib
import os
import time
from pathlib import Path

import psutil

LONG = 60.0  # seconds until a test gives up waiting
_LOOK_EVERY = 0.5  # seconds, since looking at all processes takes a moment


class Patience:
    """Some seconds of this process and of those that it started, from now on."""

    def __init__(self, seconds: float = LONG) -> None:
        self.seconds = seconds
        self.passed = 0.0
        self._looked = time.monotonic()
        self._waited = _waited()

    def is_over(self) -> bool:
        """Whether the seconds have passed, without those in which one of the processes waited for a processor."""
        now = time.monotonic()
        if now - self._looked >= min(_LOOK_EVERY, self.seconds / 10):
            waited = _waited()
            longest = max((waited[pid] - self._waited.get(pid, 0.0) for pid in waited), default=0.0)
            self.passed += max(now - self._looked - longest, 0.0)
            self._looked, self._waited = now, waited
        return self.passed >= self.seconds


def _waited() -> dict[int, float]:
    """`waited` of this process and those that it started, by process number."""
    found: dict[int, float] = {}
    with contextlib.suppress(psutil.Error):
        processes = [process.pid for process in psutil.Process().children(recursive=True)]
        found = {pid: waited(pid) for pid in (os.getpid(), *processes)}
    return found


def waited(pid: int) -> float:
    """Seconds for which a process could have run and did not, since others did; 0 where nobody counts them."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0
