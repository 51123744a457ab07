"""The training loop: what it keeps, when it goes back, when it ends, and the figures it reports."""

import contextlib
import errno
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import numpy as np
import pytest
import safetensors.numpy
import torch

from lstmterm import atomic
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.score import score
from lstmterm.models import model_file
from lstmterm.nn import saved_state, train
from lstmterm.nn.char_task import CharTask
from lstmterm.nn.checkpoints import BEST, LATEST
from lstmterm.nn.task import Evaluation, weights_of
from lstmterm.nn.threads import ThreadWatch, Way
from lstmterm.nn.train import Session
from lstmterm.nn.training_state import TrainingState
from lstmterm.runs.events import (
    Evaluated,
    Event,
    Failed,
    Finished,
    Resumed,
    Sampled,
    Saved,
    Started,
    Step,
    Warned,
)
from tests.small import poisoned, small_corpus, small_task, small_text, trained

E = TypeVar("E", bound=Event)


def of(kind: type[E], events: list[Event]) -> list[E]:
    """The events of a kind."""
    return [e for e in events if isinstance(e, kind)]


# Losses that are not finite


def check_files_are_finite(folder: Path) -> None:
    for path in folder.glob("*.safetensors"):
        for name, tensor in safetensors.numpy.load(path.read_bytes()).items():
            assert tensor.dtype == np.uint8 or np.isfinite(tensor).all(), (path.name, name)


@pytest.mark.parametrize("gradients_only", [False, True], ids=["loss", "gradient"])
@pytest.mark.parametrize("factor", [math.nan, math.inf])
def test_one_divergence_returns_to_the_last_good_state(
    tmp_path: Path, factor: float, gradients_only: bool
) -> None:
    task = poisoned({8: factor}, gradients_only, schedule="constant", warmup=0)
    events: list[Event] = []
    for event in train.train(task, task.spec.training, Session(tmp_path)):
        check_files_are_finite(tmp_path)
        assert all(p.isfinite().all() for p in task.model.parameters())
        events.append(event)
    (returned,) = of(Resumed, events)
    (warned,) = of(Warned, events)
    assert returned.step == 5, "the last evaluation"
    assert "not finite at step 8" in warned.message
    assert "0.5 of the learning rate" in warned.message
    rates = [e.learning_rate for e in of(Step, events)]
    assert rates[0] == 1e-2
    assert rates[-1] == 0.5e-2
    assert isinstance(events[-1], Finished)
    assert events[-1].steps == 12


def test_it_gives_up_after_returning_three_times(tmp_path: Path) -> None:
    task = poisoned(dict.fromkeys(range(7, 100), math.nan))
    events = trained(task, tmp_path)
    assert len(of(Resumed, events)) == len(of(Warned, events)) == 3
    assert isinstance(events[-1], Failed)
    assert "lower learning rate (--lr)" in events[-1].message
    check_files_are_finite(tmp_path)
    _, numbers = saved_state.read(tmp_path / LATEST)
    assert (numbers["step"], numbers["divergences"]) == (5, 4)


def test_a_run_that_gave_up_halves_the_rate_again_when_it_is_resumed(tmp_path: Path) -> None:
    def poisons() -> Any:
        return poisoned(dict.fromkeys(range(7, 100), math.nan), schedule="constant", warmup=0)

    failed = trained(poisons(), tmp_path)[-1]
    assert isinstance(failed, Failed)
    assert "was halved 3 times" in failed.message
    assert f"or halve it again: `lstmterm resume {tmp_path.name}` continues from step 5." in failed.message
    again = trained(poisons(), tmp_path, resume=True)
    assert {e.learning_rate for e in of(Step, again)} == {1e-2 / 16}, "the first steps are finite"
    assert isinstance(again[-1], Failed)
    assert "was halved 6 times" in again[-1].message
    healed = trained(small_task(schedule="constant", warmup=0), tmp_path, resume=True)
    assert isinstance(healed[-1], Finished)
    assert {e.learning_rate for e in of(Step, healed)} == {1e-2 / 128}


