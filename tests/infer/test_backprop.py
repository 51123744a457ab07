"""The gradient written by hand is torch's."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from lstmterm.infer import backprop
from lstmterm.infer.backprop import SequenceReader, Weights
from lstmterm.infer.lstm import State
from lstmterm.nn.charlm import CharLM
from lstmterm.spec.character import CharModelPart

V = 30  # also the number of the unknown character


def model_of(layers: int, embedding: int) -> CharLM:
    torch.manual_seed(layers)
    return CharLM(V, CharModelPart(layers=layers, hidden=12, embedding=embedding, init="default")).eval()


def weights_of(model: CharLM) -> Weights:
    return Weights({name: p.detach().numpy() for name, p in model.named_parameters()})


def gradient_of(reader: SequenceReader, weights: Weights) -> Weights:
    """The parts of the gradient put together; each number must come in exactly one."""
    gradient = Weights(weights)
    gradient.flat[:] = 0
    seen = np.zeros(len(gradient.flat), int)
    for part, numbers in reader.backward():
        gradient.flat[part] = numbers
        seen[part] += 1
    assert (seen == 1).all()
    return gradient


@pytest.mark.parametrize(("layers", "embedding"), [(1, 8), (2, 8), (1, 0), (3, 0)])
@pytest.mark.parametrize("part", [50, 1 << 20])  # numbers that are computed at a time
def test_losses_state_and_gradient_are_torchs(
    layers: int, embedding: int, part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backprop, "_PART", part)
    model, rng = model_of(layers, embedding), np.random.default_rng(0)
    weights = weights_of(model)
    reader = SequenceReader(weights)
    ids = rng.integers(0, V + 1, 25)
    ids[[7, 24]] = V
    h, c = rng.normal(size=(2, layers, 1, 12)).astype(np.float32)
    losses, after = reader.read(ids, State(h, c))
    gradient = gradient_of(reader, weights)

    numbers = torch.from_numpy(ids)
    logits, last = model(numbers[:-1, None], (torch.from_numpy(h), torch.from_numpy(c)))
    expected = F.cross_entropy(logits[:, 0], numbers[1:], ignore_index=V, reduction="none")
    expected.sum().backward()
    np.testing.assert_allclose(np.nan_to_num(losses), expected.detach().numpy(), atol=1e-5)
    assert np.isnan(losses[[6, 23]]).all()
    for ours, theirs in zip((after.h, after.c), last, strict=True):
        np.testing.assert_allclose(ours, theirs.detach().numpy(), atol=1e-5)
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None
        np.testing.assert_allclose(gradient[name], parameter.grad.numpy(), atol=2e-5, err_msg=name)


def test_sequences_of_any_length_do_not_affect_each_other() -> None:
    """Buffers are reused: neither an earlier sequence nor a later one changes losses, gradient or state."""
    model, rng = model_of(2, 8), np.random.default_rng(1)
    sequences = [rng.integers(0, V, n) for n in (21, 9, 21, 2, 21)]
    start = State(*np.zeros((2, 2, 1, 12), np.float32))
    weights = weights_of(model)
    used = SequenceReader(weights)
    kept = []
    for ids in sequences:
        fresh = SequenceReader(weights)
        losses, after = fresh.read(ids, start)
        again, after_again = used.read(ids, start)
        assert again.tobytes() == losses.tobytes()
        assert gradient_of(used, weights).flat.tobytes() == gradient_of(fresh, weights).flat.tobytes()
        kept.append((after, after_again))
    for after, after_again in kept:
        assert (after.h.tobytes(), after.c.tobytes()) == (after_again.h.tobytes(), after_again.c.tobytes())


def test_weights_are_one_vector_and_views_of_it() -> None:
    tensors = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.ones(2, np.float32)}
    weights = Weights(tensors)
    weights.flat[0] = 7
    weights["b"][1] = 5
    assert list(weights) == ["a", "b"]
    assert weights["a"][0, 0] == 7
    assert weights.flat.tolist() == [7, 1, 2, 3, 4, 5, 1, 5]
    copy = Weights(weights)
    copy.flat[:] = 0
    assert weights["a"].tolist() == [[7, 1, 2], [3, 4, 5]]
    assert tensors["a"][0, 0] == 0
