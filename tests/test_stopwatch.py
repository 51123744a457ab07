import subprocess
import sys
from pathlib import Path

import pytest

from lstmterm.stopwatch import Stopwatch


class Times:
    """Clocks that stand still until they are moved."""

    def __init__(self) -> None:
        self.now = self.worked = self.waiting = 100.0
        self.watch = Stopwatch(lambda: self.now, lambda: self.worked, lambda: self.waiting)

    def after(self, seconds: float, worked: float, waited: float = 0.0, kept_waiting: float = 0.0) -> float:
        self.now += seconds
        self.worked += worked
        self.waiting += kept_waiting
        return round(self.watch.read(waited), 6)


def test_short_stretches_count_whole() -> None:
    times = Times()
    assert times.after(0.5, 0.0) == 0.5
    assert times.after(1.5, 0.1) == 2.0


def test_long_work_counts_whole() -> None:
    assert Times().after(30.0, 29.0) == 30.0
    assert Times().after(30.0, 5.0) == 30.0  # while others had the processors


def test_work_counts_whole_that_other_programs_left_hardly_any_processor() -> None:
    times = Times()
    assert times.after(30.0, 0.1, kept_waiting=29.9) == 30.0
    assert times.after(0.1, 0.0, kept_waiting=5.0) == 30.1
    assert times.after(3600.0, 0.0) <= 35.1, "and a suspension after it does not"


def test_a_suspension_does_not_count() -> None:
    times = Times()
    assert times.after(1.0, 1.0) == 1.0
    assert times.after(3600.0, 0.01) == 1.1
    assert times.after(1.0, 1.0) == 2.1


def test_what_was_waited_on_purpose_counts() -> None:
    times = Times()
    assert times.after(100.5, 0.01, waited=100.0) == 100.5
    assert times.after(3600.0, 0.0, waited=100.0) == 200.5


def test_it_can_be_restarted() -> None:
    times = Times()
    times.after(1.0, 1.0)
    times.watch.restart()
    assert times.after(0.5, 0.5) == 0.5


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="the system does not count it")
def test_a_process_waits_for_a_processor_beside_busy_ones_and_not_while_it_is_stopped() -> None:
    """Both take a second of the clock."""
    beside = subprocess.run([sys.executable, "-c", _BESIDE], capture_output=True, text=True, check=True)
    waited, stopped = map(float, beside.stdout.split())
    assert waited > 0.2
    assert stopped < 0.5


_BESIDE = """
import os, subprocess, sys, time
from lstmterm.stopwatch import kept_waiting
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(3)]
before, until = kept_waiting(), time.monotonic() + 1
while time.monotonic() < until:
    pass
for process in busy:
    process.kill()
    process.wait()
waited = kept_waiting() - before
before = kept_waiting()
subprocess.Popen(["sh", "-c", f"kill -STOP {os.getpid()}; sleep 1; kill -CONT {os.getpid()}"]).wait()
print(waited, kept_waiting() - before)
"""
