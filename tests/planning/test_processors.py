"""CPUs that may be used, and those of them that are idle."""

import os
import resource
import threading
from pathlib import Path

import pytest

from lstmterm.planning import processors


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Eight CPUs, all of which this process may use, and nothing else running; files for /proc and the cgroup."""
    monkeypatch.setattr(processors, "PROC", tmp_path / "proc")
    monkeypatch.setattr(processors, "CGROUP", tmp_path / "cgroup")
    monkeypatch.setattr(processors, "_SECONDS_BETWEEN", 0)
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    running(tmp_path, everywhere=1, here=1)
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def running(machine: Path, everywhere: int, here: int) -> None:
    """So many threads run on the machine, and so many of them are this process's, beside three that sleep."""
    write(machine / "proc/loadavg", f"0.52 0.40 0.31 {everywhere}/612 4711\n")
    for thread in range(here + 3):
        state = "R" if thread < here else "S"
        write(machine / f"proc/self/task/{thread}/stat", f"{thread} (odd) R name) {state} 1 2 3\n")


def test_affinity_is_heeded(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert processors.usable() == 8
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {2, 5, 6})
    assert processors.usable() == 3
    monkeypatch.delattr(os, "sched_getaffinity")  # macOS has none
    assert processors.usable() == 8
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert processors.usable() == 1


@pytest.mark.parametrize(
    ("limit", "expected"),
    [("max 100000", 8), ("400000 100000", 4), ("250000 100000", 2), ("50000 100000", 1), ("9900000 100000", 8),
     ("nonsense", 8)],
)  # fmt: skip
def test_the_quota_of_a_control_group_is_heeded(machine: Path, limit: str, expected: int) -> None:
    write(machine / "cgroup/cpu.max", limit)
    assert processors.usable() == expected


@pytest.mark.parametrize(("quota", "expected"), [("-1", 8), ("300000", 3), ("?", 8)])
def test_so_is_that_of_version_1(machine: Path, quota: str, expected: int) -> None:
    write(machine / "cgroup/cpu/cpu.cfs_quota_us", quota)
    write(machine / "cgroup/cpu/cpu.cfs_period_us", "100000")
    assert processors.usable() == expected


@pytest.mark.parametrize(
    ("everywhere", "here", "expected"), [(1, 1, 8), (4, 1, 5), (4, 4, 8), (12, 1, 1), (1, 3, 8)]
)
def test_what_other_processes_use_is_not_idle(
    machine: Path, everywhere: int, here: int, expected: int
) -> None:
    running(machine, everywhere, here)
    assert processors.idle() == expected


def test_idle_cpus_are_usable_ones(machine: Path) -> None:
    write(machine / "cgroup/cpu.max", "200000 100000")
    running(machine, everywhere=4, here=1)
    assert processors.idle() == 2


def test_one_short_moment_does_not_count(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = iter([1, 8, 1, 8, 1])
    monkeypatch.setattr(processors, "_running", lambda: next(looks))
    assert processors.idle() == 8


def test_without_proc_the_load_average_serves(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (machine / "proc/loadavg").unlink()
    monkeypatch.setattr(os, "getloadavg", lambda: (2.6, 9.0, 9.0))
    assert processors.idle() == 5


def test_the_threads_of_this_process_are_left_out() -> None:
    """On the machine as it is: a busy thread here leaves as many CPUs idle."""
    if not processors.PROC.exists():
        pytest.skip("only Linux has /proc")
    stop = threading.Event()

    def spin() -> None:
        while not stop.is_set():
            pass

    busy = threading.Thread(target=spin)
    busy.start()
    seen = {processors._running_here() for _ in range(50)}
    stop.set()
    busy.join()
    assert min(seen) >= 1
    assert 1 <= processors.idle() <= processors.usable()


def test_memory_is_limited_by_the_control_group(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = processors.memory()
    write(machine / "cgroup/memory.max", "max\n")
    assert processors.memory() == whole > 0
    write(machine / "cgroup/memory.max", "268435456\n")
    assert processors.memory() == 268_435_456
    write(machine / "cgroup/memory/memory.limit_in_bytes", "134217728\n")
    assert processors.memory() == 134_217_728
    monkeypatch.setattr(resource, "getrlimit", lambda _: (100_000_000, resource.RLIM_INFINITY))
    assert processors.memory() == 100_000_000
