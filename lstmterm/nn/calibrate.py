"""How fast this machine is: measured by training for a moment.

There are two measurements. That of the machine (`machine`) trains the reference model in both
precisions, and times a matrix product; it decides the precision and feeds the plan's rules, and is kept for each
processor, device, number of threads and version of torch; one that other programs disturbed is used until a quiet
moment allows another. That of a run (`pace`) makes the same steps and
evaluations as the run, to turn its minutes into a number of steps. It is kept, too; for the next run with the same
settings a few steps show whether it still holds. On processors that others use, both
measure with as many threads as are left: more would wait for each other most of the time.
"""

import dataclasses
import hashlib
import json
import math
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from lstmterm.nn import optim
from lstmterm.nn.charlm import CharLM
from lstmterm.nn.device import autocast, precisions, use_threads
from lstmterm.nn.initial import detached
from lstmterm.nn.losses import mean_nll
from lstmterm.nn.task import AnyTask
from lstmterm.planning import machine as machines
from lstmterm.planning import paces, processors
from lstmterm.planning.machine import Machine, Precision
from lstmterm.planning.steps import Pace
from lstmterm.planning.training_time import (
    REFERENCE,
    REFERENCE_BATCHES,
    REFERENCE_VOCABULARY,
    share_of_products,
)
from lstmterm.spec.training import TrainingPart

BFLOAT16_GAIN = 1.1  # how much faster bfloat16 must be to be chosen
_MACHINE_ROUNDS = 2
_MACHINE_SECONDS = 0.15  # for each precision, in each round
_PRODUCT_SECONDS = 0.02
_PRODUCT_SIZE = 1024  # rows and columns
_PACE_SECONDS = 0.4  # of steps, for each candidate
_CHECK_SECONDS = 0.1  # of steps, where the pace is known
# A long run gains from a more exact measurement: this share of the time for measuring, and at most so many seconds,
# in several rounds, of which the median is not that of a short disturbance.
_EXACT_SHARE, _MOST_EXACT = 0.2, 4.0
_ROUNDS = 3
_HOLDS = 1.2  # times as fast or as slow as it was known: the pace still holds
_WRITING_SECONDS = 0.2  # a state and a model


def machine(device: torch.device, threads: int, *, renew: bool = False, by: float = math.inf) -> Machine:
    """The speed of this machine with at most `threads`, measured now if it is not known, or again with `renew`.

    After the time `by` (of `time.monotonic`) nothing is repeated.
    """
    use_threads(threads)
    key = _machine_key(device, threads)
    known = machines.known().get(key)
    if known is not None and known.precision not in precisions(device):  # of another processor of this name
        known = None
    if known is not None and not renew and not known.disturbed:
        return known
    free = min(threads, processors.idle()) if device.type == "cpu" else threads
    if known is not None and not renew and free < threads:
        return known
    use_threads(free)
    rates: dict[Precision, float] = dict.fromkeys(precisions(device), 0.0)
    for turn in range(_MACHINE_ROUNDS):  # in turns, and the best of each: other work only slows it down
        for precision, best in rates.items():
            if turn == 0 or time.monotonic() < by:
                rates[precision] = max(best, _reference_rate(device, precision, by))
    faster: Precision = (
        "bfloat16" if rates.get("bfloat16", 0.0) > BFLOAT16_GAIN * rates["float32"] else "float32"
    )
    share = share_of_products(rates[faster], _multiplications_per_second(device, faster, by))
    use_threads(threads)
    measured = Machine(
        str(device), threads, faster, max(1, round(rates[faster])), share, disturbed=free < threads
    )
    machines.remember(key, measured)
    return measured


def _machine_key(device: torch.device, threads: int) -> str:
    # the last words tell them from earlier measurements, which had no share of products
    return f"{processor(device)} / {device} / {threads} threads / torch {torch.__version__} / with products"


