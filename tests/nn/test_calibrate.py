"""Measuring takes little time, and on a busy machine only as many threads as have a processor."""

import dataclasses
import json
import math
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from lstmterm import paths
from lstmterm.nn import calibrate
from lstmterm.planning import machine as machines
from lstmterm.planning import paces, processors
from lstmterm.planning.steps import Pace
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
    monkeypatch.setattr(calibrate, "precisions", lambda device: ("float32", "bfloat16"))
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


def test_a_precision_that_this_processor_lacks_is_neither_measured_nor_remembered(
    home: Path, used: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another processor of the same name had it."""
    monkeypatch.setattr(calibrate, "BFLOAT16_GAIN", 0.1)
    assert calibrate.machine(CPU, 1).precision == "bfloat16"
    monkeypatch.setattr(calibrate, "precisions", lambda device: ("float32",))
    used.clear()
    assert calibrate.machine(CPU, 1).precision == "float32"
    assert len(used) == 2, "float32, twice"
    assert calibrate.machine(CPU, 1).precision == "float32"
    assert len(used) == 2


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
    calibrate.pace(task, parts, keep=False)
    assert measured == [2, 1]
    measured.clear()
    calibrate.pace(task, parts, time.monotonic(), keep=False)
    assert measured == [2], "no time for another"


def test_a_disturbance_of_a_moment_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    task = small_task()
    parts = [dataclasses.replace(task.spec.training, threads=count) for count in (2, 1)]
    idle, took = iter([1, 2, 2]), iter([0.4, 0.2])
    monkeypatch.setattr(processors, "idle", lambda: next(idle))
    monkeypatch.setattr(calibrate, "seconds_each", lambda *_: next(took))
    part, pace = calibrate.pace(task, parts, keep=False)
    assert (part.threads, pace.step) == (2, 0.2), "the second processor was in use for a moment"
    idle, took = iter([2, 1, 2, 2]), iter([0.2, 0.4, 0.9, 0.22, 0.4])
    part, pace = calibrate.pace(task, parts, time.monotonic() + 60, keep=False)
    assert (part.threads, pace.step) == (2, pytest.approx(0.21)), "it was in use in one of three rounds"
    idle, took = iter([2, 2, 2, 2]), iter([0.2, 0.4, 0.9, 0.9, 0.22, 0.4])
    part, pace = calibrate.pace(task, parts, time.monotonic() + 60, keep=False)
    assert (part.threads, pace.step) == (2, 0.22), "another program ran in one of three rounds"


def test_a_known_pace_is_checked_by_a_few_steps_and_measured_again_where_it_does_not_hold(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processors, "idle", lambda: 2)
    took = {2: 0.5, 1: 0.4}
    measured: list[tuple[int, float]] = []

    def seconds_each(work: object, device: object, seconds: float, by: float) -> float:
        measured.append((torch.get_num_threads(), seconds))
        return took[torch.get_num_threads()]

    monkeypatch.setattr(calibrate, "seconds_each", seconds_each)

    def measure(by: float = math.inf, **changes: int) -> Pace:
        measured.clear()
        task = small_task()
        training = dataclasses.replace(task.spec.training, **changes)
        task.spec = dataclasses.replace(task.spec, training=training)
        parts = [dataclasses.replace(training, threads=count) for count in (2, 1)]
        part, pace = calibrate.pace(task, parts, by)
        assert part.threads == pace.threads == torch.get_num_threads()
        return pace

    whole, short = calibrate._PACE_SECONDS, calibrate._CHECK_SECONDS
    first = measure(seed=1)
    assert measured == [(2, whole), (1, whole)]
    assert (first.threads, first.step) == (1, 0.4)
    took[1] = 0.44
    again = measure(seed=2)
    assert measured == [(1, short)], "another seed takes as long"
    assert again.step == pytest.approx(0.42)
    assert again.evaluation == pytest.approx(1.05 * first.evaluation)
    took[1] = 0.6
    other = measure(seed=1)
    assert measured == [(1, short), (2, whole), (1, whole)], "the machine became slower"
    assert (other.threads, other.step) == (2, 0.5)
    measure(clip=0)
    assert measured == [(2, whole), (1, whole)], "other settings"
    clock = SimpleNamespace(monotonic=lambda: 3 * len(measured), perf_counter=time.perf_counter)
    monkeypatch.setattr(calibrate, "time", clock)
    measure(by=45, clip=3)
    assert measured == 3 * [(2, 4.0 / 3), (1, 4.0 / 3)], "a long run has time for an exact measurement"
    measure(by=10, clip=3)
    assert measured == [(2, 1.0)], "and for an exact check"
    measure(by=5, clip=2)  # the second measurement ends after this time
    measure(clip=2)
    assert measured == [(2, short)], "a late measurement is kept"
    monkeypatch.setattr(processors, "idle", lambda: 1)
    measure(seed=1)
    assert measured == [(1, whole)], "other programs take a processor"


def test_a_damaged_pace_is_measured_again(home: Path) -> None:
    pace = Pace(1, 100, 0.1, 0.2, 0.3, precision="bfloat16")
    paces.remember("here", pace)
    assert paces.known("here") == pace
    assert paces.known("elsewhere") is None
    for i in range(200):
        paces.remember(str(i), pace)
    assert paces.known("here") is None, "only the newest are kept"
    paths.paces().write_text(json.dumps({"here": {"threads": 1, "step": -1}}))
    assert paces.known("here") is None
    paths.paces().write_text("{")
    assert paces.known("here") is None
