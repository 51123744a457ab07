"""One step of the cell is torch's, in every layout in which it is used."""

import math

import numpy as np
import pytest
import torch

from lstmterm.infer.cell import Cell, arranged


def random(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).normal(0, 1, shape).astype(np.float32)


def products(cell: torch.nn.LSTMCell, x: torch.Tensor, h: torch.Tensor) -> np.ndarray:
    """The gates before their activation, (B, 4H), as a `Cell` wants them."""
    w = {name: arranged(p.detach().numpy()) for name, p in cell.named_parameters()}
    return x.numpy() @ w["weight_ih"].T + h.numpy() @ w["weight_hh"].T + w["bias_ih"] + w["bias_hh"]


@pytest.mark.parametrize("layout", ["apart", "in a block", "with c elsewhere", "units first"])
@pytest.mark.parametrize(("hidden", "batch"), [(1, 1), (7, 1), (16, 5), (33, 32)])
def test_a_step_is_torchs(hidden: int, batch: int, layout: str) -> None:
    torch.manual_seed(hidden)
    reference = torch.nn.LSTMCell(9, hidden)
    x, h, c = (torch.from_numpy(random(batch, n)) for n in (9, hidden, hidden))
    with torch.no_grad():
        expected_h, expected_c = reference(x, (h, c))
    gates, before, after = products(reference, x, h), c.numpy().copy(), random(batch, hidden)
    if layout == "apart":
        cell, c_after = Cell(gates, before), before
    elif layout == "in a block":
        cell = Cell.in_block(np.concatenate([gates, before], axis=1))
        c_after = cell.c
    elif layout == "with c elsewhere":
        cell, c_after = Cell.in_block(np.concatenate([gates, before], axis=1), after), after
    else:  # as several streams of text lie
        block = np.ascontiguousarray(np.concatenate([gates, before], axis=1).T)
        cell = Cell.in_block(block.T)
        c_after = block[4 * hidden :].T
    h_after = np.empty((batch, hidden), np.float32)
    cell.step(h_after)
    np.testing.assert_allclose(h_after, expected_h.numpy(), atol=2e-6)
    np.testing.assert_allclose(c_after, expected_c.numpy(), atol=2e-6)
    if layout == "with c elsewhere":
        np.testing.assert_array_equal(cell.c, c.numpy())  # backpropagation needs it


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_layers_and_steps_in_a_row_are_torchs(layers: int) -> None:
    torch.manual_seed(layers)
    reference = torch.nn.LSTM(5, 12, layers)
    inputs = torch.from_numpy(random(8, 4, 5))
    with torch.no_grad():
        expected, (_, last_c) = reference(inputs)
    w = {name: arranged(p.detach().numpy()) for name, p in reference.named_parameters()}
    read = inputs.numpy()
    for k in range(layers):
        h, cell = (
            np.zeros((4, 12), np.float32),
            Cell(np.empty((4, 48), np.float32), np.zeros((4, 12), np.float32)),
        )
        written = np.empty((8, 4, 12), np.float32)
        for t in range(8):
            cell.gates[...] = read[t] @ w[f"weight_ih_l{k}"].T + w[f"bias_ih_l{k}"]
            cell.gates += h @ w[f"weight_hh_l{k}"].T + w[f"bias_hh_l{k}"]
            h = written[t]
            cell.step(h)
        read = written
        np.testing.assert_allclose(cell.c, last_c[k].numpy(), atol=2e-6)
    np.testing.assert_allclose(read, expected.numpy(), atol=2e-6)


def test_a_step_by_hand() -> None:
    """One unit: o = sigmoid(0), i = sigmoid(ln 3), f = sigmoid(-ln 3), g = tanh(atanh 1/2), c = 2."""
    before = np.array([0, math.log(3) / 2, -math.log(3) / 2, math.atanh(0.5)], np.float32)
    for cell in (
        Cell(before.copy(), np.array([2], np.float32)),
        Cell.in_block(np.append(before, np.float32(2))),
    ):
        h = np.empty(1, np.float32)
        cell.step(h)
        assert cell.c[0] == pytest.approx(0.25 * 2 + 0.75 * 0.5)
        assert h[0] == pytest.approx(0.5 * math.tanh(0.875))


def test_every_layout_gives_the_same_bits() -> None:
    gates, c = random(6, 4 * 40), random(6, 40)
    block = np.concatenate([gates, c], axis=1)
    first = np.ascontiguousarray(block.T)
    seen = []
    for cell in (Cell(gates.copy(), c.copy()), Cell.in_block(block), Cell.in_block(first.T)):
        h = np.empty((6, 40), np.float32)
        cell.step(h)
        seen.append((h.tobytes(), np.ascontiguousarray(cell.c).tobytes()))
    assert len(set(seen)) == 1


def test_gates_are_reordered_and_those_of_the_sigmoids_halved() -> None:
    rows = np.array([[2.0], [4], [6], [8]])  # i, f, g, o
    assert arranged(rows).ravel().tolist() == [4, 1, 2, 6]
    assert rows.ravel().tolist() == [2, 4, 6, 8]
