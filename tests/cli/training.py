"""Runs that train while a test acts on them."""

from pathlib import Path

from lstmterm.runs import storage
from lstmterm.runs.events import Step
from tests import processes
from tests.processes import FAST, Process, Trouble

SLOW = Trouble(seconds_a_step=0.02, save_every=5)  # leaves a test time to act
LONG = (*FAST, "--steps", 100_000, "--evaluate-every", 1000)


def trains(name: str) -> bool:
    """Whether the latest run called `name` has made steps."""
    known = [run for run in storage.all_runs() if run.name == name]
    return bool(known) and any(isinstance(e, Step) for e in known[0].events())


def training(folder: Path, text: Path, name: str, *more: object) -> Process:
    """A run that trains now."""
    process = processes.start(folder, "train", text, "--name", name, *LONG, *more, trouble=SLOW)
    processes.until(lambda: trains(name) or process.process.exitcode is not None, "the first steps")
    assert process.process.exitcode is None, process.err
    return process
