"""Processes that get ready to train a run for ever, in place of those that would read and measure; they need no torch."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from io import FileIO

_WAITS = """
import sys, time
from lstmterm import ending
from lstmterm.runs import getting_ready, launching
ending.end_on_signals()
with launching.started(sys.argv[1]) as run, getting_ready.stoppable(run):
    print("reading", flush=True)
    while True:
        time.sleep(1)
"""


def spawn(
    arguments: Sequence[str], log: FileIO, variables: Mapping[str, str], inherited: Sequence[int]
) -> subprocess.Popen[bytes]:
    """In place of `launching._spawn`: a process that gets ready until its run is stopped."""
    words = [*arguments]
    run_id = words[1] if words[0] == "resume" else words[words.index("--run-id") + 1]
    return subprocess.Popen(
        [sys.executable, "-c", _WAITS, run_id],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        pass_fds=inherited,
        env={**os.environ, **variables},
    )
