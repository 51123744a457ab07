"""How busy the machine is, with a run and with other programs."""

import os
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from lstmterm.planning import load, processors
from lstmterm.planning.load import Observer


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> SimpleNamespace:
    """Two CPUs; seconds of the run, of all programs, and in all, that a test moves on."""
    now = SimpleNamespace(run=0.0, busy=0.0, whole=0.0)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(processors, "usable", lambda: 2)
    monkeypatch.setattr(processors, "CGROUP", tmp_path)
    monkeypatch.setattr(load, "_seconds", lambda: (now.busy, now.whole))
    times = lambda _: SimpleNamespace(user=now.run, system=0.0)  # noqa: E731
    monkeypatch.setattr(psutil.Process, "cpu_times", times)
    return now


def test_shares_are_those_since_the_last_look(machine: SimpleNamespace) -> None:
    observer = Observer(os.getpid())
    first = observer.look()
    assert first is not None
    assert (first.run, first.others) == (None, None)
    machine.run, machine.busy, machine.whole = 1.0, 1.5, 2.0  # a second of two CPUs
    second = observer.look()
    assert second is not None
    assert (second.run, second.others) == (0.5, 0.25)


def test_in_a_part_of_the_machine_nothing_is_said_of_others(
    machine: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processors, "usable", lambda: 1)
    observer = Observer(os.getpid())
    observer.look()
    machine.run, machine.busy, machine.whole = 0.5, 1.5, 2.0
    found = observer.look()
    assert found is not None
    assert (found.run, found.others) == (0.5, None)


def test_memory_is_that_of_the_run_and_of_the_machine(machine: SimpleNamespace) -> None:
    found = Observer(os.getpid()).look()
    assert found is not None
    assert 1_000_000 < (found.run_memory or 0) < found.memory
    assert 0 < found.used_memory <= found.memory


def test_memory_of_a_control_group_counts_no_cached_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processors, "CGROUP", tmp_path)
    assert processors.memory_used() is None
    (tmp_path / "memory.current").write_text("5000\n")
    (tmp_path / "memory.max").write_text("9000\n")
    (tmp_path / "memory.stat").write_text("anon 3000\ninactive_file 2000\n")
    assert processors.memory_used() == 3000
    found = Observer(os.getpid()).look()
    assert found is not None
    assert (found.used_memory, found.memory) == (3000, 9000)


def test_a_process_that_ended_has_no_load(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_: object) -> None:
        raise psutil.NoSuchProcess(1)

    monkeypatch.setattr(psutil.Process, "cpu_times", gone)
    assert Observer(os.getpid()).look() is None