def test_a_run_that_returned_to_a_good_state_resumes_exactly(tmp_path: Path) -> None:
    trained(poisoned({8: math.nan}), tmp_path / "whole")
    broken = tmp_path / "broken"
    broken.mkdir()
    task = poisoned({8: math.nan})
    ongoing = train.train(task, task.spec.training, Session(broken))
    for event in ongoing:
        if isinstance(event, Warned):
            next(ongoing)  # saved
            break
    assert isinstance(trained(small_task(), broken, resume=True)[-1], Finished)
    ends = [saved_state.read(tmp_path / name / LATEST)[0] for name in ("whole", "broken")]
    assert all(torch.equal(ends[0][key], ends[1][key]) for key in ends[0])


def test_a_stop_right_after_a_bad_step_keeps_the_last_save(tmp_path: Path) -> None:
    """Where steps are checked rarely, a stop may come before the check."""
    task = poisoned({7: math.nan})
    asked = iter([None] * 7 + ["SIGINT"])
    trainer = train.Trainer(task, task.spec.training, Session(tmp_path, should_stop=lambda: next(asked)))
    trainer.meter.checks_every_step = False
    list(trainer.run())
    check_files_are_finite(tmp_path)
    assert saved_state.read(tmp_path / LATEST)[1]["step"] == 5


class ValidationNotFinite(CharTask):
    """A task whose second validation is not finite."""

    evaluations = 0

    def evaluate(self) -> Evaluation:
        self.evaluations += 1
        return Evaluation(math.nan) if self.evaluations == 2 else super().evaluate()


def test_a_validation_that_is_not_finite_returns_too(tmp_path: Path) -> None:
    events = trained(small_task(kind=ValidationNotFinite), tmp_path)
    assert [e.step for e in of(Resumed, events)] == [5]
    assert all(e.val_loss is not None and math.isfinite(e.val_loss) for e in of(Evaluated, events))
    assert isinstance(events[-1], Finished)


# What is kept, and when it ends


class Scripted(CharTask):
    """A task whose validation losses are given."""

    losses: Iterator[float] = iter(())

    def evaluate(self) -> Evaluation:
        return Evaluation(next(self.losses))


def scripted(*losses: float, **knobs: Any) -> Scripted:
    task = small_task(kind=Scripted, evaluate_every=2, **knobs)
    assert isinstance(task, Scripted)
    task.losses = iter(losses)
    return task


def test_the_best_model_is_kept(tmp_path: Path) -> None:
    task = scripted(3.0, 2.0, 2.5, 2.0, 2.1, 2.2)
    at_best: dict[str, np.ndarray] = {}
    events: list[Event] = []
    for event in train.train(task, task.spec.training, Session(tmp_path)):
        events.append(event)
        if isinstance(event, Evaluated) and event.step == 4:
            at_best = {n: t.copy() for n, t in weights_of(task.model).items()}
    assert [e.best for e in of(Evaluated, events)] == [True, True, False, False, False, False]
    kept = model_file.load(tmp_path / BEST)
    assert all((kept.tensors[n] == at_best[n]).all() for n in at_best)
    assert kept.card.complete
    assert kept.card.metadata["best_step"] == 4


def test_the_average_is_what_is_kept(tmp_path: Path) -> None:
    task = small_task(average=0.9, evaluate_every=12)
    trainer = train.Trainer(task, task.spec.training, Session(tmp_path))
    list(trainer.run())
    assert trainer.average is not None
    kept = model_file.load(tmp_path / BEST).tensors
    assert all((kept[n] == w.numpy()).all() for n, w in trainer.average.weights.items())
    latest = saved_state.part(saved_state.read(tmp_path / LATEST)[0], "model")
    assert not all((kept[n] == w.numpy()).all() for n, w in latest.items())


@pytest.mark.parametrize("follows", [False, True])
def test_the_weight_decay_follows_the_rate_where_that_is_asked_for(tmp_path: Path, follows: bool) -> None:
    task = small_task(steps=8, warmup=2, weight_decay=0.1, decay_follows_rate=follows)
    trainer = train.Trainer(task, task.spec.training, Session(tmp_path))
    task.begin()
    seen: list[tuple[float, float]] = []
    for _ in range(8):
        trainer.step()
        group = trainer.optimizer.groups[0]
        seen.append((group.rate / task.spec.training.learning_rate, group.decay / 0.1))
    task.end()
    assert [decay for _, decay in seen] == pytest.approx([rate if follows else 1 for rate, _ in seen])
    assert seen[0][0] == 0.5
    assert seen[-1][0] < 0.2


