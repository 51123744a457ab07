"""A command as a user types it, with the time and the memory that it takes."""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

_LOOK = 0.01  # seconds between two looks at the memory


@dataclass(frozen=True)
class Measured:
    """What a command ended with: processor time in seconds, and the largest memory seen, in MB.

    Mapped files are left out where the system tells them apart: their pages are given back when needed.
    """

    code: int
    out: str
    said: str
    seconds: float
    memory: int


def measured(*words: str, home: Path | str, at_most: float = 600) -> Measured:
    """Run `lstmterm WORDS` in the home folder `home`; after `at_most` seconds it is ended by SIGTERM."""
    command = [sys.executable, "-m", "lstmterm", *words]
    begun, peak, interrupted = time.monotonic(), 0, False
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command, stdout=out, stderr=said, env=os.environ | {"LSTMTERM_HOME": str(home)}
        )
        looked_at = psutil.Process(process.pid)
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            try:
                now = looked_at.memory_info()
                peak = max(peak, now.rss - getattr(now, "shared", 0))
            except psutil.Error:  # it has just ended
                continue
            if not interrupted and time.monotonic() > begun + at_most:
                process.terminate()  # SIGINT is ignored in what a shell runs in the background
                interrupted = True
            time.sleep(_LOOK)
        process.returncode = os.waitstatus_to_exitcode(status)
        printed, noted = _beginning(out), _beginning(said)
    return Measured(process.returncode, printed, noted, usage.ru_utime + usage.ru_stime, peak >> 20)


def _beginning(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read(1_000_000).decode("utf-8", "replace")
