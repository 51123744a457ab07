"""Optimizers, learning rates, clipping, and the moving average of weights."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from lstmterm.nn import optim, saved_state
from lstmterm.spec.training import TrainingPart
from tests.small import small_spec, small_task


@pytest.mark.parametrize("optimizer", ["muon", "adamw", "adam", "sgd", "rmsprop"])
@pytest.mark.parametrize("factor", [math.nan, math.inf])
def test_a_gradient_that_is_not_finite_changes_nothing(optimizer: str, factor: float) -> None:
    task = small_task(optimizer=optimizer, weight_decay=0.1)
    rule = optim.make_optimizer(task.model, task.spec.training)

    def step(bad: float | None) -> None:
        loss, _ = task.next_loss()
        rule.forget_gradients()
        loss.backward()
        if bad is not None:
            weight = task.model.output.weight
            assert weight.grad is not None
            weight.grad[0, 0] = bad
        norm = optim.clip_gradients(task.model, 1.0)
        optim.guarded_step(rule, torch.isfinite(norm))

    def everything() -> dict[str, Tensor]:
        memory = saved_state.optimizer_tensors(rule, task.model)
        return {n: t.clone() for n, t in {**dict(task.model.named_parameters()), **memory}.items()}

    step(None)
    before = everything()
    step(factor)
    after = everything()
    assert all(torch.equal(before[name], after[name]) for name in before)
    step(None)
    moved = everything()
    for name in ("output.weight", "lstm.weight_hh_l0"):
        assert not torch.equal(moved[name], after[name]), "training continues"


def rates(**knobs: Any) -> list[float]:
    part = small_spec(learning_rate=1.0, **knobs).training
    return [optim.scheduled_rate(part, step) for step in range(part.steps)]


def test_the_rate_rises_and_falls() -> None:
    cosine = rates(steps=100, warmup=10)
    assert cosine[:10] == pytest.approx([(i + 1) / 10 for i in range(10)])
    assert cosine[10:] == sorted(cosine[10:], reverse=True)
    assert cosine[10] == 1.0
    assert cosine[55] == pytest.approx(0.505, abs=0.02)
    assert 0.01 <= cosine[-1] < 0.012
    assert rates(steps=100, warmup=10, final_rate=0.5)[-1] == pytest.approx(0.5, abs=0.001)
    assert set(rates(steps=100, warmup=0, final_rate=1.0)) == {1.0}
    assert set(rates(steps=50, warmup=0, schedule="constant")) == {1.0}
    assert sorted(set(rates(steps=100, warmup=0, schedule="step")), reverse=True) == [
        0.5**i for i in range(5)
    ]


@pytest.mark.parametrize("schedule", ["cosine", "constant", "step"])
def test_any_schedule_falls_to_zero_in_the_cooldown(schedule: str) -> None:
    plain, cooled = (rates(steps=100, warmup=10, schedule=schedule, cooldown=c) for c in (0.0, 0.2))
    assert cooled[:81] == pytest.approx(plain[:81])
    assert cooled[81:] == pytest.approx([rate * (19 - i) / 20 for i, rate in enumerate(plain[81:])])
    assert cooled[-1] == pytest.approx(plain[-1] / 20)
    assert rates(steps=100, warmup=0, schedule="constant", cooldown=1.0)[:2] == pytest.approx([1.0, 0.99])


def test_vectors_are_not_decayed() -> None:
    task = small_task(weight_decay=0.3)
    decayed = {
        id(p): group.weight_decay
        for group in optim.make_optimizer(task.model, task.spec.training).groups
        for p in group.parameters
    }
    for parameter in task.model.parameters():
        assert decayed[id(parameter)] == (0.3 if parameter.ndim > 1 else 0.0)


def test_the_gradient_is_clipped() -> None:
    task = small_task()
    task.next_loss()[0].backward()
    norm = optim.clip_gradients(task.model, 0.01)
    after = torch.nn.utils.get_total_norm([p.grad for p in task.model.parameters() if p.grad is not None])
    assert norm > 0.01
    assert after.item() == pytest.approx(0.01, rel=1e-3)


def test_clip_zero_is_off() -> None:
    task = small_task()
    task.next_loss()[0].backward()
    norm = optim.clip_gradients(task.model, 0.0)
    after = torch.nn.utils.get_total_norm([p.grad for p in task.model.parameters() if p.grad is not None])
    assert torch.equal(norm, after)


def test_every_optimizer_is_made() -> None:
    for name in ("muon", "adamw", "adam", "sgd", "rmsprop"):
        part = TrainingPart(steps=1, evaluate_every=1, optimizer=name, learning_rate=0.5)
        assert type(optim.make_optimizer(small_task().model, part)).__name__.lower() == name


def test_the_average_follows_the_weights() -> None:
    weight = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(weight.weight)
    average, expected = optim.MovingAverage(weight, 0.5), 0.0
    for step in range(20):
        weight.weight.data.fill_(step + 1.0)
        average.update(step)
        decay = min(0.5, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * (step + 1)
    assert average.weights["weight"].item() == pytest.approx(expected)


def test_the_average_is_a_linear_interpolation_to_the_bit() -> None:
    model = small_task().model
    average = optim.MovingAverage(model, 0.99)
    expected = {name: p.detach().clone() for name, p in model.named_parameters()}
    for step in range(5):
        for name, p in model.named_parameters():
            p.data.normal_()
            expected[name].lerp_(p.detach(), 1 - min(0.99, (1 + step) / (10 + step)))
        average.update(step)
    assert all(torch.equal(average.weights[name], weight) for name, weight in expected.items())


def test_swapping_twice_changes_nothing() -> None:
    model = small_task().model
    average = optim.MovingAverage(model, 0.5)
    latest = {name: p.data.normal_().clone() for name, p in model.named_parameters()}
    kept = {name: weight.clone() for name, weight in average.weights.items()}
    average.swap()
    assert all(torch.equal(p, kept[name]) for name, p in model.named_parameters())
    average.swap()
    assert all(torch.equal(p, latest[name]) for name, p in model.named_parameters())
    assert all(torch.equal(average.weights[name], weight) for name, weight in kept.items())


def test_a_saved_average_is_restored() -> None:
    model = small_task().model
    average = optim.MovingAverage(model, 0.5)
    saved = {name: torch.randn_like(weight) for name, weight in average.weights.items()}
    saved_state.restore_into(average.weights, saved)
    assert all(torch.equal(average.weights[name], weight) for name, weight in saved.items())
