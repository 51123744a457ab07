"""Training on a file system of 8 MB that fills up and has room again: no step is lost, and saving begins again."""

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lstmterm.models import model_file
from lstmterm.nn import saved_state
from lstmterm.nn.checkpoints import LATEST
from lstmterm.runs import storage
from lstmterm.runs.events import Step, Warned
from tests import processes
from tests.processes import Trouble
from tests.small import small_text

PROMISE = (
    "A full disk is survived: training continues with a warning, the last save stays, and saving begins again"
)
LONG = 10

MEGABYTES = 8
KNOBS = (
    "--hidden", 96, "--embedding", 8, "--batch-size", 4, "--seq-length", 10, "--threads", 1,
    "--precision", "float32", "--device", "cpu", "--steps", 100_000, "--evaluate-every", 10,
)  # fmt: skip
SLOW = Trouble(seconds_a_step=0.01, save_every=5)


def check(rounds: int) -> str:
    """Fill the disk of a run in training `rounds` times, and make room again."""
    before = os.environ["LSTMTERM_HOME"]
    with small_disk() as home:
        os.environ["LSTMTERM_HOME"] = str(home)
        try:
            return fill(home, rounds)
        finally:
            os.environ["LSTMTERM_HOME"] = before


def fill(home: Path, rounds: int) -> str:
    with tempfile.TemporaryDirectory() as scratch:
        out, text = Path(scratch) / "out", Path(scratch) / "text.txt"
        text.write_text(small_text(3000))
        process = processes.start(out, "train", text, "--name", "full", *KNOBS, trouble=SLOW)
        processes.until(lambda: "best so far" in process.err, "the first model")
        run = storage.find("full")
        unsaved = 0
        for number in range(1, rounds + 1):
            filler = home / "filler"
            with open(filler, "wb", buffering=0) as file, contextlib.suppress(OSError):
                while True:
                    file.write(bytes(4096))
            processes.until(lambda: process.err.count("saving is tried again") == number, "a warning")  # noqa: B023
            assert str(home) in process.err
            state = saved_state.read_numbers(run.folder / LATEST)
            assert process.process.exitcode is None, process.err
            filler.unlink()
            processes.until(lambda: process.err.count("can be saved again") == number, "saving")  # noqa: B023
            again = saved_state.read_numbers(run.folder / LATEST)
            assert again["step"] > state["step"]
            unsaved += again["step"] - state["step"]
        assert processes.run(out, "stop", "full").process.exitcode == 0
        assert process.wait() == 0, process.err
        model_file.load(home / "data" / "models" / "full.safetensors")
        events = run.events()
        assert sum(isinstance(e, Warned) and "can be saved again" in e.message for e in events) == rounds
        steps = sum(e.steps for e in events if isinstance(e, Step))
        assert steps == events[-1].step, "the journal lost steps"
    return (
        f"a disk of {MEGABYTES} MB was full {rounds} times in {steps:,} steps, {unsaved:,} of them trained while "
        "nothing could be saved: told each time, the last save stayed, saving began again, no step lost"
    )


@contextlib.contextmanager
def small_disk() -> Iterator[Path]:
    """A file system of a few megabytes. Skips the test where none may be mounted."""
    with tempfile.TemporaryDirectory() as folder:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", folder]
        if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
            pytest.skip("only root can mount a small file system")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "-l", folder], check=True)


def test_full_disk() -> None:
    assert "no step lost" in check(1)
