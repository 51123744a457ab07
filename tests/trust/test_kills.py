"""Runs are killed again and again, also inside saves: everything still opens, and they end with the same bits."""

import functools
import itertools
import os
import random
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lstmterm import paths
from lstmterm.models import model_file
from lstmterm.nn import saved_state
from lstmterm.nn.checkpoints import BEST, GOOD, LATEST
from lstmterm.runs import storage
from lstmterm.runs.events import Saved
from lstmterm.runs.folder import Run
from tests import processes
from tests.processes import FAST, Trouble
from tests.recorded import steps_in, still_counted
from tests.small import small_text

PROMISE = "No checkpoint is lost: killed at any moment, a run loses at most what came after its last save, and resumes exactly"
LONG = 200

STEPS, EVERY = 120, 3
KILLS = 20  # of a run, before it may end
CALLS = ("open", "write", "fsync", "replace", "link")  # of the system, that a save makes


def check(rounds: int) -> str:
    """Kill runs `rounds` times, every second time inside a save."""
    draw, inside, lost = random.Random(1), 0, 0
    killed = 0
    with tempfile.TemporaryDirectory() as scratch:
        out, text = Path(scratch) / "out", Path(scratch) / "text.txt"
        text.write_text(small_text(3000))
        train = ("train", text, *FAST, "--steps", STEPS, "--evaluate-every", 10, "--dropout", 0.3, "--quiet")
        assert processes.run(out, *train, "--name", "whole").process.exitcode == 0
        number = 0
        while killed < rounds:
            number += 1
            name, command = f"killed-{number}", (*train, "--name", f"killed-{number}")
            step = 0
            for _ in range(min(KILLS, rounds - killed)):
                if in_save := killed % 2 == 1:
                    trouble = Trouble(
                        save_every=EVERY, broken=functools.partial(die_in_save, draw.randint(1, 24))
                    )
                else:
                    trouble = Trouble(save_every=EVERY, signals={step + draw.randint(1, 5): signal.SIGKILL})
                process = processes.run(out, *command, trouble=trouble)
                if process.process.exitcode == 0:
                    break  # it ended before its turn came
                assert process.process.exitcode == -signal.SIGKILL, process.err
                killed, inside = killed + 1, inside + in_save
                run = storage.find(name)
                if not (run.folder / LATEST).exists():  # killed in its first save: it begins again
                    storage.remove(run)
                    continue
                step = check_files(run)
                lost = max(lost, last_saved(run) - step)
                assert lost <= 0, f"step {last_saved(run)} was saved, but {step} is what is left"
                command = ("resume", name, "--quiet")
            if command[0] == "resume" and storage.find(name).status() != "finished":
                last = processes.run(out, *command)
                assert last.process.exitcode == 0, last.err
                assert steps_in(still_counted(storage.find(name).events())) == [*range(1, STEPS + 1)], (
                    f"{name} has a step in its journal twice, or not at all"
                )
                assert bits(storage.find(name)) == bits(storage.find("whole")), (
                    f"{name} ended with other bits"
                )
    return (
        f"{killed} kills, {inside} of them inside a save: every file opened, no save was lost, "
        f"{number} runs ended with the same bits"
    )


def die_in_save(after: int) -> None:
    """End this process at the n-th call that a save makes of the system."""
    calls, write = itertools.count(1), saved_state.write

    def counted(call: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        if next(calls) >= after:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*arguments, **options)

    def inside(*arguments: Any) -> None:
        before = {name: getattr(os, name) for name in CALLS}
        for name, call in before.items():
            setattr(os, name, functools.partial(counted, call))
        try:
            write(*arguments)
        finally:
            for name, call in before.items():
                setattr(os, name, call)

    saved_state.write = inside


def check_files(run: Run) -> int:
    """Open every file of a run; the step of its state."""
    for name in (BEST, paths.model(run.name)):
        if (run.folder / name).exists():
            model_file.load(run.folder / name)
    if (run.folder / GOOD).exists():
        saved_state.read(run.folder / GOOD)
    assert any(run.events())
    return int(saved_state.read(run.folder / LATEST)[1]["step"])


def last_saved(run: Run) -> int:
    """The step of the last save that the journal tells of."""
    return max(
        (e.step for e in [*run.events()][-20:] if isinstance(e, Saved) and e.what == "state"), default=0
    )


def bits(run: Run) -> dict[str, bytes]:
    """The final state and model of a run."""
    tensors, _ = saved_state.read(run.folder / LATEST)
    model = model_file.load(paths.model(run.name)).tensors
    return {k: t.numpy().tobytes() for k, t in tensors.items()} | {
        f"best.{k}": t.tobytes() for k, t in model.items()
    }


def test_kills() -> None:
    assert "same bits" in check(4)
