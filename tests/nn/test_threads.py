"""How threads share a step follows the speed of the run and what other programs leave of the processors."""

import os
from collections.abc import Callable

import pytest

from lstmterm.nn.threads import LONGEST_WAIT, LOOK_EVERY, ThreadWatch, Way
from lstmterm.planning import processors


class Machine:
    """A machine of several processors, and the speed of a run on it by how its threads share a step."""

    def __init__(self, count: int, *, can_work_apart: bool = False) -> None:
        self.count = count
        self.others = 0
        self.now = 0.0
        self.speed: Callable[[int], float] = self.usual
        self.speed_apart: Callable[[], float] = self.usual_apart
        self.watch = ThreadWatch(count, count, can_work_apart, lambda: self.others, lambda: self.now)

    def usual(self, used: int) -> float:
        """Each processor adds to the speed; a thread without one of its own makes all others wait."""
        return 1000.0 * used**0.5 if used <= self.count - self.others else 50.0 * used

    def usual_apart(self) -> float:
        """Threads that work apart lose what others take, and a tenth for small pieces."""
        return 0.9 * 1000.0 * self.count**0.5 * self.count / (self.count + self.others)

    def ways(self, seconds: float) -> list[Way]:
        """Train for as long, in steps of at most 0.1 s; the ways of sharing them, without repetitions."""
        used = [self.watch.way]
        end = self.now + seconds
        while self.now < end:
            took = 100 / (self.speed_apart() if self.watch.way.apart else self.speed(self.watch.way.threads))
            self.now += took
            self.watch.after_step(100, took)
            if self.watch.way != used[-1]:
                used.append(self.watch.way)
        return used

    def train(self, seconds: float) -> list[int]:
        """The same of a run whose threads never work apart: their numbers."""
        ways = self.ways(seconds)
        assert not any(way.apart for way in ways)
        return [way.threads for way in ways]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Machine]:
    def of(count: int, *, can_work_apart: bool = False) -> Machine:
        monkeypatch.setattr(os, "cpu_count", lambda: count)
        monkeypatch.setattr(processors, "usable", lambda: count)
        return Machine(count, can_work_apart=can_work_apart)

    return of


def test_on_a_quiet_machine_it_never_changes(machine: Callable[..., Machine]) -> None:
    assert machine(2).train(300) == [2]


def test_it_falls_within_a_second_when_another_program_starts_and_rises_when_it_ends(
    machine: Callable[..., Machine],
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
    machine: Callable[..., Machine],
) -> None:
    here = machine(8)
    here.train(10)
    here.others = 2
    assert here.train(10)[-1] == 6
    here.others = 0
    assert here.train(10)[-1] == 8


def test_a_fall_that_fewer_threads_do_not_mend_is_tried_ever_less_often(
    machine: Callable[..., Machine],
) -> None:
    here = machine(2)
    here.train(10)
    here.speed = lambda used: 300.0 * used  # a slower clock of the processor: two threads are still faster
    first, later = here.train(60), here.train(600)
    assert first[-1] == later[-1] == 2
    assert len(first) // 2 <= 6
    assert len(later) // 2 <= 600 / LONGEST_WAIT + 1


def test_a_program_that_gives_way_leaves_all_threads(machine: Callable[..., Machine]) -> None:
    here = machine(2)
    here.others = 1
    here.speed = lambda used: 1000.0 * used**0.5  # niced: it takes nothing
    assert here.train(60)[-1] == 2


def test_one_slow_look_among_many_changes_nothing(machine: Callable[..., Machine]) -> None:
    here = machine(2)
    here.train(10)
    here.speed = lambda _: 1000.0  # 0.71 of the usual
    assert here.train(LOOK_EVERY) == [2]
    here.speed = here.usual
    assert here.train(100) == [2]


def test_a_number_set_by_hand_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    for can_work_apart in (False, True):
        watch = ThreadWatch(2, 0, can_work_apart, lambda: 5)
        for speed in (1000, 10, 10, 10):
            watch.after_step(100, 100 / speed)
        assert watch.way == Way(2)
        assert not watch.adjusts


