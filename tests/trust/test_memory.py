"""Memory exhaustion is a message: training in a process that may not have what it needs."""

import os
import random
import resource
import shutil
import tempfile
from functools import partial
from pathlib import Path

import pytest

from lstmterm import paths
from lstmterm.models import model_file
from lstmterm.runs import storage
from tests import processes
from tests.processes import Trouble

PROMISE = "Memory exhaustion is a message"
LONG = 20
_LEAST = 4 << 20  # bytes; with less, a thread of Python itself cannot begin
_MOST = 400 << 20  # bytes that a process may have at most, more than training needs
_STEPS = 12
_KNOBS = (
    "--steps", _STEPS, "--hidden", 256, "--embedding", 32, "--batch-size", 64, "--seq-length", 64,
    "--threads", 1, "--precision", "float32", "--device", "cpu",
)  # fmt: skip


def limited(more: int) -> None:
    """Let this process have `more` bytes than it has now."""
    now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + more, now + more))


def check(rounds: int) -> str:
    """Train with less and less memory; then resume, with all of it, what was saved."""
    random.seed(rounds)
    refused = finished = resumed = 0
    folder = Path(tempfile.mkdtemp())
    try:
        text = folder / "text.txt"
        text.write_text("".join(random.choice("abcdefgh \n") for _ in range(60_000)))
        for number in range(rounds):
            name = f"m{number}"
            trouble = Trouble(save_every=3, broken=partial(limited, random.randrange(_LEAST, _MOST)))
            done = processes.run(folder / name, "train", text, "--name", name, *_KNOBS, trouble=trouble)
            code = done.process.exitcode
            said = done.err.strip().splitlines()[-1:] or [""]
            assert not any(word in done.err for word in ("Traceback", "This is a bug")), done.err[-600:]
            if code == 0:
                finished += 1
                model_file.read(paths.model(name))
                continue
            if code == 130:  # OpenBLAS had no memory for a thread: it says so, and interrupts its process
                assert all(words in done.err for words in ("OpenBLAS", "address space", "Resume it")), (
                    done.err
                )
            else:
                assert code in (1, 2), f"round {number} ended with {code}: {done.err[-600:]}"
                assert all(word in said[0] for word in ("memory", "smaller")), (number, done.err[-600:])
            refused += 1
            if paths.model(name).exists():
                model_file.read(paths.model(name))
            run = next((run for run in storage.all_runs() if run.name == name), None)
            if run is not None and (run.folder / "state.safetensors").exists():
                again = processes.run(folder / name, "resume", run.id)
                assert again.process.exitcode == 0, again.err[-600:]
                model_file.read(paths.model(name))
                resumed += 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return (
        f"{rounds} trainings with {_LEAST >> 20} to {_MOST >> 20} MB more than at their start: {refused} ended with a sentence "
        f"that says what to do, {finished} finished; {resumed} had saved a state, and all of those resumed"
    )


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="limits address space as Linux counts it")
def test_a_few_rounds() -> None:
    check(3)
