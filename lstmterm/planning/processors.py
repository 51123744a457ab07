"""How many CPUs and how much memory this process may use, and how many of the CPUs are idle."""

import contextlib
import os
import resource
import time
from collections.abc import Sequence
from pathlib import Path

PROC = Path("/proc")
CGROUP = Path("/sys/fs/cgroup")
_LOOKS = 5
_SECONDS_BETWEEN = 0.002


def allowed() -> set[int]:
    """The CPUs on which this process may run; none where the system does not say (not Linux)."""
    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()


def usable() -> int:
    """The number of CPUs that this process may use: its affinity, limited by its control group's quota."""
    count = len(allowed()) or os.cpu_count() or 1
    quota = _quota()
    return max(1, min(count, int(quota)) if quota else count)


def _quota() -> float | None:
    """The CPUs that the control group (version 2, then 1) grants; None without a limit."""
    with contextlib.suppress(OSError, ValueError):
        limit, period = (CGROUP / "cpu.max").read_text().split()
        return None if limit == "max" else float(limit) / float(period)
    with contextlib.suppress(OSError, ValueError):
        limit = float((CGROUP / "cpu/cpu.cfs_quota_us").read_text())
        period = float((CGROUP / "cpu/cpu.cfs_period_us").read_text())
        return limit / period if limit > 0 else None
    return None


def memory() -> int:
    """The bytes of memory that this process may use: the machine's, or less by its control group or a limit."""
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for name in ("memory.max", "memory/memory.limit_in_bytes"):  # of control groups of version 2, then 1
        with contextlib.suppress(OSError, ValueError):
            limits.append(int((CGROUP / name).read_text()))
    own, _ = resource.getrlimit(resource.RLIMIT_AS)
    return min(limits if own == resource.RLIM_INFINITY else [*limits, own])


def memory_used() -> int | None:
    """The bytes that the control group (version 2, then 1) uses, without cached files; None without one."""
    for used, cached, name in (
        ("memory.current", "memory.stat", "inactive_file"),
        ("memory/memory.usage_in_bytes", "memory/memory.stat", "total_inactive_file"),
    ):
        with contextlib.suppress(OSError, ValueError):
            table = dict(line.split() for line in (CGROUP / cached).read_text().splitlines())
            return max(0, int((CGROUP / used).read_text()) - int(table.get(name, 0)))
    return None


def idle() -> int:
    """The number of CPUs that this process may use and no other process is using; at least one."""
    looks = [others_running()]
    for _ in range(_LOOKS - 1):
        time.sleep(_SECONDS_BETWEEN)
        looks.append(others_running())
    return idle_beside(looks)


def idle_beside(looks: Sequence[int]) -> int:
    """As `idle`, by looks at `others_running`, whose median counts."""
    others = sorted(looks)[len(looks) // 2]
    return max(1, min(usable(), (os.cpu_count() or 1) - others))


def others_running() -> int:
    """How many threads of other processes want a CPU at this moment."""
    try:
        return max(0, _running() - _running_here())
    except (OSError, ValueError, IndexError):  # not Linux: the mean of the last minute
        return round(os.getloadavg()[0])


def _running() -> int:
    """How many threads of this machine run or wait for a CPU."""
    return int((PROC / "loadavg").read_text().split()[3].partition("/")[0])


def _running_here() -> int:
    """How many of them are of this process, this thread included."""
    states = []
    for thread in (PROC / "self/task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # ended meanwhile
            states.append((thread / "stat").read_text().rpartition(")")[2].split()[0])
    return states.count("R")
