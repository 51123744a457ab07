"""Steps made apart are the steps made together, and do not depend on which thread makes which piece."""

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from lstmterm.nn import optim
from lstmterm.nn.char_task import CharTask
from lstmterm.nn.charlm import CharLM
from lstmterm.nn.muon import Muon
from lstmterm.nn.pieces import FEWEST_STREAMS, Pieces, cut, known, summed
from lstmterm.nn.ranks import Ranks
from lstmterm.nn.task import Session
from lstmterm.nn.teachers import Teachers
from lstmterm.nn.threads import Way
from lstmterm.nn.training_state import TrainingState
from lstmterm.spec.training import TrainingPart
from tests.small import small_corpus, small_task, small_text

CORPUS = small_corpus(small_text(5003))  # 32 streams of unequal length: some characters are not scored


@pytest.fixture
def pieces() -> Iterator[Pieces]:
    made = Pieces(2)
    yield made
    made.close()


def task_of(*, taught: bool = False, **knobs: Any) -> CharTask:
    task = small_task(CORPUS, batch_size=32, **knobs)
    if not taught:
        return task
    torch.manual_seed(7)
    teachers = Teachers([CharLM(len(task.vocabulary), task.spec.model).eval() for _ in range(2)])
    spec = replace(task.spec, ensemble=replace(task.spec.ensemble, ensemble=2))
    return CharTask(spec, task.corpus, task.split, task.device, teachers=teachers, left_out=task.left_out)


def steps(task: CharTask, count: int) -> tuple[list[float], list[list[torch.Tensor]]]:
    """The losses of steps and their gradients; the weights stay."""
    torch.manual_seed(3)
    losses: list[float] = []
    gradients: list[list[torch.Tensor]] = []
    for _ in range(count):
        task.model.zero_grad(set_to_none=True)
        loss, units = task.next_loss()
        assert units == task.streams.count * min(
            10, task.streams.length - 10 * (len(losses) % task.steps_per_epoch)
        )
        loss.backward()
        losses.append(loss.item())
        gradients.append(
            [torch.zeros(()) if p.grad is None else p.grad.clone() for p in task.model.parameters()]
        )
    return losses, gradients


@pytest.mark.parametrize(
    "knobs",
    [
        {},
        {"dropout": 0.3, "token_dropout": 0.2, "layers": 2, "layer_dropout": 0.0},
        {"dropout": 0.3, "layers": 3},
        {"initial_state": "learned", "embedding": 0},
        {"initial_state": "random", "loss": "nll"},
        {"taught": True, "dropout": 0.4},
        {"ngram_share": 0.5, "token_dropout": 0.1},
        {"taught": True, "ngram_share": 0.3},
    ],
)
def test_a_step_made_apart_has_the_loss_and_the_gradients_of_one_made_together(
    pieces: Pieces, knobs: dict[str, Any]
) -> None:
    together, apart = task_of(**knobs), task_of(**knobs)
    apart.pieces = pieces
    count = together.steps_per_epoch + 2  # the state starts again within
    (losses, gradients), (found, theirs) = steps(together, count), steps(apart, count)
    assert found == pytest.approx(losses, rel=1e-5)
    for ours, other in zip(gradients, theirs, strict=True):
        for a, b in zip(ours, other, strict=True):
            torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-6)
    for name, value in together.position().items():
        torch.testing.assert_close(apart.position()[name], value, rtol=1e-4, atol=1e-6)


def test_the_bits_do_not_depend_on_the_threads_that_make_the_pieces(pieces: Pieces) -> None:
    found = []
    for number in (1, 2, 2):
        task = task_of(dropout=0.2, hidden=40)
        made = Pieces(number)
        made.threads = 2  # as many pieces
        task.pieces = made
        found.append(steps(task, 5))
        made.close()
    losses, gradients = found[0]
    for other, theirs in found[1:]:
        assert other == losses
        assert all(
            torch.equal(a, b)
            for x, y in zip(gradients, theirs, strict=True)
            for a, b in zip(x, y, strict=True)
        )


def test_pieces_have_all_streams_once_and_enough_of_them() -> None:
    for streams in range(200):
        for threads in (1, 2, 3, 8):
            found = cut(streams, threads)
            if threads == 1 or streams < (2 * threads - 1) * FEWEST_STREAMS:
                assert not found
                continue
            assert len(found) == 2 * threads - 1
            assert [n for piece in found for n in range(piece.start, piece.stop)] == list(range(streams))
            sizes = [piece.stop - piece.start for piece in found]
            assert min(sizes) >= FEWEST_STREAMS
            assert max(sizes) - min(sizes) <= 1


@pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity"), reason="only Linux can keep a thread on a processor"
)
def test_each_thread_has_a_processor_of_its_own_where_there_are_as_many() -> None:
    allowed = os.sched_getaffinity(0)

    def processors(threads: int) -> list[set[int]]:
        made = Pieces(threads)
        all_at_once = threading.Barrier(threads)

        def own(_: int) -> set[int]:
            all_at_once.wait(10)
            return os.sched_getaffinity(0)

        found = list(made.each(own, range(threads)))
        made.close()
        return found

    assert sorted(map(sorted, processors(len(allowed)))) == [[one] for one in sorted(allowed)]
    assert processors(len(allowed) + 1) == [allowed] * (len(allowed) + 1), "they would share some"
    assert os.sched_getaffinity(0) == allowed


def test_a_step_of_few_streams_is_not_cut() -> None:
    assert task_of(layers=2, dropout=0.2).cut(2)
    assert not small_task(batch_size=3 * FEWEST_STREAMS - 1).cut(2)


def test_known_gradients_are_summed_and_given() -> None:
    a, b, unused = (torch.full((2,), value, requires_grad=True) for value in (1.0, 2.0, 3.0))
    first = [torch.tensor([1.0, 2.0]), None, None]
    sums = summed(summed([None] * 3, first), [torch.tensor([3.0, 5.0]), torch.ones(2), None])
    assert first[0] is not None
    assert first[0].tolist() == [1.0, 2.0], "gradients may share memory, so none is changed"
    loss = known(torch.tensor(3.5), sums, [a, b, unused])
    assert loss.item() == 3.5
    (2 * loss).backward()
    assert a.grad is not None
    assert b.grad is not None
    assert a.grad.tolist() == [8.0, 14.0]
    assert b.grad.tolist() == [2.0, 2.0]
    assert unused.grad is None


@pytest.mark.parametrize("finite", [True, False])
def test_muon_makes_the_same_step_apart(
    pieces: Pieces, finite: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    shapes: list[torch.Size] = []  # of what the threads updated

    def recorded(each: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
        def record(work: Callable[[Any], Any], parts: Iterable[Any]) -> Iterator[Any]:
            parts = list(parts)
            shapes.extend(weights.shape for weights, _, _ in parts)
            return each(work, parts)

        return record

    knobs: dict[str, Any] = {"optimizer": "muon", "weight_decay": 0.5, "precision": "float32"}
    part = TrainingPart(steps=2, evaluate_every=1, learning_rate=0.01, **knobs)
    found: list[list[torch.Tensor]] = []
    for threads in (None, pieces):
        task = task_of(layers=2, hidden=24)
        optimizer = optim.make_optimizer(task.model, part)
        assert isinstance(optimizer, Muon)
        optimizer.pieces = threads
        if threads is not None:
            monkeypatch.setattr(threads, "each", recorded(threads.each))
        task.next_loss()[0].backward()
        optim.guarded_step(optimizer, torch.tensor(True))
        before = [p.detach().clone() for p in task.model.parameters()]
        optim.guarded_step(optimizer, torch.tensor(finite))
        weights = [p.detach() for p in task.model.parameters()]
        assert all(torch.equal(a, b) for a, b in zip(before, weights, strict=True)) is not finite
        momenta = [optimizer.memory[gate]["momentum"] for gate in optimizer.gates.parameters]
        found.append(weights + momenta)
    gates = [(1, 24, 24)] * (3 * 4)  # of h in two layers, and of the second one's input
    assert shapes == 2 * gates, "in two steps"
    for a, b in zip(*found, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-6)


def test_an_error_in_a_piece_is_raised(pieces: Pieces) -> None:
    def work(part: int) -> int:
        if part == 2:
            raise MemoryError("no more")
        return part

    with pytest.raises(MemoryError, match="no more"):
        list(pieces.each(work, range(4)))
    assert list(pieces.each(work, [0, 1])) == [0, 1]


def test_several_ranks_never_work_apart_and_a_run_leaves_no_thread(tmp_path: Path) -> None:
    class Two(Ranks):
        count = 2

    part = task_of(most_threads=2, threads=2).spec.training
    alone, rank = task_of(), task_of()
    rank.ranks = Two()
    assert alone.cut(2)
    assert not rank.cut(2)
    state = TrainingState(rank, part, Session(tmp_path), Two())
    state.watch.resume(Way(2, apart=True))
    assert state.watch.way == Way(2)
    before = threading.active_count()
    state = TrainingState(alone, part, Session(tmp_path))
    for apart in (True, True, False, True):
        state.use(Way(2, apart))
        alone.next_loss()
        assert (alone.pieces is not None) == apart
    assert threading.active_count() > before
    state.end()
    assert threading.active_count() == before
