"""A character model is planned for the true speed of its machine; ranks follow the orders of the first."""

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from torch import nn

from lstmterm.nn import calibrate, char_recipe, session
from lstmterm.nn.char_recipe import CharRecipe, Order, follow, pace_together, set_threads
from lstmterm.nn.char_task import CharTask
from lstmterm.nn.ranks import Ranks
from lstmterm.nn.train import Session
from lstmterm.planning.length import Length
from lstmterm.planning.machine import Machine
from lstmterm.planning.request import TrainRequest
from lstmterm.planning.steps import Pace
from lstmterm.planning.training_time import chars_per_second
from lstmterm.runs.events import Step
from lstmterm.spec.character import CharSpec
from tests.small import small_spec, small_task, small_text

MACHINE = Machine("cpu", 1, "float32", 60_000)
Prepare = Callable[..., session.Prepared]


@pytest.fixture
def measured() -> list[CharTask]:
    """The tasks that were timed."""
    return []


@pytest.fixture
def prepare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, measured: list[CharTask]) -> Prepare:
    """Prepare a run of ten minutes on a machine `times` as fast as the remembered one.

    Its final figures take the seconds of `finish`.
    """
    corpus = tmp_path / "words.txt"
    corpus.write_text(small_text(100_000))

    def run(times: float, finish: float = 0.1, **given: int) -> session.Prepared:
        true = dataclasses.replace(MACHINE, chars_per_second=times * MACHINE.chars_per_second)

        def pace(trial: CharTask, *_: object) -> Pace:
            measured.append(trial)
            model, cut = trial.spec.model, trial.spec.batches
            rate = chars_per_second(model, cut, len(trial.vocabulary), true, "muon")
            return Pace(1, trial.units_per_step, trial.units_per_step / rate, 0.1, finish)

        monkeypatch.setattr(calibrate, "machine", lambda *_, **__: MACHINE)
        monkeypatch.setattr(char_recipe, "pace_together", pace)
        request = TrainRequest("charlm", str(corpus), length=Length("minutes", 10), given=given)
        return session.prepare(request, time.monotonic())

    return run


def test_a_busy_machine_gets_a_smaller_model(prepare: Prepare, measured: list[CharTask]) -> None:
    busy, quiet = prepare(0.02), prepare(1.0)
    assert busy.spec.model.hidden < quiet.spec.model.hidden
    assert busy.machine is not None
    assert busy.machine.chars_per_second == pytest.approx(0.02 * MACHINE.chars_per_second)
    assert [t.spec.model.hidden for t in measured] == [
        quiet.spec.model.hidden,  # as it would have been
        busy.spec.model.hidden,
        quiet.spec.model.hidden,
    ]
    assert isinstance(busy.recipe, CharRecipe)
    assert isinstance(busy.spec, CharSpec)
    vocabulary_size = busy.recipe.facts.vocabulary_size
    rate = chars_per_second(busy.spec.model, busy.spec.batches, vocabulary_size, busy.machine, "muon")
    assert f"on this machine, which trains it at about {rate:,.0f} characters a second" in busy.why
    assert busy.pace is not None
    assert busy.pace.step == pytest.approx(measured[1].units_per_step / rate, rel=0.01)


def test_a_machine_about_as_fast_as_expected_is_planned_for_once(
    prepare: Prepare, measured: list[CharTask]
) -> None:
    assert prepare(0.7).machine == prepare(1.5).machine == MACHINE
    assert len(measured) == 2


def test_a_text_that_leaves_little_time_for_steps_gets_a_smaller_model(
    prepare: Prepare, measured: list[CharTask]
) -> None:
    short, whole = prepare(1.0, finish=590.0), prepare(1.0)
    assert short.spec.model.hidden < whole.spec.model.hidden
    assert short.machine == whole.machine == MACHINE
    assert [t.spec.model.hidden for t in measured] == [
        whole.spec.model.hidden,
        short.spec.model.hidden,
        whole.spec.model.hidden,
    ]


def test_measuring_says_for_how_long_and_how_it_ends(prepare: Prepare, tmp_path: Path) -> None:
    prepare(1.0)
    said: list[str] = []
    request = TrainRequest("charlm", str(tmp_path / "words.txt"), length=Length("minutes", 10))
    session.prepare(request, time.monotonic(), lambda stage, *_: said.append(stage))
    assert "measuring how fast this machine trains, about 30 seconds; Ctrl-C ends it" in said


