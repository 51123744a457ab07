"""The gradient written by hand is torch's."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from lstmterm.infer import backprop
from lstmterm.infer.backprop import SequenceReader, Weights, trainable
from lstmterm.infer.lstm import State
from lstmterm.nn.charlm import CharLM
from lstmterm.spec.character import CharModelPart

V = 30  # also the number of the unknown character


def model_of(layers: int, embedding: int) -> CharLM:
    torch.manual_seed(layers)
    return CharLM(V, CharModelPart(layers=layers, hidden=12, embedding=embedding, init="default")).eval()


def tensors_of(model: CharLM) -> dict[str, np.ndarray]:
    return {name: p.detach().numpy() for name, p in model.named_parameters()}


def gradient_of(reader: SequenceReader) -> Weights:
    """The parts of the gradient put together; each number must come in exactly one."""
    gradient = Weights(reader.weights)
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
    reader = SequenceReader(tensors_of(model), hops=23)
    ids = rng.integers(0, V + 1, 25)
    ids[[7, 24]] = V
    h, c = rng.normal(size=(2, layers, 1, 12)).astype(np.float32)
    losses, after = reader.read(ids, State(h, c))
    gradient = gradient_of(reader)

    numbers = torch.from_numpy(ids)
    logits, last = model(numbers[:-1, None], (torch.from_numpy(h), torch.from_numpy(c)))
    expected = F.cross_entropy(logits[:, 0], numbers[1:], ignore_index=V, reduction="none")
    expected.sum().backward()
    np.testing.assert_allclose(np.nan_to_num(losses), expected.detach().numpy(), atol=1e-5)
    assert np.isnan(losses[[6, 23]]).all()
    for ours, theirs in zip((after.h, after.c), last, strict=True):
        np.testing.assert_allclose(ours, theirs.detach().numpy(), atol=1e-5)
    parameters = dict(model.named_parameters())
    for name, numbers in gradient.items():
        by_torch = parameters[name].grad
        assert by_torch is not None
        np.testing.assert_allclose(numbers, by_torch.numpy(), atol=2e-5, err_msg=name)


@pytest.mark.parametrize("hops", [0, 1, 3])
def test_a_gradient_flows_back_through_h_by_so_many_characters(hops: int) -> None:
    """torch's gradient of cells that are stepped one by one, where h is cut off from older paths."""
    model, rng = model_of(1, 8), np.random.default_rng(2)
    ids = rng.integers(0, V, 13)
    reader = SequenceReader(tensors_of(model), hops)
    reader.read(ids, State(*np.zeros((2, 1, 1, 12), np.float32)))
    gradient = gradient_of(reader)

    w = {name: parameter.detach().requires_grad_() for name, parameter in model.named_parameters()}
    x = F.embedding(torch.from_numpy(ids[:-1]), w["embedding.weight"])
    # states[d] is the state of which gradients still may pass d times through h
    states = [(torch.zeros(12), torch.zeros(12)) for _ in range(hops + 1)]
    loss = torch.tensor(0.0)
    for t, target in enumerate(ids[1:]):
        before = [states[0][0].detach(), *(h for h, _ in states[:-1])]
        after = []
        for d in range(hops + 1):
            gates = (
                w["lstm.weight_ih_l0"] @ x[t]
                + w["lstm.bias_ih_l0"]
                + w["lstm.weight_hh_l0"] @ before[d]
                + w["lstm.bias_hh_l0"]
            )
            i, f, g, o = gates.chunk(4)
            c = f.sigmoid() * states[d][1] + i.sigmoid() * g.tanh()
            after.append((o.sigmoid() * c.tanh(), c))
        states = after
        logits = w["output.weight"] @ states[hops][0] + w["output.bias"]
        loss = loss + F.cross_entropy(logits[None], torch.tensor([target]))
    loss.backward()
    for name, numbers in gradient.items():
        by_torch = w[name].grad
        assert by_torch is not None
        np.testing.assert_allclose(numbers, by_torch.numpy(), atol=2e-5, err_msg=name)


def test_sequences_of_any_length_do_not_affect_each_other() -> None:
    """Buffers are reused: neither an earlier sequence nor a later one changes losses, gradient or state."""
    model, rng = model_of(2, 8), np.random.default_rng(1)
    sequences = [rng.integers(0, V, n) for n in (21, 9, 21, 2, 21)]
    start = State(*np.zeros((2, 2, 1, 12), np.float32))
    tensors = tensors_of(model)
    used = SequenceReader(tensors)
    kept = []
    for ids in sequences:
        fresh = SequenceReader(tensors)
        losses, after = fresh.read(ids, start)
        again, after_again = used.read(ids, start)
        assert again.tobytes() == losses.tobytes()
        assert gradient_of(used).flat.tobytes() == gradient_of(fresh).flat.tobytes()
        kept.append((after, after_again))
    for after, after_again in kept:
        assert (after.h.tobytes(), after.c.tobytes()) == (after_again.h.tobytes(), after_again.c.tobytes())


@pytest.mark.parametrize("layers", [1, 3])
def test_the_top_layer_and_the_output_are_trainable(layers: int) -> None:
    tensors = tensors_of(model_of(layers, 8))
    top = [f"lstm.{part}_{by}_l{layers - 1}" for part in ("weight", "bias") for by in ("ih", "hh")]
    weights = trainable(tensors)
    assert sorted(weights) == sorted([*top, "output.weight", "output.bias"])
    weights.flat[:] = 0
    assert tensors["output.weight"].any()


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
