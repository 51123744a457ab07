"""Memory exhaustion is a message: training in a process that may not have what it needs."""

import faulthandler
import itertools
import os
import random
import resource
import shutil
import signal
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch

from lstmterm import paths
from lstmterm.models import model_file
from lstmterm.nn import calibrate, saved_state
from lstmterm.nn.char_task import CharTask
from lstmterm.nn.checkpoints import LATEST, Checkpoints
from lstmterm.nn.tagger_task import TaggerTask
from lstmterm.runs import storage
from lstmterm.runs.summary import summarize
from tests import processes
from tests.processes import FAST, Trouble

PROMISE = "Memory exhaustion is a message"
LONG = 30
_MOST = 400 << 20  # bytes that a process may have at most, more than training needs
_FEW = 10 << 20  # bytes with which not even a thread may begin
_STEPS = 12
_KNOBS = (
    "--steps", _STEPS, "--evaluate-every", 4, "--hidden", 256, "--embedding", 32, "--batch-size", 64, "--seq-length", 64,
    "--threads", 1, "--precision", "float32", "--device", "cpu",
)  # fmt: skip


_TAGGER = (
    "--hidden", "12", "--layers", "1", "--words", "8", "--tokens", "50",
    "--threads", "1", "--precision", "float32", "--device", "cpu",
)  # fmt: skip


def limited(more: int) -> None:
    """Let this process have `more` bytes than it has now, and say where it was if it crashes."""
    faulthandler.enable()
    now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + more, now + more))


def check(rounds: int) -> str:
    """Train with less and less memory; then resume, with all of it, what was saved.

    With less than 10 MB, a C library that used what it was refused has ended a process, once in thousands.
    No Python code runs after that, so there is no sentence. The same training is tried again then.
    """
    random.seed(rounds)
    refused = finished = resumed = crashed = 0
    folder = Path(tempfile.mkdtemp())
    try:
        text = folder / "text.txt"
        text.write_text("".join(random.choice("abcdefgh \n") for _ in range(60_000)))
        for number in range(rounds):
            name = f"m{number}"
            most = _FEW if number % 2 else _MOST
            trouble = Trouble(save_every=3, broken=partial(limited, random.randrange(most)))

            def train(name: str, trouble: Trouble = trouble) -> processes.Process:
                return processes.run(folder / name, "train", text, "--name", name, *_KNOBS, trouble=trouble)

            done = train(name)
            if number % 2 and done.process.exitcode == -signal.SIGSEGV:
                assert "Fatal Python error: Segmentation fault" in done.err
                crashed, name = crashed + 1, f"{name}-again"
                done = train(name)
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
        f"{rounds} trainings with 0 to {_MOST >> 20} MB more than at their start: {refused} ended with a sentence "
        f"that says what to do, {finished} finished, {crashed} crashed in a C library; {resumed} had saved a state, "
        "and all of those resumed"
    )


def without_memory(step: int) -> None:
    """Let the device have no memory left for one more step than `step`, as torch says it."""

    def next_loss(task: Any) -> Any:
        if next(steps) == step:
            raise torch.OutOfMemoryError(
                "CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total ..."
            )
        return losses[type(task)](task)

    steps = itertools.count()
    losses: dict[type, Callable[[Any], Any]] = {}
    for kind in (CharTask, TaggerTask):
        losses[kind] = kind.next_loss
        setattr(kind, "next_loss", next_loss)  # noqa: B010


@pytest.mark.parametrize("command", [("train", "harbour", *FAST), ("train-tagger", "harbour-tags", *_TAGGER)])
def test_memory_of_the_device_that_runs_out_is_a_sentence(command: tuple[str, ...], tmp_path: Path) -> None:
    trouble = Trouble(save_every=3, broken=partial(without_memory, 8))
    done = processes.run(
        tmp_path, *command, "--name", "oom", "--steps", 12, "--evaluate-every", 6, trouble=trouble
    )
    assert done.process.exitcode == 1
    run = storage.find("oom")
    (said,) = [line for line in done.err.splitlines() if line.startswith("lstmterm: ")]
    assert "There is not enough memory: 20.00 MiB more were needed at once." in said
    assert ("--tokens" if "tagger" in command[0] else "--batch-size") in said
    assert f"lstmterm resume {run.id}" in said
    assert saved_state.read(run.folder / LATEST)[1]["step"] == 6
    assert processes.run(tmp_path, "resume", run.id).process.exitcode == 0
    assert model_file.load(paths.model("oom")).card.complete


