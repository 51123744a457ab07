"""Device, threads and precision of training."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import torch
from torch import nn

from lstmterm.errors import InputError
from lstmterm.nn import memory
from lstmterm.planning import processors
from lstmterm.planning.machine import Precision

TORCH_VERSION = str(torch.__version__)


def choose_device(name: str) -> torch.device:
    """Return the device of a `--device` value: `auto` prefers CUDA, then Apple's MPS, then the CPU.

    Raises `InputError` for a device that is unknown or not available here.
    """
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError:
        raise InputError(f"--device must be auto, cpu, cuda, cuda:N or mps (got {name!r}).") from None
    if device.type not in ("cpu", "cuda", "mps"):
        raise InputError(f"--device must be auto, cpu, cuda, cuda:N or mps (got {name!r}).")
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise InputError(f"{name} is not available here (--device auto uses what is).")
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise InputError("MPS is not available here (--device auto uses what is).")
    return device


def use_threads(count: int) -> None:
    """Make torch use `count` threads, and reuse the memory that it frees."""
    memory.keep_freed()
    torch.set_num_threads(count)


def checked_threads(asked: int | None, processes: int = 1) -> int:
    """Return the requested threads, or an equal share of the usable cores for each of `processes`.

    Raises `InputError` for more threads than CPUs.
    """
    if asked and asked > (os.cpu_count() or 1):
        raise InputError(
            f"--threads must be at most {os.cpu_count()}, the CPUs of this machine (got {asked})."
        )
    return asked or max(1, processors.usable() // processes)


@dataclass(frozen=True)
class Need:
    """What training must hold in memory at least, in numbers of four bytes, and how to make it less.

    Counted are four numbers per weight (the weight, its gradient and the optimizer's two) and, for each
    character or word of a step, the gates, cell and hidden state of each layer, the outputs and their gradient.
    """

    numbers: int  # without those in the next line
    of_vocabulary: int  # that grow with the size of the vocabulary
    smaller: str  # what to do with the settings, to make it smaller
    fewer: str  # what makes the vocabulary smaller


def refuse_too_large(need: Need, device: torch.device) -> None:
    """Raise `InputError` for a model whose training cannot fit in memory, by a low estimate."""
    needed = 4 * (need.numbers + need.of_vocabulary)
    there = _memory(device)
    if needed > there:
        advice = f"use a smaller model or batch ({need.smaller})"
        if 8 * need.of_vocabulary > needed:
            advice += f", or {need.fewer}"
        raise InputError(
            f"Training needs at least {needed / 1e9:,.3g} GB of memory, but at most {there / 1e9:,.3g} GB can be "
            f"used here; {advice}."
        )


def _memory(device: torch.device) -> int:
    """Return the memory of the device in bytes that this process may use."""
    if device.type == "cuda":
        return torch.cuda.get_device_properties(device).total_memory
    return processors.memory()


def occupied(device: torch.device) -> tuple[int, int, int] | None:
    """Return the bytes of a GPU's memory that this process has reserved, that all use, and in all; else None."""
    if device.type != "cuda":
        return None
    free, memory = torch.cuda.mem_get_info(device)
    return torch.cuda.memory_reserved(device), memory - free, memory


@cache
def precisions(device: torch.device) -> Sequence[Precision]:
    """Return the precisions at which an LSTM can be trained here: many processors have no bfloat16 for it."""
    with torch.random.fork_rng():
        lstm = nn.LSTM(8, 8, device=device)
    try:
        with autocast(device, "bfloat16"):
            lstm(torch.zeros(1, 1, 8, device=device))[0].float().sum().backward()
    except RuntimeError:
        return ("float32",)
    return ("float32", "bfloat16")


def refuse_precision(device: torch.device, precision: str) -> None:
    """Raise `InputError` for a precision at which no LSTM can be trained here."""
    if precision not in ("auto", *precisions(device)):
        raise InputError(
            f"The {device.type.upper()} of this machine cannot train an LSTM in {precision} "
            "(--precision float32 works on every machine)."
        )


def autocast(device: torch.device, precision: str) -> torch.autocast:
    """Return the context for forward passes at `precision` ("float32" or "bfloat16").

    torch's cache of cast weights is off: all threads would share it, and each weight is used only once.
    """
    return torch.autocast(device.type, torch.bfloat16, enabled=precision == "bfloat16", cache_enabled=False)
