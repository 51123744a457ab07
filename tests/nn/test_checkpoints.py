"""When a run is saved, and what is kept."""

import dataclasses
import itertools
import os
from pathlib import Path

import pytest
import torch

from lstmterm.errors import RunError
from lstmterm.models import model_file
from lstmterm.nn import checkpoints, optim, saved_state
from lstmterm.nn.checkpoints import BEST, GOOD, LATEST, Checkpoints, Counters
from lstmterm.nn.ranks import ALONE
from tests.small import small_task


def made(folder: Path) -> Checkpoints:
    task = small_task()
    optimizer = optim.make_optimizer(task.model, task.spec.training)
    return Checkpoints(folder, task, optimizer, optim.MovingAverage(task.model, 0.9), ALONE, folder.name)


def test_saves_are_at_least_20_seconds_and_50_times_their_duration_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(checkpoints.time, "monotonic", lambda: now)
    kept = made(tmp_path)
    now += 19
    assert not kept.due()
    now += 2
    assert kept.due()
    duration = itertools.count(0.0, 1.0)  # each save takes a second
    monkeypatch.setattr(checkpoints.time, "perf_counter", lambda: next(duration))
    assert kept.save(Counters(step=3)) == 1.0
    assert kept.saved_step == 3
    now += 49
    assert not kept.due()
    now += 2
    assert kept.due()


def test_everything_is_restored_in_place(tmp_path: Path) -> None:
    kept = made(tmp_path)
    loss, _ = kept.task.next_loss()
    loss.backward()
    kept.optimizer.step()
    counters = Counters(step=1, units=40, best=2.5, divergences=1)
    kept.save(counters)
    before = {name: p.detach().clone() for name, p in kept.task.model.named_parameters()}
    places = {name: p.data_ptr() for name, p in kept.task.model.named_parameters()}
    position = kept.task.position()
    with torch.no_grad():
        for parameter in kept.task.model.parameters():
            parameter.zero_()
    kept.task.next_loss()
    assert dataclasses.asdict(kept.restore(LATEST, 1)) == dataclasses.asdict(counters)
    for name, parameter in kept.task.model.named_parameters():
        assert torch.equal(parameter, before[name])
        assert parameter.data_ptr() == places[name]
    assert all(torch.equal(t, kept.task.position()[name]) for name, t in position.items())


def test_the_good_state_is_the_saved_one_and_stays_when_another_is_saved(tmp_path: Path) -> None:
    kept = made(tmp_path)
    kept.save(Counters(step=1))
    kept.keep_as_good()
    kept.save(Counters(step=2))
    assert saved_state.read(tmp_path / GOOD)[1]["step"] == 1
    assert saved_state.read(tmp_path / LATEST)[1]["step"] == 2


def test_without_hard_links_the_good_state_is_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise OSError("no hard links here")

    monkeypatch.setattr(os, "link", refused)
    kept = made(tmp_path)
    kept.save(Counters(step=1))
    kept.keep_as_good()
    assert (tmp_path / GOOD).read_bytes() == (tmp_path / LATEST).read_bytes()


def test_the_best_model_says_how_it_was_made(tmp_path: Path) -> None:
    kept = made(tmp_path)
    kept.write_best(Counters(step=9, best_step=7, seconds=1.26), 5, complete=True, metrics={"val_loss": 2.0})
    metadata = model_file.describe(tmp_path / BEST).metadata
    assert metadata["complete"] is True
    assert (metadata["steps"], metadata["best_step"], metadata["seed"], metadata["seconds"]) == (9, 7, 5, 1.3)
    assert metadata["versions"]["torch"] == str(torch.__version__)
    kept.load_best()


def test_a_missing_state_is_an_error_in_words(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no saved state"):
        made(tmp_path).restore(LATEST, 1)


@pytest.mark.parametrize("name", ["position.h", "position.place", "average.output.bias", "random.cpu"])
def test_a_part_of_another_shape_is_refused(tmp_path: Path, name: str) -> None:
    kept = made(tmp_path)
    kept.save(Counters(step=1))
    tensors, numbers = saved_state.read(tmp_path / LATEST)
    numbers = {key: value for key, value in numbers.items() if key not in ("format", "torch")}
    saved_state.write(tmp_path / LATEST, tensors | {name: torch.ones(3, 3, 3)}, numbers)
    with pytest.raises(saved_state.Damaged):
        kept.restore(LATEST, 1)
    saved_state.write(tmp_path / LATEST, tensors, numbers | {"step": "many"})
    with pytest.raises(saved_state.Damaged, match="step is not a number"):
        kept.restore(LATEST, 1)
