"""How much of a busy machine this process asks for."""

import contextlib
import os
from pathlib import Path

_AUTOGROUP = Path("/proc/self/autogroup")


def lower(nice: int) -> None:
    """Let other processes go first: add `nice`, 0 to 19, to the niceness of this process.

    Linux may share the processors among sessions first, and then the niceness only counts within one (sched(7),
    "The autogroup feature"). So a process that leads a session of its own, as a run in the background does, lowers
    the priority of the session too.
    """
    niceness = os.nice(nice)
    if os.getsid(0) == os.getpid():
        with contextlib.suppress(OSError):  # a system without such groups, or changed too often
            _AUTOGROUP.write_text(str(niceness))