def test_patience_ends_a_run_early(tmp_path: Path) -> None:
    events = trained(scripted(3.0, 2.0, 2.5, 2.4, 1.0, 1.0, patience=2), tmp_path)
    assert len(of(Evaluated, events)) == 4
    (warned,) = of(Warned, events)
    assert "stopping early" in warned.message
    assert "step 4" in warned.message
    assert isinstance(events[-1], Finished)
    assert events[-1].steps == 8


def test_patience_continues_over_sessions(tmp_path: Path) -> None:
    task = scripted(3.0, 2.0, 2.5, patience=2)
    for event in train.train(task, task.spec.training, Session(tmp_path)):
        if isinstance(event, Saved) and event.what == "state" and event.step == 6:
            break
    events = trained(scripted(2.4, 1.0, patience=2), tmp_path, resume=True)
    assert isinstance(events[-1], Finished)
    assert events[-1].steps == 8


def test_without_validation_the_latest_is_kept(tmp_path: Path) -> None:
    task = small_task(val=0.0, test=0.0)
    events = trained(task, tmp_path)
    assert all(e.best and e.val_loss is None for e in of(Evaluated, events))
    kept = model_file.load(tmp_path / BEST).tensors
    latest = saved_state.part(saved_state.read(tmp_path / LATEST)[0], "model")
    assert all((kept[n] == w.numpy()).all() for n, w in latest.items())
    assert isinstance(events[-1], Finished)
    assert events[-1].val_loss is None
    assert events[-1].val_loss_reset is None
    assert events[-1].test_loss is None


# What is reported


def test_the_final_figures_are_those_of_scoring(tmp_path: Path) -> None:
    task = small_task(evaluate_every=6)
    finished = trained(task, tmp_path)[-1]
    assert isinstance(finished, Finished)
    loaded = model_file.load(tmp_path / BEST)
    model, split = CharLSTM.from_tensors(loaded.tensors), loaded.card.split
    val, test = (task.corpus.ids[slice(*split[part])] for part in ("val", "test"))
    assert finished.val_loss == score(model, val).nats_per_char
    assert finished.val_loss_reset == score(model, val, reset=256).nats_per_char
    assert finished.test_loss == score(model, test).nats_per_char
    assert loaded.card.metrics["val_loss"] == finished.val_loss
    assert split == {"train": [0, 1400], "val": [1400, 1800], "test": [1800, 2000]}


def test_torch_computes_the_same_final_figures(tmp_path: Path) -> None:
    task = small_task(evaluate_every=12)
    finished = trained(task, tmp_path)[-1]
    assert isinstance(finished, Finished)
    ids = torch.from_numpy(np.asarray(task.corpus.ids[slice(*task.split.val)], dtype=np.int64))
    task.model.eval()
    with torch.no_grad():
        logits, _ = task.model(ids[:-1, None], task.model.first_state(1))
        loss = torch.nn.functional.cross_entropy(logits[:, 0], ids[1:]).item()
    assert finished.val_loss == pytest.approx(loss, abs=1e-5)


def test_events_cover_every_step(tmp_path: Path) -> None:
    events = trained(small_task(), tmp_path)
    first = events[0]
    assert isinstance(first, Started)
    assert first.steps == 12
    assert first.run == tmp_path.name
    assert first.units_per_step == 40
    assert first.parameters == sum(p.numel() for p in small_task().model.parameters())
    assert sum(e.steps for e in of(Step, events)) == 12
    assert [e.step for e in of(Evaluated, events)] == [5, 10, 12]
    assert [e.step for e in of(Sampled, events)] == [5, 10, 12]
    assert len({(e.prompt, e.seed, e.temperature) for e in of(Sampled, events)}) == 1
    assert [e.step for e in events] == sorted(e.step for e in events)


def test_models_are_not_complete_until_the_end(tmp_path: Path) -> None:
    task, complete = small_task(), []
    for event in train.train(task, task.spec.training, Session(tmp_path)):
        if isinstance(event, Saved) and event.what == "model":
            complete.append(model_file.describe(tmp_path / BEST).complete)
    assert complete[-1]
    assert not any(complete[:-1])


