"""How fast this machine is: measured by training for a moment, and remembered.

Two measurements. The machine's own (`machine`): the reference model in both precisions, which
decides the precision and feeds the plan's rules; it is kept per processor, device, threads and
torch version. And a run's own (`pace`): the very steps and evaluations that it will make, which
turn its minutes into a number of steps.
"""

import json
import platform
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from lstmterm import atomic, paths
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.score import score, work
from lstmterm.nn import optim
from lstmterm.nn.char_task import CharTask
from lstmterm.nn.charlm import CharLM, detached, loss_of
from lstmterm.nn.device import autocast, use_threads
from lstmterm.nn.task import Task
from lstmterm.planning import processors
from lstmterm.planning.plan import REFERENCE, REFERENCE_BATCHES, Machine
from lstmterm.spec.training import TrainingPart

BFLOAT16_GAIN = 1.1  # how much faster bfloat16 has to be, to be chosen
_SYMBOLS = 65  # of the reference model
_MACHINE_ROUNDS = 3
_MACHINE_SECONDS = 0.25  # a precision, a round
_PACE_SECONDS = 1.6  # of steps, shared by the numbers of threads that are tried


def machine(device: torch.device, threads: int, *, renew: bool = False) -> Machine:
    """What was measured of this machine, measured now if it was not yet, or again with `renew`.

    What is measured while other work keeps the processors busy is not remembered, so that one busy
    moment spoils no later plan.
    """
    use_threads(threads)
    known = _remembered()
    key = f"{processor(device)} / {device} / {threads} threads / torch {torch.__version__}"
    if key in known and not renew:
        return known[key]
    undisturbed = device.type != "cpu" or processors.idle() >= threads
    rates = dict.fromkeys(("float32", "bfloat16"), 0.0)
    for _ in range(_MACHINE_ROUNDS):  # by turns, and the best of each: other work only slows down
        for precision, best in rates.items():
            rates[precision] = max(best, _reference_rate(device, precision))
    precision = "bfloat16" if rates["bfloat16"] > BFLOAT16_GAIN * rates["float32"] else "float32"
    measured = Machine(str(device), threads, precision, round(rates[precision]))
    if undisturbed:
        table = {k: asdict(m) for k, m in (known | {key: measured}).items()}
        atomic.write_text(paths.calibration(), json.dumps(table, indent=2))
    return measured


def processor(device: torch.device) -> str:
    """The name of the processor that trains."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _remembered() -> dict[str, Machine]:
    try:
        table = json.loads(paths.calibration().read_text("utf-8"))
        return {key: Machine(**values) for key, values in table.items()}
    except (FileNotFoundError, ValueError, TypeError, AttributeError):
        return {}  # absent, or of another version: it is measured anew


def _reference_rate(device: torch.device, precision: str) -> float:
    """Characters a second that the reference model learns from."""
    with torch.random.fork_rng():
        model = CharLM(_SYMBOLS, REFERENCE).to(device)
        cut = REFERENCE_BATCHES
        block = torch.randint(_SYMBOLS, (cut.seq_length + 1, cut.batch_size), device=device)
        part = TrainingPart(steps=1, evaluate_every=1)
        optimizer = optim.make_optimizer(model, part)
        state = model.first_state(cut.batch_size)

        def step() -> None:
            nonlocal state
            with autocast(device, precision):
                logits, after = model(block[:-1], state)
            state = detached(after)
            optimizer.zero_grad(set_to_none=True)
            loss_of(logits, block[1:], "cross-entropy").backward()
            optim.clip_gradients(model, part.clip)
            optimizer.step()

        return cut.batch_size * cut.seq_length / seconds_each(step, device, _MACHINE_SECONDS)


def seconds_each(work: Callable[[], object], device: torch.device, seconds: float) -> float:
    """The mean time of `work`, repeated for about `seconds` behind a warm-up; of long work, twice behind one."""
    begun = time.perf_counter()
    for _ in range(3):
        work()
        _wait(device)
        if time.perf_counter() - begun > seconds / 2:
            break
    begun = time.perf_counter()
    count = 0
    while (passed := time.perf_counter() - begun) < seconds or count < 2:
        work()
        count += 1
        if count % 8 == 0:
            _wait(device)
    _wait(device)
    return max(time.perf_counter() - begun, passed) / count


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


@dataclass(frozen=True)
class Pace:
    """How long the parts of a run take, in seconds, with the threads that are fastest for it."""

    threads: int
    chars: int  # of a step
    step: float
    evaluation: float  # with its sample and saves
    finish: float  # the final figures

    @property
    def chars_per_second(self) -> float:
        """While it makes steps."""
        return self.chars / self.step


def pace(task: CharTask, part: TrainingPart, *, threads: tuple[int, ...]) -> Pace:
    """Measure a run's own work. `task` is used up: its weights and position move.

    The steps are timed with each number of `threads`: sharing a step among threads costs waiting,
    which on a small model, or a machine that is busy otherwise, is more than it saves.
    """
    step = stepping(task, part)
    seconds: dict[int, float] = {}
    for count in threads:
        use_threads(count)
        seconds[count] = seconds_each(step, task.device, _PACE_SECONDS / len(threads))
    fastest = min(seconds, key=lambda count: seconds[count])
    use_threads(fastest)
    task.model.eval()
    with torch.no_grad():
        begun = time.perf_counter()
        task.evaluate()
        task.sample()
        evaluation = time.perf_counter() - begun + 0.1  # and two files written
    return Pace(fastest, task.units_per_step, seconds[fastest], evaluation, _finish_seconds(task))


def stepping(task: Task, part: TrainingPart) -> Callable[[], None]:
    """A training step of a task, to be timed; at a learning rate of 0 it leaves the weights."""
    optimizer = optim.make_optimizer(task.model, part)
    optim.set_rate(optimizer, 0.0)

    def step() -> None:
        loss, _ = task.next_loss()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = optim.clip_gradients(task.model, part.clip)
        optim.guarded_step(optimizer, torch.isfinite(norm))

    return step


def _finish_seconds(task: CharTask) -> float:
    """The exact final losses, from a part of them."""
    model = CharLSTM.from_tensors(task.tensors())
    ids = np.asarray(task.corpus.ids[:1000])
    begun = time.perf_counter()
    score(model, ids)
    one_by_one = (time.perf_counter() - begun) / len(ids)
    block = np.resize(ids, 32 * 64)
    begun = time.perf_counter()
    score(model, block, reset=64)
    side_by_side = (time.perf_counter() - begun) / len(block)
    seconds = 0.0
    for first, last in (task.split.val, task.split.test):
        alone, together = work(model, last - first)
        seconds += alone * one_by_one + (together + last - first) * side_by_side
    return seconds
