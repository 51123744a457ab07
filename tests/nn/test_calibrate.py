"""Measuring takes little time, and on a busy machine only as many threads as have a processor."""

import dataclasses
import time
from pathlib import Path

import pytest
import torch

from lstmterm.nn import calibrate
from lstmterm.planning import machine as machines
from lstmterm.planning import processors
from tests.small import small_task

CPU = torch.device("cpu")


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of threads with which the reference model was measured."""
    counts: list[int] = []

    def rate(device: torch.device, precision: str, by: float) -> float:
        counts.append(torch.get_num_threads())
        return 50_000.0 if precision == "float32" else 10_000.0

    monkeypatch.setattr(calibrate, "_reference_rate", rate)
    return counts


@pytest.fixture(autouse=True)
def threads_of_before() -> object:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_a_disturbed_measurement_is_used_until_a_quiet_moment(
    home: Path, used: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processors, "idle", lambda: 1)
    busy = calibrate.machine(CPU, 2)
    assert busy.disturbed
    assert busy.threads == 2, "the threads that it may use, not those that it measured with"
    assert set(used) == {1}
    assert torch.get_num_threads() == 2
    measured = len(used)
    assert calibrate.machine(CPU, 2) == busy
    assert len(used) == measured, "it is known, though disturbed"
    monkeypatch.setattr(processors, "idle", lambda: 2)
    quiet = calibrate.machine(CPU, 2)
    assert not quiet.disturbed
    assert used[-1] == 2
    measured = len(used)
    monkeypatch.setattr(processors, "idle", lambda: 1)
    assert calibrate.machine(CPU, 2) == quiet
    assert len(used) == measured
    assert machines.newest() == quiet


def test_once_its_time_is_over_each_precision_is_measured_once(home: Path, used: list[int]) -> None:
    calibrate.machine(CPU, 1, by=time.monotonic())
    assert len(used) == 2
    calibrate.machine(CPU, 1, renew=True)
    assert len(used) == 6


def test_work_is_repeated_only_while_there_is_time() -> None:
    done: list[float] = []

    def work() -> None:
        time.sleep(0.02)
        done.append(time.monotonic())

    assert calibrate.seconds_each(work, CPU, 0.01, by=time.monotonic()) >= 0.02
    assert len(done) == 2, "a warm-up, and once"
    assert calibrate.seconds_each(work, CPU, 0.01) >= 0.02
    assert len(done) == 5, "a warm-up, and twice"


def test_threads_without_an_idle_processor_are_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibrate, "_PACE_SECONDS", 0.01)
    task = small_task()
    parts = [dataclasses.replace(task.spec.training, threads=count) for count in (2, 1)]
    measured: list[int] = []
    seconds_each = calibrate.seconds_each

    def timed(*arguments: object) -> float:
        measured.append(torch.get_num_threads())
        return seconds_each(*arguments)  # pyright: ignore[reportArgumentType] - passed on

    monkeypatch.setattr(calibrate, "seconds_each", timed)
    monkeypatch.setattr(processors, "idle", lambda: 1)
    assert calibrate.pace(task, parts)[1].threads == 1
    assert measured == [1]
    assert calibrate.pace(task, parts[:1])[1].threads == 2, "the only choice, by hand"
    monkeypatch.setattr(processors, "idle", lambda: 2)
    measured.clear()
    calibrate.pace(task, parts)
    assert measured == [2, 1]
    measured.clear()
    calibrate.pace(task, parts, time.monotonic())
    assert measured == [2], "no time for another"
