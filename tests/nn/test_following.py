"""What the ranks after the first one do on its orders."""

from pathlib import Path
from typing import Any

import pytest
from torch import nn

from lstmterm.nn import following
from lstmterm.nn.following import Order, follow, pace_together, set_threads
from lstmterm.nn.ranks import Ranks
from lstmterm.planning.steps import Pace
from lstmterm.runs.events import Step
from lstmterm.spec.character import CharSpec
from tests.small import small_spec, small_task, small_text

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

    def spread(self, model: nn.Module) -> None:
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

    def train(task: Any, part: Any, folder: Path, **options: Any) -> Any:
        calls.append({"task": task, "folder": folder, **options})
        yield Step(step=1, time=0.0, steps=1, loss=1.0, epoch=0.1, chars_per_second=1.0,
                   learning_rate=0.1, gradient_norm=1.0)  # fmt: skip

    monkeypatch.setattr(following, "train", train)
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
    assert call["folder"] == Path("20261128-120000-small")
    assert call["should_stop"] is never
    assert call["ranks"] is ranks
    assert call["task"].spec == spec
    assert call["task"].mine == slice(2, 4), "the second half of four streams"
    assert ranks.done == copied


def test_the_pace_is_measured_as_often_as_ordered(
    spec: CharSpec, trained: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[tuple[int, ...]] = []
    monkeypatch.setattr(following, "pace_together", lambda task, threads, ranks: measured.append(threads))
    orders = [
        Order("pace", spec.to_dict()),
        Order("pace", spec.to_dict()),
        Order("train", spec.to_dict(), "run"),
    ]
    list(follow(Follower(*orders), never))
    assert measured == [(1,), (1,)]
    assert len(trained) == 1


def test_the_pace_is_that_of_the_slowest_rank_with_the_reduction(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following.calibrate, "pace", lambda task, part, threads: PACE)
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
    monkeypatch.setattr(following, "use_threads", used.append)
    monkeypatch.setattr(following, "checked_threads", lambda asked, processes: 8 // processes)
    ranks = Follower(local_count=here)
    ranks.count = count
    set_threads(small_spec(threads=planned).training, ranks)
    assert used == [expected]
