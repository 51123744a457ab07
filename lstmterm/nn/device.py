"""Where the training runs: device, threads and precision."""

import contextlib
import os
from pathlib import Path

import torch

from lstmterm.errors import InputError

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


def usable_threads() -> int:
    """The CPUs that this process may use: its affinity, cut by its cgroup's quota."""
    known = hasattr(os, "sched_getaffinity")  # not on macOS
    count = len(os.sched_getaffinity(0)) if known else os.cpu_count() or 1
    quota = _cgroup_quota()
    return max(1, min(count, int(quota)) if quota else count)


def _cgroup_quota() -> float | None:
    """CPUs that the control group (version 2, then 1) grants; None without a limit."""
    with contextlib.suppress(OSError, ValueError):
        limit, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return None if limit == "max" else float(limit) / float(period)
    with contextlib.suppress(OSError, ValueError):
        limit = float(Path("/sys/fs/cgroup/cpu/cpu.cfs_quota_us").read_text())
        period = float(Path("/sys/fs/cgroup/cpu/cpu.cfs_period_us").read_text())
        return limit / period if limit > 0 else None
    return None


def autocast(device: torch.device, precision: str) -> torch.autocast:
    """The context in which forward passes run at `precision` ("float32" or "bfloat16")."""
    return torch.autocast(device.type, torch.bfloat16, enabled=precision == "bfloat16")
