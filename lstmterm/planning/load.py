"""What a run uses of this machine, and what everything else does: processors and memory, from look to look."""

import os
from dataclasses import dataclass

import psutil

from lstmterm.planning import processors


@dataclass(frozen=True)
class Load:
    """How busy this machine is. What is not known is None."""

    run: float | None  # share of the usable CPUs that the run kept busy since the last look
    others: float | None  # the same of all other programs
    run_memory: int | None  # bytes
    used_memory: int  # bytes of all programs
    memory: int  # bytes that can be used


class Observer:
    """Looks at a process, which need not be a child of this one, again and again."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._before: tuple[float, float, float] | None = None

    def look(self) -> Load | None:
        """The load since the last look, or without shares at the first one; None if the process has ended."""
        try:
            process = psutil.Process(self.pid)
            times, resident = process.cpu_times(), process.memory_info().rss
        except psutil.AccessDenied:  # another user's, which some systems let nobody look at
            times = resident = None
        except psutil.Error:
            return None
        run, others = (None, None) if times is None else self._shares(times.user + times.system)
        used, memory = _memory()
        return Load(run, others, resident, used, memory)

    def _shares(self, own: float) -> tuple[float | None, float | None]:
        """The shares of the run, which has used the CPUs for `own` seconds, and of all others since the last look."""
        busy, whole = _seconds()
        before, self._before = self._before, (own, busy, whole)
        if before is None:
            return None, None
        own, busy, whole = own - before[0], busy - before[1], whole - before[2]
        if whole <= 0:  # the system does not count
            return None, None
        count, usable = os.cpu_count() or 1, processors.usable()
        run = min(max(own / whole * count / usable, 0.0), 1.0)
        if usable < count:  # it is not known which CPUs the others are on, and how many are left
            return run, None
        return run, min(max((busy - own) / whole, 0.0), 1.0 - run)


def _seconds() -> tuple[float, float]:
    """For how long all CPUs together have been busy, and in all."""
    times = psutil.cpu_times()
    # a guest's time is also the user's; what a host steals from this machine is taken by others
    whole = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
    return whole - times.idle - getattr(times, "iowait", 0.0), whole


def _memory() -> tuple[int, int]:
    """The bytes in use and those that can be used: the control group's where it has a limit, or the machine's."""
    found = psutil.virtual_memory()
    limit = processors.memory()
    used = processors.memory_used() if limit < found.total else None
    return (found.total - found.available, found.total) if used is None else (used, limit)