@pytest.mark.parametrize(
    ("most", "can_work_apart", "saved", "continued"),
    [
        (2, False, Way(1), Way(1)),
        (2, False, Way(0), Way(2)),  # a state of an older version doesn't say
        (0, False, Way(1), Way(2)),  # a number set by hand stays
        (2, True, Way(2, apart=True), Way(2, apart=True)),
        (2, True, Way(2), Way(2)),
        (2, False, Way(2, apart=True), Way(2)),
        (0, True, Way(2, apart=True), Way(2)),
    ],
)
def test_a_resumed_run_continues_in_the_saved_way(
    most: int, can_work_apart: bool, saved: Way, continued: Way
) -> None:
    watch = ThreadWatch(2, most, can_work_apart)
    watch.resume(saved)
    assert watch.way == continued


def test_a_short_look_of_others_at_the_start_changes_nothing(machine: Callable[..., Machine]) -> None:
    here = machine(2)
    here.others = 1
    here.speed = lambda used: 1000.0
    assert here.train(LOOK_EVERY) == [2]
    here.others = 0
    assert here.train(100) == [2]


def test_a_run_that_starts_on_a_busy_machine_falls_after_its_first_long_step(
    machine: Callable[..., Machine],
) -> None:
    here = machine(2)
    here.others = 1
    here.speed = lambda used: 1000.0 if used == 1 else 30.0  # a step of three seconds
    assert here.train(4) == [2, 1]


# Apart

TOGETHER, APART = Way(2), Way(2, apart=True)


def test_threads_work_apart_beside_another_program_and_together_again_when_it_ends(
    machine: Callable[..., Machine],
) -> None:
    here = machine(2, can_work_apart=True)
    assert here.ways(60) == [TOGETHER]
    for others in (1, 2):
        here.others = others
        assert here.ways(3) == [TOGETHER, APART]
        assert here.ways(100) == [APART]
        here.others = 0
        assert here.ways(5) == [APART, TOGETHER]


def test_threads_stay_apart_on_a_quiet_machine_where_that_is_as_fast(machine: Callable[..., Machine]) -> None:
    here = machine(2, can_work_apart=True)
    here.others = 1
    here.ways(10)
    here.others = 0
    here.speed_apart = lambda: here.usual(2)
    ways = here.ways(600)
    assert ways[0] == ways[-1] == APART
    assert len(ways) // 2 <= 15, "tried ever less often"


def test_threads_work_together_again_where_apart_is_slower_beside_others(
    machine: Callable[..., Machine],
) -> None:
    here = machine(2, can_work_apart=True)
    here.others = 1
    here.speed, here.speed_apart = (lambda used: 1000.0), (lambda: 900.0)
    ways = here.ways(300)
    assert ways[0] == ways[-1] == TOGETHER
    assert len(ways) // 2 <= 12


def test_a_run_that_was_measured_on_a_busy_machine_tries_to_work_apart(
    machine: Callable[..., Machine],
) -> None:
    here = machine(2, can_work_apart=True)
    here.watch = ThreadWatch(1, 2, can_work_apart=True, others=lambda: here.others, clock=lambda: here.now)
    here.others, here.speed_apart = 1, lambda: 1200.0
    assert here.ways(3) == [Way(1), APART]
    here.others = 0
    assert here.ways(30) == [APART, Way(1), APART, TOGETHER], "one thread is tried first, as it was measured"


def test_a_run_that_is_fastest_on_one_thread_returns_to_it(machine: Callable[..., Machine]) -> None:
    here = machine(2, can_work_apart=True)
    here.watch = ThreadWatch(1, 2, can_work_apart=True, others=lambda: here.others, clock=lambda: here.now)
    here.speed = lambda used: 1000.0 if used == 1 else 800.0
    ways = here.ways(100)
    assert ways[-1] == Way(1)
    assert not any(way.apart for way in ways), "the machine is quiet"
    here.others, here.speed_apart = 1, lambda: 1100.0
    assert here.ways(100)[-1] == APART
    here.others, here.speed_apart = 0, lambda: 700.0
    assert here.ways(200)[-1] == Way(1)


def test_a_way_that_cannot_be_used_yet_is_not_compared() -> None:
    watch = ThreadWatch(2, 2, can_work_apart=True)
    watch._trial = TOGETHER, 1000.0
    watch.way = APART
    watch.stay(TOGETHER)
    watch.after_step(1, 10.0)
    assert watch.way in (TOGETHER, APART)
    assert watch._best == {TOGETHER: 0.1}
