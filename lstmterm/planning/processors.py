"""How many CPUs this process may use, and telling numpy's BLAS of it before it starts its threads."""

import contextlib
import os
import time
from pathlib import Path

MOST_BLAS_THREADS = 4  # a step of an LSTM is a small product, soon cut too fine


def usable() -> int:
    """The CPUs that this process may use: its affinity, cut by its control group's quota."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _quota()
    return max(1, min(count, int(quota)) if quota else count)


def _quota() -> float | None:
    """CPUs that the control group (version 2, then 1) grants; None without a limit."""
    with contextlib.suppress(OSError, ValueError):
        limit, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return None if limit == "max" else float(limit) / float(period)
    with contextlib.suppress(OSError, ValueError):
        limit = float(Path("/sys/fs/cgroup/cpu/cpu.cfs_quota_us").read_text())
        period = float(Path("/sys/fs/cgroup/cpu/cpu.cfs_period_us").read_text())
        return limit / period if limit > 0 else None
    return None


def idle() -> int:
    """The CPUs that this process may use and that nothing else is busy on; at least one."""
    return max(1, min(usable(), (os.cpu_count() or 1) - _others_running()))


def _others_running() -> int:
    """How many other threads of this machine want a CPU now: the middle of a few looks."""
    try:
        looks = []
        for _ in range(5):
            running = Path("/proc/loadavg").read_text().split()[3].partition("/")[0]
            looks.append(int(running) - 1)  # but for this one
            time.sleep(0.002)
        return sorted(looks)[len(looks) // 2]
    except (OSError, ValueError, IndexError):  # no Linux: the mean of the last minute
        return round(os.getloadavg()[0])


def limit_blas(most: int = MOST_BLAS_THREADS) -> None:
    """Give numpy's OpenBLAS as many threads as help; has an effect only before numpy is imported.

    OpenBLAS heeds affinity, but neither a container's quota nor what else runs, and its threads
    wait for each other by giving up their turn: on CPUs that are busy each small product then takes
    milliseconds instead of microseconds. So it gets idle CPUs only. A number that the person set is
    kept. What a model computes does not depend on it.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", str(min(idle(), most)))