def test_it_learns(tmp_path: Path) -> None:
    finished = trained(
        small_task(small_corpus(small_text(6000)), hidden=32, steps=150, evaluate_every=50), tmp_path
    )[-1]
    assert isinstance(finished, Finished)
    assert finished.val_loss is not None
    assert finished.val_loss < 2.0 < math.log(20)


def test_the_seed_decides(tmp_path: Path) -> None:
    losses = {}
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        finished = trained(small_task(seed=seed, dropout=0.2), tmp_path / name)[-1]
        assert isinstance(finished, Finished)
        losses[name] = finished.val_loss
    assert losses["a"] == losses["b"] != losses["c"]


# A disk that is full for a while


class Full:
    """A disk without room for some files while it is full."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.names: tuple[str, ...] = ()
        writing = atomic.writing

        def checked(
            path: Path, *arguments: Any, **options: Any
        ) -> contextlib.AbstractContextManager[BinaryIO]:
            if path.name in self.names:
                raise atomic.WriteError(path, OSError(errno.ENOSPC, "No space left on device"))
            return writing(path, *arguments, **options)

        monkeypatch.setattr(atomic, "writing", checked)


def test_training_continues_while_nothing_can_be_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = trained(small_task(evaluate_every=3), tmp_path / "whole")
    disk, folder, events = Full(monkeypatch), tmp_path / "full", list[Event]()
    folder.mkdir()
    task = small_task(evaluate_every=3)
    for event in train.train(task, task.spec.training, Session(folder)):
        events.append(event)
        if isinstance(event, Evaluated):
            disk.names = (LATEST, BEST) if event.step in (6, 9) else ()
        if event.step == 9 and isinstance(event, Sampled):
            assert saved_state.read_numbers(folder / LATEST)["step"] == 3
            assert model_file.describe(folder / BEST).metadata["steps"] == 3
    failed, again = of(Warned, events)
    assert failed.step == 6
    assert str(folder) in failed.message
    assert "no space left on device" in failed.message
    assert "the last save, of step 3, is kept" in failed.message
    assert (again.step, "can be saved again" in again.message) == (12, True)
    last, whole = events[-1], expected[-1]
    assert isinstance(last, Finished)
    assert isinstance(whole, Finished)
    assert last.val_loss == whole.val_loss


@pytest.mark.parametrize("names", [(BEST,), (LATEST,), (LATEST, BEST)])
@pytest.mark.parametrize("at", [6, 12])
def test_what_could_not_be_saved_is_saved_later_as_it_was(
    names: tuple[str, ...], at: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also the best model where no later one is better, and the last state of all."""
    losses = (3.0, 2.8, 2.0, 2.5, 2.6, 2.7) if at == 6 else (3.0, 2.9, 2.8, 2.7, 2.6, 2.0)
    trained(scripted(*losses), tmp_path / "whole")
    disk, folder, events = Full(monkeypatch), tmp_path / "full", list[Event]()
    folder.mkdir()
    task = scripted(*losses)
    for event in train.train(task, task.spec.training, Session(folder)):
        events.append(event)
        if isinstance(event, Evaluated):
            disk.names = names if event.step == at else ()
        if isinstance(event, Warned) and at == 12:
            disk.names = ()
    assert isinstance(events[-1], Finished)
    assert model_file.describe(folder / BEST).metadata["best_step"] == at
    for name in (BEST, LATEST):
        saved, expected = (safetensors.numpy.load_file(tmp_path / run / name) for run in ("full", "whole"))
        assert {key: t.tobytes() for key, t in saved.items()} == {
            key: t.tobytes() for key, t in expected.items()
        }


def test_a_run_that_cannot_be_saved_at_all_does_not_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Full(monkeypatch).names = (LATEST,)
    with pytest.raises(atomic.WriteError, match="no space left"):
        trained(small_task(), tmp_path)


def test_a_stop_that_cannot_be_saved_is_not_called_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, task = Full(monkeypatch), small_task()

    def stop() -> str | None:
        disk.names = (LATEST,)
        return "SIGTERM" if task.streams.epoch() > 0 else None

    with pytest.raises(atomic.WriteError):
        list(train.train(task, task.spec.training, Session(tmp_path, should_stop=stop)))
    assert saved_state.read_numbers(tmp_path / LATEST)["step"] == 0


