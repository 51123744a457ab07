"""Muon: orthogonal updates for the LSTM's square matrices, AdamW for the rest."""

import dataclasses

import pytest
import torch
from torch import nn
from torch.optim import AdamW

from lstmterm.nn import optim
from lstmterm.nn.charlm import CharLM
from lstmterm.nn.muon import STEP_SIZE, Muon, orthogonal
from lstmterm.spec.character import CharModelPart
from lstmterm.spec.training import TrainingPart

PART = TrainingPart(steps=1, evaluate_every=1, optimizer="muon", learning_rate=0.01, precision="float32")


def model_with_gradients(layers: int = 2) -> CharLM:
    torch.manual_seed(0)
    model = CharLM(11, CharModelPart(layers=layers, hidden=24, embedding=8))
    for p in model.parameters():
        p.grad = torch.randn_like(p)
    return model


@pytest.mark.parametrize(("dtype", "slack"), [(torch.float32, 1e-3), (torch.bfloat16, 5e-2)])
def test_singular_vectors_stay_and_singular_values_come_near_one(dtype: torch.dtype, slack: float) -> None:
    torch.manual_seed(1)
    u, _ = torch.linalg.qr(torch.randn(4, 32, 32))
    v, _ = torch.linalg.qr(torch.randn(4, 32, 32))
    values = torch.linspace(0.05, 3.0, 32)
    found = orthogonal(((u * values) @ v.mT).to(dtype)).float()
    between = u.mT @ found @ v  # diagonal, if the singular vectors are the same
    rest = between - torch.diag_embed(between.diagonal(dim1=1, dim2=2))
    assert rest.abs().max() < slack
    assert between.diagonal(dim1=1, dim2=2).min() > 0.45
    assert between.diagonal(dim1=1, dim2=2).max() < 1.55


def test_each_gate_is_moved_by_an_orthogonal_matrix_of_the_learning_rates_size() -> None:
    model = model_with_gradients()
    before = {n: p.detach().clone() for n, p in model.named_parameters()}
    optim.make_optimizer(model, PART).step()
    for name in ("lstm.weight_hh_l0", "lstm.weight_hh_l1", "lstm.weight_ih_l1"):
        change = model.get_parameter(name).detach() - before[name]
        for gate in change.split(24):
            size = PART.learning_rate * STEP_SIZE * 24**0.5
            values = torch.linalg.svdvals(gate) / size
            assert values.max() < 1.55
            assert values.median() > 0.65


def test_everything_else_is_moved_by_adamw() -> None:
    ours, theirs = model_with_gradients(), model_with_gradients()
    optim.make_optimizer(ours, dataclasses.replace(PART, weight_decay=0.5)).step()  # of the matrices alone
    AdamW(theirs.parameters(), lr=PART.learning_rate, betas=(0.9, 0.99), weight_decay=0.0).step()
    square = {"lstm.weight_hh_l0", "lstm.weight_hh_l1", "lstm.weight_ih_l1"}
    for (name, a), b in zip(ours.named_parameters(), theirs.parameters(), strict=True):
        assert torch.allclose(a, b, atol=1e-7) == (name not in square), name


def test_where_two_directions_meet_the_wide_matrices_are_moved_too() -> None:
    lstm = nn.LSTM(30, 24, 2, bidirectional=True)
    assert {tuple(p.shape) for p in optim.recurrent_matrices(lstm)} == {(96, 24), (96, 48)}
    for p in lstm.parameters():
        p.grad = torch.randn_like(p)
    wide = lstm.get_parameter("weight_ih_l1_reverse")
    before = wide.detach().clone()
    optim.make_optimizer(lstm, PART).step()
    for gate in (wide.detach() - before).split(24):
        values = torch.linalg.svdvals(gate) / (PART.learning_rate * STEP_SIZE * 48**0.5)
        assert values.min() > 0.45
        assert values.max() < 1.55


def test_a_rate_set_outside_reaches_every_parameter() -> None:
    model = model_with_gradients()
    before = [p.detach().clone() for p in model.parameters()]
    optimizer = optim.make_optimizer(model, PART)
    assert isinstance(optimizer, Muon)
    optimizer.set_rate(0.0)
    optimizer.step()
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))


@pytest.mark.parametrize("share", [1.0, 0.25])
def test_matrices_decay_by_the_share_that_is_set(share: float) -> None:
    model = model_with_gradients()
    gate = model.get_parameter("lstm.weight_hh_l0")
    gate.grad = torch.zeros_like(gate)
    before = gate.detach().clone()
    optimizer = optim.make_optimizer(model, dataclasses.replace(PART, weight_decay=0.5))
    optimizer.set_rate(0.02, share)
    optimizer.step()
    torch.testing.assert_close(gate, before * (1 - 0.02 * STEP_SIZE * 24**0.5 * 0.5 * share))