def test_a_size_set_by_hand_is_kept(prepare: Prepare, measured: list[CharTask]) -> None:
    spec = prepare(0.02, layers=1, hidden=40, batch_size=8, seq_length=16).spec
    assert isinstance(spec, CharSpec)
    assert (spec.model.layers, spec.model.hidden, spec.batches.batch_size) == (1, 40, 8)
    assert len(measured) == 1


# Ranks after the first

PACE = Pace(threads=1, units=40, step=0.5, evaluation=1.0, finish=2.0)


class Follower(Ranks):
    """The second of two ranks, without the first: orders are given, and results of `from_first`."""

    rank, count = 1, 2

    def __init__(self, *orders: Order, local_count: int = 2) -> None:
        self.orders = list(orders)
        self.local_count = local_count
        self.done: list[str] = []

    def receive(self) -> dict[str, Any]:
        order = self.orders.pop(0)
        return {"work": order.work, "spec": order.spec, "run": order.run}

    def broadcast(self, model: nn.Module) -> None:
        self.done.append("spread")

    def slowest(self, seconds: float) -> float:
        return 3 * seconds

    def reduction_seconds(self, model: nn.Module) -> float:
        return 0.25


@pytest.fixture
def spec(tmp_path: Path) -> CharSpec:
    text = tmp_path / "text.txt"
    text.write_text(small_text(2000))
    return small_spec(source=str(text))


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The calls of `train`, which only reports that it finished."""
    calls: list[dict[str, Any]] = []

    def train(task: Any, part: Any, session: Session, ranks: Ranks) -> Any:
        calls.append({"task": task, "ranks": ranks, **vars(session)})
        yield Step(step=1, time=0.0, steps=1, loss=1.0, epoch=0.1, chars_per_second=1.0,
                   learning_rate=0.1, gradient_norm=1.0)  # fmt: skip

    monkeypatch.setattr(char_recipe, "train", train)
    return calls


def never() -> str | None:
    return None


@pytest.mark.parametrize(("work", "resume", "copied"), [("train", False, ["spread"]), ("resume", True, [])])
def test_an_order_is_followed_by_training(
    spec: CharSpec, trained: list[dict[str, Any]], work: Any, resume: bool, copied: list[str]
) -> None:
    """A new run starts from the first rank's weights; a resumed one from the saved state."""
    ranks = Follower(Order(work, spec.to_dict(), "20261128-120000-small"))
    events = list(follow(ranks, never))
    assert [type(e) for e in events] == [Step]
    (call,) = trained
    assert call["resume"] is resume
    assert call["run_folder"] == Path("20261128-120000-small")
    assert call["should_stop"] is never
    assert call["ranks"] is ranks
    assert call["task"].spec == spec
    assert call["task"].own_streams == slice(2, 4), "the second half of four streams"
    assert ranks.done == copied


def test_the_pace_is_measured_as_often_as_ordered(
    spec: CharSpec, trained: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[tuple[int, ...]] = []
    monkeypatch.setattr(char_recipe, "pace_together", lambda task, threads, ranks: measured.append(threads))
    orders = [
        Order("pace", spec.to_dict()),
        Order("pace", spec.to_dict()),
        Order("train", spec.to_dict(), "run"),
    ]
    list(follow(Follower(*orders), never))
    assert measured == [(1,), (1,)]
    assert len(trained) == 1


def test_the_pace_is_that_of_the_slowest_rank_with_the_reduction(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibrate, "pace", lambda task, candidates, _, **__: (candidates[0], PACE))
    found = pace_together(small_task(), (1,), Follower())
    assert found.step == pytest.approx(3 * 0.5 + 0.25)
    assert (found.evaluation, found.finish) == (PACE.evaluation, PACE.finish)


@pytest.mark.parametrize(
    ("planned", "count", "here", "expected"),
    [(6, 1, 1, 6), (6, 2, 2, 4), (3, 2, 2, 3), (6, 4, 1, 6), (8, 8, 8, 1)],
)
def test_ranks_of_one_machine_share_its_threads(
    monkeypatch: pytest.MonkeyPatch, planned: int, count: int, here: int, expected: int
) -> None:
    """A process alone uses the threads of the spec, as its results depend on them."""
    used: list[int] = []
    monkeypatch.setattr(char_recipe, "use_threads", used.append)
    monkeypatch.setattr(char_recipe, "checked_threads", lambda asked, processes: 8 // processes)
    ranks = Follower(local_count=here)
    ranks.count = count
    set_threads(small_spec(threads=planned).training, ranks)
    assert used == [expected]