def test_steps_added_after_an_early_end_are_made(tmp_path: Path) -> None:
    trained(scripted(3.0, 3.1, 3.2, patience=2, steps=100), tmp_path)
    state = saved_state.read_numbers(tmp_path / LATEST)
    assert (state["step"], state["planned"]) == (6, 100)
    events = trained(scripted(3.3, 3.4, 3.5, patience=2, steps=12), tmp_path, resume=True)
    assert isinstance(events[-1], Finished)
    assert [e.step for e in of(Evaluated, events)] == [8, 10]


# Threads


def scripted_ways(monkeypatch: pytest.MonkeyPatch, *changes: tuple[int, Way]) -> None:
    """Let a watch choose a way after a number of steps, as if by their speed."""

    def after_step(self: ThreadWatch, units: int, seconds: float) -> None:
        self.steps = getattr(self, "steps", 0) + 1  # pyright: ignore[reportAttributeAccessIssue]
        self.way = dict(changes).get(self.steps, self.way)  # pyright: ignore[reportAttributeAccessIssue]

    monkeypatch.setattr(ThreadWatch, "after_step", after_step)


@pytest.mark.parametrize("way", [Way(1), Way(2, apart=True)])
def test_a_changed_way_is_saved_and_resumed_exactly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: Way
) -> None:
    """A run that changed after three steps, killed at the eighth, ends as one that was not killed."""
    knobs: dict[str, Any] = {"threads": 2, "most_threads": 2, "dropout": 0.2, "hidden": 64, "batch_size": 32}
    knobs |= {"optimizer": "muon", "token_dropout": 0.1}
    scripted_ways(monkeypatch, (3, way))
    torch.set_num_threads(2)
    task = small_task(**knobs)
    torch.set_num_threads(2)
    whole = trained(task, tmp_path / "whole")
    before = [event for event in of(Step, whole) if event.step <= 4]
    assert before[-1].step == 3, "a line ends where the threads change"
    assert {(event.threads, event.apart) for event in before} == {Way(2)}
    assert {(e.threads, e.apart) for e in of(Step, whole) if e.step > 3} == {way}
    assert (3, "state") in {(e.step, e.what) for e in of(Saved, whole)}
    assert torch.get_num_threads() == 1

    broken = tmp_path / "broken"
    broken.mkdir()
    task = small_task(**knobs)
    torch.set_num_threads(2)
    trainer = train.Trainer(task, task.spec.training, Session(broken))
    for event in trainer.run():
        if isinstance(event, Saved) and event.step == 3:
            trainer.step()  # lost
            break
    scripted_ways(monkeypatch)
    task = small_task(**knobs)
    torch.set_num_threads(2)
    resumed = trained(task, broken, resume=True)
    assert of(Resumed, resumed)[0].step == 3
    assert {(e.threads, e.apart) for e in of(Step, resumed)} == {way}
    ends = [saved_state.read(tmp_path / name / LATEST)[0] for name in ("whole", "broken")]
    assert all(torch.equal(ends[0][key], ends[1][key]) for key in ends[0])


def test_the_number_stays_while_nothing_can_be_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise a resumed run would repeat the steps with another number, and end with other bits."""
    scripted_ways(monkeypatch, (3, Way(1)))
    task = small_task(threads=2, most_threads=2)
    trainer = train.Trainer(task, task.spec.training, Session(tmp_path))
    torch.set_num_threads(2)
    events: list[Event] = []
    for event in trainer.run():
        events.append(event)
        trainer.unsaved = event.step < 10
    assert {e.threads for e in of(Step, events) if e.step < 10} == {2}


def test_a_way_that_cannot_be_saved_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk, task = Full(monkeypatch), small_task(threads=2, most_threads=2, batch_size=32, steps=4)
    state = TrainingState(task, task.spec.training, Session(tmp_path))
    list(state.save_all())
    disk.names = (LATEST,)
    state.watch.way = Way(2, apart=True)
    list(state.change_way())
    assert state.unsaved
    assert (state.way, state.watch.way, task.pieces) == (Way(2), Way(2), None)
    disk.names = ()
    state.watch.way = Way(2, apart=True)
    list(state.change_way())
    assert (state.way, state.unsaved) == (Way(2, apart=True), False)
    assert task.pieces is not None
    state.end()