PLACES = {  # where torch needs memory of the device: a function, and the calls of it before memory is at its end
    "moving the model": (torch.nn.Module, "to", 0),
    "a step's batch": (CharTask, "next_loss", 8),
    "an evaluation": (CharTask, "evaluate", 1),
    "a sample": (CharTask, "sample", 1),
    "a state to save": (Checkpoints, "_tensors", 2),
    "the final losses": (CharTask, "final_metrics", 0),
    "the best weights": (Checkpoints, "load_best", 0),
}
RESTORING = {
    "the weights": (saved_state, "restore_model", 0),
    "the optimizer": (saved_state, "restore_optimizer", 0),
    "the position": (CharTask, "go_to", 0),
}


MEASURING = {"measuring": (calibrate, "seconds_each", 0)}


def exhausted(where: str) -> None:
    """Let the device have no memory left at a place, as torch says it."""
    place, name, after = (PLACES | RESTORING | MEASURING)[where]
    before, calls = getattr(place, name), itertools.count()

    def broken(*arguments: Any, **options: Any) -> Any:
        if next(calls) == after:
            raise torch.OutOfMemoryError(
                "CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total ..."
            )
        return before(*arguments, **options)

    setattr(place, name, broken)


def is_said(done: processes.Process) -> None:
    """Check that a command ended with one sentence about memory."""
    assert done.process.exitcode == 1, done.err
    assert not any(word in done.err for word in ("Traceback", "bug", "damaged"))
    (said,) = [line for line in done.err.splitlines() if line.startswith("lstmterm: ")]
    assert "There is not enough memory: 20.00 MiB more were needed at once." in said


@pytest.mark.parametrize("place", PLACES)
def test_wherever_memory_of_the_device_runs_out_it_is_a_sentence(place: str, tmp_path: Path) -> None:
    knobs = "train", "harbour", *FAST, "--name", "oom", "--steps", 12, "--evaluate-every", 4
    trouble = Trouble(save_every=3, broken=partial(exhausted, place))
    is_said(processes.run(tmp_path, *knobs, trouble=trouble))
    run = storage.find("oom")
    assert run.status() == "failed"
    assert summarize(run).resumable is (place != "moving the model")
    if run.has_state():
        assert processes.run(tmp_path, "resume", run.id).process.exitcode == 0
        assert model_file.load(paths.model("oom")).card.complete


def test_a_state_that_has_no_room_on_the_device_is_not_called_damaged(tmp_path: Path) -> None:
    knobs = "train", "harbour", *FAST, "--name", "oom", "--steps", 12, "--evaluate-every", 4
    assert (
        processes.run(tmp_path, *knobs, trouble=Trouble(signals={9: signal.SIGTERM})).process.exitcode == 143
    )
    for place in RESTORING:
        is_said(processes.run(tmp_path, "resume", "oom", trouble=Trouble(broken=partial(exhausted, place))))
    assert processes.run(tmp_path, "resume", "oom").process.exitcode == 0


@pytest.mark.parametrize("command", ["plan harbour --minutes 1", "train harbour --minutes 0.1"])
def test_measuring_says_it_too(command: str, tmp_path: Path) -> None:
    trouble = Trouble(broken=partial(exhausted, "measuring"))
    is_said(processes.run(tmp_path, *command.split(), "--device", "cpu", "--threads", "1", trouble=trouble))
    assert storage.known_runs() == []


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="limits address space as Linux counts it")
def test_a_few_rounds() -> None:
    check(3)
