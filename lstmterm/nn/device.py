"""Where the training runs: device, threads and precision."""

import os

import torch

from lstmterm.errors import InputError
from lstmterm.nn import memory
from lstmterm.planning import processors
from lstmterm.spec.character import CharSpec

TORCH_VERSION = str(torch.__version__)


def choose_device(name: str) -> torch.device:
    """The device of a `--device` value: `auto` takes CUDA, then Apple's MPS, then the CPU.

    Raises `InputError` for a device that is unknown, or not on this machine.
    """
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError:
        raise InputError(f"--device is {name!r}; it is auto, cpu, cuda, cuda:N or mps.") from None
    if device.type not in ("cpu", "cuda", "mps"):
        raise InputError(f"--device is {name!r}; it is auto, cpu, cuda, cuda:N or mps.")
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise InputError(f"This machine offers no {name} to this torch; --device auto takes what there is.")
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise InputError("This machine offers no mps to this torch; --device auto takes what there is.")
    return device


def use_threads(count: int) -> None:
    """Let torch compute with `count` threads, and reuse the memory that it frees."""
    memory.keep_freed()
    torch.set_num_threads(count)


def checked_threads(asked: int | None, processes: int = 1) -> int:
    """The threads that were asked for, or all usable ones shared by so many processes.

    Raises `InputError` for more than there are CPUs.
    """
    if asked and asked > (os.cpu_count() or 1):
        raise InputError(f"--threads is {asked}, but this machine has {os.cpu_count()} CPUs; leave it out.")
    return asked or max(1, processors.usable() // processes)


def refuse_too_large(spec: CharSpec, symbols: int, device: torch.device, shares: int = 1) -> None:
    """Raise `InputError` for a model whose training cannot fit in memory, by a low estimate.

    Counted are four numbers a weight (itself, its gradient, the optimizer's two), and of every
    character in a step the gates, cell and hidden state of each layer and the logits; `shares` is
    among how many devices the characters are divided.
    """
    model, cut = spec.model, spec.batches
    inputs = [model.embedding or symbols, *[model.hidden] * (model.layers - 1)]
    weights = sum(4 * model.hidden * (width + model.hidden) for width in inputs) + model.hidden * symbols
    kept = cut.batch_size * cut.seq_length * (6 * model.hidden * model.layers + symbols)
    needed, there = 4 * (4 * weights + kept // shares), _memory(device)
    if needed > there:
        raise InputError(
            f"Training this needs at least {needed / 1e9:,.0f} GB of memory, and there are {there / 1e9:,.0f} GB; "
            "make --hidden, --layers, --batch-size or --seq-length smaller."
        )


def _memory(device: torch.device) -> int:
    """Bytes of memory where the training runs."""
    if device.type == "cuda":
        return torch.cuda.get_device_properties(device).total_memory
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def autocast(device: torch.device, precision: str) -> torch.autocast:
    """The context in which forward passes run at `precision` ("float32" or "bfloat16")."""
    return torch.autocast(device.type, torch.bfloat16, enabled=precision == "bfloat16")
