"""Reusing freed memory: what the allocator is set to, and where it is left alone."""

import subprocess
import sys
from types import SimpleNamespace

import pytest

from lstmterm.nn import memory

REUSE = """
import resource, torch
from lstmterm.nn import memory
if {kept}:
    memory.keep_freed()
for repetition in range(40):
    if repetition == 30:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    torch.ones(10_000_000)  # 40 MB: above 32 MB the allocator always maps, unless it is set otherwise
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def test_the_allocator_keeps_large_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[int, int]] = []
    library = SimpleNamespace(mallopt=lambda *arguments: calls.append(arguments))
    monkeypatch.setattr(memory.sys, "platform", "linux")
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda _: library)
    memory.keep_freed()
    assert dict(calls) == {-4: 0, -1: 2**31 - 1, -2: 64 << 20}  # M_MMAP_MAX, M_TRIM_THRESHOLD, M_TOP_PAD


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory.sys, "platform", "linux")
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda _: SimpleNamespace())
    memory.keep_freed()


def test_other_systems_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: object) -> None:
        raise AssertionError("the C library was opened")

    monkeypatch.setattr(memory.sys, "platform", "darwin")
    monkeypatch.setattr(memory.ctypes, "CDLL", refused)
    memory.keep_freed()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the GNU C library's allocator")
def test_freed_memory_is_not_mapped_again() -> None:
    """The kernel maps and zeroes a page at its first use: page faults count how often it has to."""
    faults = {
        kept: int(subprocess.check_output([sys.executable, "-c", REUSE.format(kept=kept)]))
        for kept in (False, True)
    }
    assert faults[True] < faults[False] / 5
