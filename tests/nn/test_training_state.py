"""A run that becomes slow says so early, or ends in its time with a shorter schedule."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from lstmterm.nn import saved_state, training_state
from lstmterm.nn.checkpoints import LATEST
from lstmterm.nn.task import Session
from lstmterm.nn.train import Trainer
from lstmterm.planning import processors
from lstmterm.runs.events import Event, Finished, Occupied, Resumed, Saved, Shortened, Step, Warned
from lstmterm.runs.progress import Progress
from tests.small import small_task

SECONDS = 2.0  # of a step, on a clock of the test's own


@pytest.fixture
def trainer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Trainer]:
    """Make a session of a run planned for 60 steps in a minute, that makes one in two seconds."""
    monkeypatch.setattr(processors, "idle", lambda: 0)

    def make(*, resume: bool = False, folder: str = "run", **knobs: Any) -> Trainer:
        (tmp_path / folder).mkdir(exist_ok=True)
        task = small_task(steps=60, evaluate_every=10, minutes=1.0, **knobs)
        monkeypatch.setattr(task, "finish_seconds", lambda: 0.0)
        made = Trainer(task, task.spec.training, Session(tmp_path / folder, resume))
        made.meter.due = lambda: True
        made.seconds = lambda: SECONDS * made.counters.step
        return made

    return make


def of(kind: type[Any], events: list[Event]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def test_an_overrun_is_said_early_with_what_stopping_would_give(trainer: Callable[..., Trainer]) -> None:
    events = list(trainer().run())
    late = [e for e in of(Warned, events) if "late" in e.message]
    assert [e.step for e in late] == [7], "once, as soon as it is known"
    assert "will end 1:00 late, because other programs use the processors" in late[0].message
    assert "keeps no model" in late[0].message
    assert "`lstmterm resume run --deadline`" in late[0].message
    assert not of(Shortened, events)
    assert events[-1].step == 60


def test_with_a_deadline_it_makes_fewer_steps_and_says_so(trainer: Callable[..., Trainer]) -> None:
    events = list(trainer(deadline=True).run())
    shortened = of(Shortened, events)
    assert len(shortened) == 1
    assert 28 <= shortened[0].steps <= 30
    assert f"the run will make about {shortened[0].steps} steps instead of 60" in "".join(
        e.message for e in of(Warned, events)
    )
    done = events[-1]
    assert isinstance(done, Finished)
    assert done.steps == shortened[0].steps
    rates = [e.learning_rate for e in of(Step, events)]
    assert rates[-1] < 0.1 * max(rates), "the schedule ends with the steps"
    assert Progress.of(events).total == shortened[0].steps


def test_a_shortened_run_resumes_exactly(trainer: Callable[..., Trainer], tmp_path: Path) -> None:
    knobs = {"deadline": True, "dropout": 0.2}
    list(trainer(folder="whole", **knobs).run())
    first = trainer(folder="broken", **knobs)
    running: Iterator[Event] = first.run()
    for event in running:
        if isinstance(event, Saved) and event.step == 10 and event.what == "state":
            break
    second = trainer(folder="broken", resume=True, **knobs)
    events = list(second.run())
    assert 28 <= of(Resumed, events)[0].steps <= 30
    assert not of(Shortened, events)
    ends = [saved_state.read(tmp_path / name / LATEST)[0] for name in ("whole", "broken")]
    assert all(torch.equal(ends[0][key], ends[1][key]) for key in ends[0])


def test_more_steps_end_a_shortening(trainer: Callable[..., Trainer]) -> None:
    list(trainer(deadline=True).run())
    task = small_task(steps=80, evaluate_every=10, minutes=10.0, deadline=True)
    folder = trainer().session.folder
    events = list(Trainer(task, task.spec.training, Session(folder, True)).run())
    assert of(Resumed, events)[0].steps == 80
    assert events[-1].step == 80


def test_a_run_without_a_time_is_never_late(trainer: Callable[..., Trainer], tmp_path: Path) -> None:
    task = small_task(steps=20)
    made = Trainer(task, task.spec.training, Session(tmp_path))
    made.seconds = lambda: 1000.0 * made.counters.step
    assert not of(Warned, list(made.run()))


def test_the_memory_of_a_gpu_is_reported_now_and_then(
    trainer: Callable[..., Trainer], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not of(Occupied, list(trainer(folder="cpu").run()))
    monkeypatch.setattr(training_state, "occupied", lambda _: (2, 3, 80))
    monkeypatch.setattr(training_state, "SAY_MEMORY_EVERY", 1e9)
    (said,) = of(Occupied, list(trainer(folder="gpu").run()))
    assert (said.run, said.used, said.memory) == (2, 3, 80)
