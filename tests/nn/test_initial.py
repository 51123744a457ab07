"""Initial states and initial weights."""

import torch

from lstmterm.nn.charlm import CharLM
from lstmterm.nn.initial import detached
from lstmterm.spec.character import CharModelPart


def test_a_detached_state_has_no_graph() -> None:
    h, c = detached((torch.ones(1, 1, 1, requires_grad=True), torch.ones(1, 1, 1, requires_grad=True)))
    assert not h.requires_grad
    assert not c.requires_grad


def test_a_random_state_is_random_only_in_training() -> None:
    model = CharLM(5, CharModelPart(hidden=6, embedding=3, initial_state="random"))
    h, c = model.first_state(4)
    assert h.std() > 0
    assert c.std() > 0
    assert not torch.equal(h[:, 0], h[:, 1]), "each stream has its own"
    model.eval()
    assert not any(s.any() for s in model.first_state(4))


def test_a_stream_starts_from_zeros_otherwise() -> None:
    model = CharLM(5, CharModelPart(hidden=6, embedding=3, layers=2))
    assert [s.shape for s in model.first_state(4)] == [(2, 4, 6)] * 2
    assert not any(s.any() for s in model.first_state(4))


def test_recurrent_weights_are_orthogonal_in_every_gate() -> None:
    model = CharLM(9, CharModelPart(layers=2, hidden=16, embedding=8))
    for layer in range(2):
        recurrent = getattr(model.lstm, f"weight_hh_l{layer}").detach()
        for gate in recurrent.split(16):
            assert torch.allclose(gate @ gate.T, torch.eye(16), atol=1e-5)


def test_biases_are_zero_except_one_for_the_forget_gate() -> None:
    model = CharLM(9, CharModelPart(layers=2, hidden=16, embedding=8))
    for layer in range(2):
        total = getattr(model.lstm, f"bias_ih_l{layer}") + getattr(model.lstm, f"bias_hh_l{layer}")
        expected = torch.zeros(64)
        expected[16:32] = 1  # torch's gate order: i, f, g, o
        assert torch.equal(total.detach(), expected)


def test_the_forget_gate_is_the_second() -> None:
    """A cell with a large second bias keeps its value."""
    model = CharLM(3, CharModelPart(hidden=2, embedding=2))
    with torch.no_grad():
        for name, weight in model.lstm.named_parameters():
            weight.zero_()
            if name == "bias_ih_l0":
                weight[2:4] = 50.0
    held = torch.full((1, 1, 2), 0.7)
    _, (_, c) = model(torch.zeros(5, 1, dtype=torch.long), (torch.zeros(1, 1, 2), held))
    assert torch.allclose(c, held, atol=1e-6)


def test_torchs_own_initial_weights_on_request() -> None:
    torch.manual_seed(3)
    model = CharLM(9, CharModelPart(hidden=16, embedding=8, init="default"))
    gate = model.get_parameter("lstm.weight_hh_l0").detach()[:16]
    assert not torch.allclose(gate @ gate.T, torch.eye(16), atol=1e-2)
