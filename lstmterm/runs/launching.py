"""Starting a run as a separate process, which outlives this one and its terminal."""

import contextlib
import subprocess
import sys
from collections.abc import Sequence

from lstmterm.runs.storage import run_of


def started(run_id: str | None) -> contextlib.AbstractContextManager[None]:
    """Mark this process as the background run with this id; does nothing without an id."""
    if run_id is None:
        return contextlib.nullcontext()
    run = run_of(run_id)
    run.folder.mkdir(parents=True, exist_ok=True)
    return run.started()


def launch(arguments: Sequence[str], run_id: str) -> subprocess.Popen[bytes]:
    """Start `lstmterm ARGUMENTS` in a new process session, with its output in the log of run `run_id`.

    The arguments name the run too: `train ... --run-id RUN_ID`, or `resume RUN_ID`.
    """
    folder = run_of(run_id).folder
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-P", "-m", "lstmterm", *arguments]
    with open(folder / "log", "ab") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
