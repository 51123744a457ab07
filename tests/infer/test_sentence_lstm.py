"""Sentences of different lengths, read side by side, are read as torch reads each alone."""

import numpy as np
import pytest
import torch

from lstmterm.infer.sentence_lstm import SentenceLSTM

LENGTHS = [3, 1, 12, 7, 7]


def reference_of(layers: int, directions: int) -> torch.nn.LSTM:
    torch.manual_seed(layers)
    return torch.nn.LSTM(6, 9, layers, bidirectional=directions == 2)


def read_by_torch(reference: torch.nn.LSTM, start: np.ndarray, inputs: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        h, c = (torch.from_numpy(part) for part in start[:, :, None])
        return reference(torch.from_numpy(inputs)[:, None], (h, c))[0][:, 0].numpy()


@pytest.mark.parametrize("learned", [False, True])
@pytest.mark.parametrize("directions", [1, 2])
@pytest.mark.parametrize("layers", [1, 2, 3])
def test_it_computes_what_torch_does(layers: int, directions: int, learned: bool) -> None:
    reference, random = reference_of(layers, directions), np.random.default_rng(layers)
    tensors = {f"lstm.{name}": p.detach().numpy() for name, p in reference.named_parameters()}
    start = np.zeros((2, layers * directions, 9), np.float32)
    if learned:
        start = random.normal(0, 1, start.shape).astype(np.float32)
        tensors |= {f"initial.{part}": rows for part, rows in zip("hc", start, strict=True)}
    sentences = [random.normal(0, 1, (n, 6)).astype(np.float32) for n in LENGTHS]
    lstm = SentenceLSTM(tensors)
    hidden, _ = lstm.read(lstm.gates_of(np.concatenate(sentences)), np.array(LENGTHS))
    expected = np.concatenate([read_by_torch(reference, start, inputs) for inputs in sentences])
    np.testing.assert_allclose(hidden, expected, atol=2e-6)
    assert (lstm.width, hidden.shape) == (directions * 36, (sum(LENGTHS), directions * 9))


def test_one_direction_can_be_read_in_parts() -> None:
    reference, random = reference_of(2, 1), np.random.default_rng(4)
    lstm = SentenceLSTM({f"lstm.{name}": p.detach().numpy() for name, p in reference.named_parameters()})
    gates = lstm.gates_of(random.normal(0, 1, (20, 6)).astype(np.float32))
    whole, _ = lstm.read(gates, np.array([20]))
    first, state = lstm.read(gates[:13], np.array([13]))
    rest, _ = lstm.read(gates[13:], np.array([7]), state)
    np.testing.assert_allclose(np.concatenate([first, rest]), whole, atol=1e-6)
