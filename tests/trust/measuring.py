"""A command as a user types it, with the time and the memory that it takes."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

_LOOK = 0.01  # seconds between two looks at the memory


@dataclass(frozen=True)
class Measured:
    """What a command ended with: processor time in seconds, and the largest memory seen, in MB."""

    code: int
    out: str
    said: str
    seconds: float
    memory: int


def measured(*words: str, home: Path | str, at_most: float = 600) -> Measured:
    """Run `lstmterm WORDS` in the home folder `home`; after `at_most` seconds it is interrupted."""
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
                peak = max(peak, looked_at.memory_info().rss)
            except psutil.Error:  # it has just ended
                continue
            if not interrupted and time.monotonic() > begun + at_most:
                process.send_signal(signal.SIGINT)
                interrupted = True
            time.sleep(_LOOK)
        process.returncode = os.waitstatus_to_exitcode(status)
        texts = []
        for file in (out, said):
            file.seek(0)
            texts.append(file.read(1_000_000).decode("utf-8", "replace"))
    return Measured(process.returncode, *texts, usage.ru_utime + usage.ru_stime, peak >> 20)
