"""When a run is saved, and what is kept."""

import dataclasses
import itertools
import json
import math
import os
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

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
    with pytest.raises(saved_state.Damaged, match="it has 'many' where 'step' should be a whole number"):
        kept.restore(LATEST, 1)


@pytest.mark.parametrize(
    "numbers",
    [
        {"step": "x"}, {"step": 1.5}, {"step": -1}, {"step": True}, {"step": 10**400}, {"seconds": math.inf},
        {"best": math.nan}, {"seconds": 10**400}, {"divergences": [1]}, {"format": "1"}, {"format": 0},
    ],
    ids=str,
)  # fmt: skip
def test_numbers_that_no_run_counts_are_damage_and_the_last_good_state_is_used(
    tmp_path: Path, numbers: dict[str, Any]
) -> None:
    kept = made(tmp_path)
    kept.save(Counters(step=1))
    tensors, whole = saved_state.read(tmp_path / LATEST)
    save_file(tensors, tmp_path / LATEST, {"state": json.dumps(whole | {"format": 1} | numbers)})
    with pytest.raises(
        saved_state.Damaged, match=r"state\.safetensors is damaged: it has .*; train again\.$"
    ):
        checkpoints.states(tmp_path)
    with pytest.raises(saved_state.Damaged):
        kept.resume(1)
    saved_state.write(tmp_path / GOOD, tensors, {"step": 5})
    assert [counters.step for counters in checkpoints.states(tmp_path).values()] == [5]
    assert kept.resume(1).step == 5
    assert "state.safetensors is damaged" in kept.damage


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("position.place", torch.tensor([-1, 0])), ("position.place", torch.tensor([10**9, 0])),
        ("position.place", torch.tensor([0, -1])), ("position.place", torch.tensor([1.0, 0.0])),
        ("position.h", torch.ones(1, 4, 12, dtype=torch.int64)),
    ],
)  # fmt: skip
def test_a_position_that_the_text_does_not_have_is_refused(
    tmp_path: Path, name: str, value: torch.Tensor
) -> None:
    kept = made(tmp_path)
    kept.save(Counters(step=1))
    tensors, _ = saved_state.read(tmp_path / LATEST)
    assert tensors[name].shape == value.shape
    saved_state.write(tmp_path / LATEST, tensors | {name: value}, {"step": 1})
    with pytest.raises(saved_state.Damaged, match=r"has a position|of another shape or type"):
        kept.restore(LATEST, 1)


@pytest.mark.parametrize("optimizer", ["adamw", "adam", "muon", "sgd", "rmsprop"])
def test_an_optimizer_without_a_part_of_its_memory_is_refused(tmp_path: Path, optimizer: str) -> None:
    task = small_task(optimizer=optimizer)
    rule = optim.make_optimizer(task.model, task.spec.training)
    kept = Checkpoints(tmp_path, task, rule, None, ALONE, "a")
    task.next_loss()[0].backward()
    rule.step()
    kept.save(Counters(step=1))
    assert kept.restore(LATEST, 1).step == 1
    tensors, _ = saved_state.read(tmp_path / LATEST)
    kept_of = "optimizer.lstm.weight_hh_l0."
    for lost in [name for name in tensors if name.startswith(kept_of)]:
        less = {name.replace(lost, f"{kept_of}other"): t for name, t in tensors.items()}
        saved_state.write(tmp_path / LATEST, less, {"step": 1})
        with pytest.raises(
            saved_state.Damaged, match=r"lacks a part of the optimizer for 'lstm\.weight_hh_l0'"
        ):
            kept.restore(LATEST, 1)


def test_before_the_first_save_there_is_nothing_to_resume(tmp_path: Path) -> None:
    kept = made(tmp_path)
    assert kept.how_to_resume() == "train again; nothing of the run was saved."
    kept.save(Counters(step=1200))
    assert kept.how_to_resume().endswith("continues from step 1,200.")


def test_counters_of_a_run_that_exploded_are_read_again(tmp_path: Path) -> None:
    kept = made(tmp_path)
    counters = Counters(step=1, best=1.3e24, sum_since_evaluation=1.6e40)
    kept.save(counters)
    assert kept.restore(LATEST, 1).best == Counters.read(tmp_path / LATEST).best == 1.3e24