def processor(device: torch.device) -> str:
    """The name of the processor that trains."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _reference_rate(device: torch.device, precision: str, by: float) -> float:
    """Characters a second on which the reference model is trained."""
    with torch.random.fork_rng():
        model = CharLM(REFERENCE_VOCABULARY, REFERENCE).to(device)
        cut = REFERENCE_BATCHES
        block = torch.randint(REFERENCE_VOCABULARY, (cut.seq_length + 1, cut.batch_size), device=device)
        state = model.first_state(cut.batch_size)

        def next_loss() -> tuple[Tensor, int]:
            nonlocal state
            with autocast(device, precision):
                logits, after = model(block[:-1], state)
            state = detached(after)
            return mean_nll(logits, block[1:], "cross-entropy", REFERENCE_VOCABULARY), block[1:].numel()

        step = stepping(model, next_loss, TrainingPart(steps=1, evaluate_every=1))
        return cut.batch_size * cut.seq_length / seconds_each(step, device, _MACHINE_SECONDS, by)


def _multiplications_per_second(device: torch.device, precision: Precision, by: float) -> float:
    """The speed of a large matrix product."""
    one = torch.ones(_PRODUCT_SIZE, _PRODUCT_SIZE, device=device, dtype=getattr(torch, precision))
    return _PRODUCT_SIZE**3 / seconds_each(lambda: one @ one, device, _PRODUCT_SECONDS, by)


def seconds_each(
    work: Callable[[], object], device: torch.device, seconds: float, by: float = math.inf
) -> float:
    """The mean time of `work`, repeated for about `seconds` after a warm-up.

    Long work is repeated twice, but after the time `by` (of `time.monotonic`) only done once.
    """
    started = time.perf_counter()
    for _ in range(3):
        work()
        _wait(device)
        if time.perf_counter() - started > seconds / 2:
            break
    started = time.perf_counter()
    count = 0
    while (passed := time.perf_counter() - started) < seconds or count < (2 if time.monotonic() < by else 1):
        work()
        count += 1
        if count % 8 == 0:
            _wait(device)
    _wait(device)
    return max(time.perf_counter() - started, passed) / count


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def pace(
    task: AnyTask, candidates: Sequence[TrainingPart], by: float = math.inf, *, keep: bool = True
) -> tuple[TrainingPart, Pace]:
    """The candidate with the fastest steps, and the pace of a run with it; its threads are used from here on.

    With `keep`, a pace that is known from before is used if it still holds, and a new one is kept.

    `task` is used up: its position changes. More threads are not always faster: sharing a step among
    them costs waiting, which on a small model, or on a busy machine, is more than it saves. After the time `by`
    (of `time.monotonic`) only what is necessary is measured.
    """
    key = _pace_key(task, candidates) if keep else None
    longer = _longer(by)
    if key and len(_with_idle_processors(task, candidates)) == len(candidates):
        checked = _still(task, candidates, paces.known(key), max(_CHECK_SECONDS, longer / 2), by)
        if checked:
            return checked
    seconds = _steps_seconds(task, candidates, longer, by)
    handicap = {"bfloat16": BFLOAT16_GAIN}
    best = min(seconds, key=lambda part: seconds[part] * handicap.get(part.precision, 1.0))
    use_threads(best.threads)
    task.spec = dataclasses.replace(task.spec, training=best)
    evaluation, finish = evaluation_seconds(task), task.finish_seconds()
    measured = Pace(
        best.threads, task.units_per_step, seconds[best], evaluation, finish, precision=best.precision
    )
    if key and len(seconds) == len(candidates):
        paces.remember(key, measured)
    return best, measured


def _longer(by: float) -> float:
    """How long an exact measurement of steps takes, where measuring ends at the time `by`."""
    return min(_EXACT_SHARE * (by - time.monotonic()), _MOST_EXACT) if math.isfinite(by) else 0.0


def _steps_seconds(
    task: AnyTask, candidates: Sequence[TrainingPart], longer: float, by: float
) -> dict[TrainingPart, float]:
    """The time of a step of each candidate whose threads all have an idle processor.

    Where there are `longer` seconds for each, they are measured in turns, and the medians count. After the time `by`
    only one is measured.
    """
    rounds = _ROUNDS if longer >= _ROUNDS * _PACE_SECONDS else 1
    seconds = max(_PACE_SECONDS, longer / rounds)
    measured: dict[TrainingPart, list[float]] = {}
    for turn in range(rounds + 1):
        for part in _with_idle_processors(task, candidates) or candidates:
            if measured and time.monotonic() > by:
                break
            if turn < rounds or part not in measured:  # another program took its processor for a moment
                measured.setdefault(part, []).append(_step_seconds(task, part, seconds, by))
    return {part: statistics.median(times) for part, times in measured.items()}


def _with_idle_processors(task: AnyTask, candidates: Sequence[TrainingPart]) -> Sequence[TrainingPart]:
    """The candidates whose threads all have an idle processor at this moment."""
    free = processors.idle() if task.device.type == "cpu" else math.inf
    return [part for part in candidates if part.threads <= free]


def _pace_key(task: AnyTask, candidates: Sequence[TrainingPart]) -> str:
    """What a pace depends on: the machine, and all settings but those that change no time."""
    spec = task.spec.to_dict()
    fixed = {k: v for k, v in spec.items() if k not in ("name", "training")}
    training = {
        k: v for k, v in spec["training"].items() if k not in ("seed", "minutes", "threads", "precision")
    }
    choices = [(part.threads, part.precision) for part in candidates]
    machine = _machine_key(task.device, max(part.threads for part in candidates))
    return hashlib.sha256(json.dumps([machine, fixed, training, choices]).encode()).hexdigest()


def _still(
    task: AnyTask, candidates: Sequence[TrainingPart], known: Pace | None, seconds: float, by: float
) -> tuple[TrainingPart, Pace] | None:
    """The candidate of a known pace, and that pace as the steps of some seconds show it now; None if it does not hold."""
    if known is None:
        return None
    choice = known.threads, known.precision
    part = next((part for part in candidates if (part.threads, part.precision) == choice), None)
    if part is None:
        return None
    share = _step_seconds(task, part, seconds, by) / known.step
    if not 1 / _HOLDS <= share <= _HOLDS:
        return None
    share = (1 + share) / 2  # a few steps are less exact than those of before
    times = {name: share * getattr(known, name) for name in ("step", "evaluation", "finish")}
    return part, dataclasses.replace(known, **times)


def _step_seconds(task: AnyTask, part: TrainingPart, seconds: float, by: float) -> float:
    """The mean time of a training step of `part`, over about so many seconds."""
    use_threads(part.threads)
    task.spec = dataclasses.replace(task.spec, training=part)
    return seconds_each(stepping(task.model, task.next_loss, part), task.device, seconds, by)


def evaluation_seconds(task: AnyTask) -> float:
    """Seconds for an evaluation, with its sample and the two files that it writes."""
    task.model.eval()
    with torch.no_grad():
        seconds = task.evaluation_seconds()
        started = time.perf_counter()
        task.sample()
        return seconds + time.perf_counter() - started + _WRITING_SECONDS


def stepping(
    model: nn.Module, next_loss: Callable[[], tuple[Tensor, int]], part: TrainingPart
) -> Callable[[], None]:
    """A training step, to be timed; at a learning rate of 0 it does not change the weights."""
    optimizer = optim.make_optimizer(model, part)
    optimizer.set_rate(0.0)

    def step() -> None:
        loss, _ = next_loss()
        optimizer.forget_gradients()
        loss.backward()
        norm = optim.clip_gradients(model, part.clip)
        optim.guarded_step(optimizer, torch.isfinite(norm))

    return step
