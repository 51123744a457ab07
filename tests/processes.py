"""The real command line in processes of its own, as many as a test needs.

A server imports torch once and every process is forked from it, so that a command takes a moment
and not seconds. The processes are real ones: they take signals, can be killed, and end with exit
codes.
"""

import json
import math
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tests import patience
from tests.patience import Patience

_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(
    [
        "torch._dynamo",
        "lstmterm.nn.session",
        "lstmterm.cli.train",
        "lstmterm.cli.reporting",
        "tests.processes",
    ]
)

PATIENCE = patience.LONG
FAST = (
    "--hidden", "12", "--embedding", "8", "--batch-size", "4", "--seq-length", "10",
    "--threads", "1", "--precision", "float32", "--device", "cpu",
)  # fmt: skip


@dataclass(frozen=True)
class Trouble:
    """What happens to a process: a signal to itself after a step, how often it saves, and so on."""

    signals: Mapping[int, int] = field(default_factory=dict)  # step -> signal number
    save_every: int | None = None  # steps, instead of seconds
    seconds_a_step: float = 0.0  # slept after each step, for others to have time
    poison: bool = False  # whether every loss is not a number
    broken: Callable[[], None] | None = None  # called first, to break a promise


@dataclass
class Process:
    """A running command."""

    process: BaseProcess
    out_file: Path
    err_file: Path

    @property
    def pid(self) -> int:
        assert self.process.pid is not None
        return self.process.pid

    @property
    def out(self) -> str:
        """What it printed on stdout until now."""
        return self.out_file.read_text("utf-8")

    @property
    def err(self) -> str:
        """What it printed on stderr until now."""
        return self.err_file.read_text("utf-8")

    @property
    def events(self) -> list[dict[str, Any]]:
        """Its lines of JSON."""
        return [json.loads(line) for line in self.out.splitlines()]

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def wait(self) -> int:
        """Its exit code, a signal's number negative."""
        waiting = Patience()
        while self.process.exitcode is None:
            if waiting.is_over():
                self.process.kill()
                raise AssertionError(f"still running after {waiting.seconds:.0f} s: {self.err}")
            self.process.join(0.2)
        return self.process.exitcode


def start(
    folder: Path,
    *arguments: object,
    trouble: Trouble = Trouble(),
    variables: Mapping[str, str] = MappingProxyType({}),
) -> Process:
    """`lstmterm ARGUMENTS` in a process of its own, its output in files of `folder`.

    `variables` are those of its environment that differ from this one's.
    """
    folder.mkdir(parents=True, exist_ok=True)
    number = len(list(folder.glob("*.out")))
    out, err = folder / f"{number}.out", folder / f"{number}.err"
    out.touch()
    err.touch()
    words = [str(a) for a in arguments]
    variables = {"LSTMTERM_HOME": os.environ["LSTMTERM_HOME"], **variables}
    process = _SERVER.Process(target=_main, args=(words, variables, out, err, trouble))
    process.start()
    return Process(process, out, err)


def run(folder: Path, *arguments: object, trouble: Trouble = Trouble()) -> Process:
    """`lstmterm ARGUMENTS`, waited for; `.process.exitcode` is its exit code."""
    process = start(folder, *arguments, trouble=trouble)
    process.wait()
    return process


def until(holds: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
    """Wait until something holds, for so many seconds at most in which the processes of the test can run."""
    waiting = Patience(seconds)
    while not holds():
        assert not waiting.is_over(), f"waited for {what}"
        time.sleep(0.02)


def _main(words: list[str], variables: Mapping[str, str], out: Path, err: Path, trouble: Trouble) -> None:
    os.environ.update(variables)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for path, stream in ((out, sys.stdout), (err, sys.stderr)):
        file = os.open(path, os.O_WRONLY | os.O_APPEND)
        os.dup2(file, stream.fileno())
        os.close(file)

    import torch

    from lstmterm import __main__
    from lstmterm.cli import start_time
    from lstmterm.nn import calibrate, train
    from lstmterm.planning.machine import Machine

    def measured(device: object, threads: int, **_: object) -> Machine:
        torch.set_num_threads(threads)
        return Machine(str(device), threads, "float32", 20_000)

    calibrate.machine = measured
    calibrate._PACE_SECONDS = 0.01
    start_time.STARTED = time.monotonic()
    done = train.Trainer.step

    def step(self: train.Trainer) -> None:
        if trouble.poison:
            weight = next(self.task.model.parameters())
            self.task.next_loss = lambda: (weight.sum() * math.nan, 1)
        if every := trouble.save_every:
            setattr(self.checkpoints, "due", lambda: self.counters.step % every == 0)  # noqa: B010
        done(self)
        time.sleep(trouble.seconds_a_step)
        if number := trouble.signals.get(self.counters.step):
            os.kill(os.getpid(), number)

    train.Trainer.step = step
    if trouble.broken:
        trouble.broken()
    sys.argv[1:] = words
    __main__.main()
