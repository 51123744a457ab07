"""The number of threads follows the speed of the run and what other programs leave of the processors."""

import os
from collections.abc import Callable

import pytest

from lstmterm.nn import threads
from lstmterm.nn.threads import LONGEST_WAIT, LOOK_EVERY, SHORTEST_WAIT, ThreadWatch
from lstmterm.planning import processors


class Machine:
    """A machine of several processors, and the speed of a run on it by its number of threads."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.others = 0
        self.now = 0.0
        self.speed: Callable[[int], float] = self.usual
        self.watch = ThreadWatch(count, count, lambda: self.others, lambda: self.now)

    def usual(self, used: int) -> float:
        """Each processor adds to the speed; a thread without one of its own makes all others wait."""
        return 1000.0 * used**0.5 if used <= self.count - self.others else 50.0 * used

    def train(self, seconds: float) -> list[int]:
        """Train for as long, in steps of at most 0.1 s; the numbers of threads used, without repetitions."""
        used = [self.watch.threads]
        end = self.now + seconds
        while self.now < end:
            took = 100 / self.speed(self.watch.threads)
            self.now += took
            self.watch.after_step(100, took)
            if self.watch.threads != used[-1]:
                used.append(self.watch.threads)
        return used


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Machine]:
    def of(count: int) -> Machine:
        monkeypatch.setattr(os, "cpu_count", lambda: count)
        monkeypatch.setattr(processors, "usable", lambda: count)
        return Machine(count)

    return of


def test_on_a_quiet_machine_it_never_changes(machine: Callable[[int], Machine]) -> None:
    assert machine(2).train(300) == [2]


def test_it_falls_within_a_second_when_another_program_starts_and_rises_when_it_ends(
    machine: Callable[[int], Machine],
) -> None:
    here = machine(2)
    here.train(30)
    here.others = 1
    start = here.now
    assert here.train(3) == [2, 1]
    assert here.now - start >= 3
    assert here.train(100) == [1], "no trial while no processor is idle"
    here.others = 0
    assert here.train(5) == [1, 2]


def test_of_many_processors_only_those_that_others_use_are_left_out(
    machine: Callable[[int], Machine],
) -> None:
    here = machine(8)
    here.train(10)
    here.others = 2
    assert here.train(10)[-1] == 6
    here.others = 0
    assert here.train(10)[-1] == 8


def test_a_fall_that_fewer_threads_do_not_mend_is_tried_ever_less_often(
    machine: Callable[[int], Machine],
) -> None:
    here = machine(2)
    here.train(10)
    here.speed = lambda used: 300.0 * used  # a slower clock of the processor: two threads are still faster
    first, later = here.train(60), here.train(600)
    assert first[-1] == later[-1] == 2
    assert len(first) // 2 <= 6
    assert len(later) // 2 <= 600 / LONGEST_WAIT + 1


def test_a_program_that_gives_way_leaves_all_threads(machine: Callable[[int], Machine]) -> None:
    here = machine(2)
    here.others = 1
    here.speed = lambda used: 1000.0 * used**0.5  # niced: it takes nothing
    assert here.train(60)[-1] == 2


def test_one_slow_look_among_many_changes_nothing(machine: Callable[[int], Machine]) -> None:
    here = machine(2)
    here.train(10)
    here.speed = lambda _: 1000.0  # 0.71 of the usual
    assert here.train(LOOK_EVERY) == [2]
    here.speed = here.usual
    assert here.train(100) == [2]


def test_a_number_set_by_hand_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = ThreadWatch(2, 0, lambda: 5)
    for speed in (1000, 10, 10, 10):
        watch.after_step(100, 100 / speed)
    assert watch.threads == 2
    assert not watch.adjusts


def test_a_resumed_run_continues_with_the_saved_number(monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[int] = []
    monkeypatch.setattr(threads, "use_threads", used.append)
    assert ThreadWatch(2, 2).resume(1) == 1
    assert ThreadWatch(2, 2).resume(0) == 2, "a state of an older version doesn't say"
    assert ThreadWatch(2, 0).resume(1) == 2, "a number set by hand stays"
    assert used == [1]
    assert SHORTEST_WAIT < LONGEST_WAIT


def test_a_short_look_of_others_at_the_start_changes_nothing(machine: Callable[[int], Machine]) -> None:
    here = machine(2)
    here.others = 1
    here.speed = lambda used: 1000.0
    assert here.train(LOOK_EVERY) == [2]
    here.others = 0
    assert here.train(100) == [2]


def test_a_run_that_starts_on_a_busy_machine_falls_after_its_first_long_step(
    machine: Callable[[int], Machine],
) -> None:
    here = machine(2)
    here.others = 1
    here.speed = lambda used: 1000.0 if used == 1 else 30.0  # a step of three seconds
    assert here.train(4) == [2, 1]
