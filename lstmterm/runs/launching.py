"""Starting a run as a separate process, which outlives this one and its terminal."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from io import FileIO

from lstmterm import atomic, installed
from lstmterm.runs import lock, storage
from lstmterm.runs.folder import Run
from lstmterm.runs.storage import run_of
from lstmterm.runs.sweeps import SweepProcess

_INHERITED = "LSTMTERM_STARTING"  # in the environment: the descriptor of the lock that a child inherits


@contextlib.contextmanager
def started(run_id: str | None) -> Iterator[Run | None]:
    """Be the process that will train the run with this id, which it yields; does nothing without an id.

    A process that `launch` started is from its first moment on: it inherited the lock, and keeps it to the
    end of the context. Raises `RunError` if another process is.
    """
    inherited = os.environ.pop(_INHERITED, "")
    if run_id is None:
        yield None
        return
    run = run_of(run_id)
    if inherited.isdigit() and lock.is_lock(int(inherited), run.starting):
        os.set_inheritable(int(inherited), False)
        try:
            yield run
        finally:
            os.close(int(inherited))
    else:
        with run.started():
            yield run


def launch_new(arguments: Sequence[str], name: str) -> tuple[str, subprocess.Popen[bytes]]:
    """Start `lstmterm ARGUMENTS` as `launch` does, for a new run: its id and the process. An error leaves no run."""
    run = storage.new_run(name)
    try:
        return run.id, launch([*arguments, "--run-id", run.id], run.id)
    except BaseException:
        storage.remove(run)
        raise


def launch(arguments: Sequence[str], run_id: str) -> subprocess.Popen[bytes]:
    """Start `lstmterm ARGUMENTS` in a new process session, with its output in the log of run `run_id`.

    The arguments name the run too: `train ... --run-id RUN_ID`, or `resume RUN_ID`. Raises `RunError` if another
    process trains it or will, and `NoTorch` where torch is not installed.
    """
    installed.refuse_without_torch()
    run = run_of(run_id)
    with run.started() as descriptor, atomic.appending(run.log) as log:
        return _spawn(arguments, log, {_INHERITED: str(descriptor)}, [descriptor])


def launch_sweep(arguments: Sequence[str], sweep: SweepProcess) -> subprocess.Popen[bytes]:
    """Start `lstmterm ARGUMENTS`, which makes the runs of a sweep, in a new process session, with its output in a log.

    The log of an earlier process is replaced. Raises `NoTorch` where torch is not installed.
    """
    installed.refuse_without_torch()
    atomic.make_folder(sweep.folder)
    sweep.log.unlink(missing_ok=True)
    with atomic.appending(sweep.log) as log:
        return _spawn(arguments, log)


def _spawn(
    arguments: Sequence[str],
    log: FileIO,
    variables: Mapping[str, str] | None = None,
    inherited: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "lstmterm", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        pass_fds=inherited,
        env={**os.environ, **(variables or {})},
    )
