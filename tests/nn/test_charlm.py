"""The character model: windows that continue each other, gradients that do not, first weights."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.nn.char_task import CharTask
from lstmterm.nn.charlm import CharLM
from lstmterm.nn.initial import State, detached
from lstmterm.nn.losses import mean_nll
from lstmterm.nn.streams import Streams
from lstmterm.spec.character import CharModelPart
from tests.small import small_corpus, small_task, small_text

# Windows of a lane and the lane as a whole


def logits_of_windows(task: CharTask, windows: int) -> Tensor:
    """The logits (T, B, V) of so many consecutive training windows."""
    seen: list[Tensor] = []
    hook = task.model.register_forward_hook(lambda _m, _a, result: seen.append(result[0].detach()))
    for _ in range(windows):
        task.next_loss()
    hook.remove()
    return torch.cat(seen)


def check_windows_make_one_pass(task: CharTask) -> None:
    """Over two epochs, the windows' logits are those of a single long pass over each lane."""
    streams = task.streams
    lanes_LB = np.stack([streams.ids[a : a + streams.length] for a in streams.starts], axis=1)
    with torch.no_grad():
        expected, _ = task.model(
            torch.from_numpy(lanes_LB.astype(np.int64)), task.model.first_state(streams.count)
        )
    for _ in range(2):
        logits = logits_of_windows(task, streams.steps_per_epoch)
        assert torch.allclose(logits, expected, atol=1e-5, rtol=0)


def check_no_gradient_crosses(task: CharTask) -> None:
    """The loss of a window gives no gradient to the inputs of the window before it."""
    embedded: list[Tensor] = []

    def keep(_module: object, _arguments: object, result: Tensor) -> None:
        result.retain_grad()
        embedded.append(result)

    assert task.model.embedding is not None
    hook = task.model.embedding.register_forward_hook(keep)
    task.next_loss()
    loss, _ = task.next_loss()
    hook.remove()
    loss.backward()
    before, within = embedded
    assert within.grad is not None
    assert within.grad.abs().sum() > 0
    assert before.grad is None or not before.grad.any()


class StateDropped(CharTask):
    """Broken: every window starts from nothing."""

    def next_loss(self) -> tuple[Tensor, int]:
        self.state = self.model.first_state(self.streams.count)
        return super().next_loss()


class StateNeverReset(CharTask):
    """Broken: the state behind the text's end is carried to its beginning."""

    def next_loss(self) -> tuple[Tensor, int]:
        carried, first_state = self.state, self.model.first_state
        self.model.first_state = lambda streams: carried
        try:
            return super().next_loss()
        finally:
            self.model.first_state = first_state


class LanesShuffled(CharTask):
    """Broken: the text of every window goes to another lane."""

    def next_loss(self) -> tuple[Tensor, int]:
        self.state = tuple(s.roll(1, dims=1) for s in self.state)  # pyright: ignore[reportAttributeAccessIssue]
        return super().next_loss()


class StateAttached(CharTask):
    """Broken: the state is carried with its history."""

    attached: State | None = None

    def next_loss(self) -> tuple[Tensor, int]:
        block = torch.from_numpy(self.streams.next())
        logits, self.attached = self.model(block[:-1], self.attached or self.state)
        return mean_nll(logits, block[1:], "cross-entropy", logits.shape[-1]), block[1:].numel()


@pytest.mark.parametrize(
    "knobs", [{}, {"layers": 2, "initial_state": "learned"}, {"embedding": 0, "seq_length": 7}]
)
def test_windows_make_one_pass(knobs: dict[str, Any]) -> None:
    task = small_task(**knobs)
    if task.model.initial.kind == "learned":
        torch.nn.init.normal_(task.model.initial.h)
    check_windows_make_one_pass(task)


@pytest.mark.parametrize("broken", [StateDropped, StateNeverReset, LanesShuffled])
def test_broken_windows_fail_the_check(broken: type[CharTask]) -> None:
    with pytest.raises(AssertionError):
        check_windows_make_one_pass(small_task(kind=broken))


def test_no_gradient_crosses_a_window() -> None:
    check_no_gradient_crosses(small_task())
    check_no_gradient_crosses(small_task(layers=2, dropout=0.3))


def test_an_attached_state_fails_the_check() -> None:
    with pytest.raises(AssertionError):
        check_no_gradient_crosses(small_task(kind=StateAttached))


def test_detached_is_numbers_only() -> None:
    h, c = detached((torch.ones(1, 1, 1, requires_grad=True), torch.ones(1, 1, 1, requires_grad=True)))
    assert not h.requires_grad
    assert not c.requires_grad


# Where a lane starts


def test_a_learned_state_learns_in_a_lanes_first_window_only() -> None:
    task = small_task(initial_state="learned")
    assert task.model.initial.kind == "learned"
    for epoch in range(2):
        for window in range(task.streams.steps_per_epoch):
            task.model.zero_grad(set_to_none=True)
            task.next_loss()[0].backward()
            for learned in (task.model.initial.h, task.model.initial.c):
                got_any = learned.grad is not None and bool(learned.grad.any())
                assert got_any == (window == 0), (epoch, window)


def test_a_random_state_is_random_only_in_training() -> None:
    model = CharLM(5, CharModelPart(hidden=6, embedding=3, initial_state="random"))
    h, c = model.first_state(4)
    assert h.std() > 0
    assert c.std() > 0
    assert not torch.equal(h[:, 0], h[:, 1]), "each lane has its own"
    model.eval()
    assert not any(s.any() for s in model.first_state(4))


def test_a_lane_starts_from_zeros_otherwise() -> None:
    model = CharLM(5, CharModelPart(hidden=6, embedding=3, layers=2))
    assert [s.shape for s in model.first_state(4)] == [(2, 4, 6)] * 2
    assert not any(s.any() for s in model.first_state(4))


# First weights


def test_recurrent_weights_are_orthogonal_in_every_gate() -> None:
    model = CharLM(9, CharModelPart(layers=2, hidden=16, embedding=8))
    for layer in range(2):
        recurrent = getattr(model.lstm, f"weight_hh_l{layer}").detach()
        for gate in recurrent.split(16):
            assert torch.allclose(gate @ gate.T, torch.eye(16), atol=1e-5)


def test_biases_are_zero_and_the_forget_gates_one_in_all() -> None:
    model = CharLM(9, CharModelPart(layers=2, hidden=16, embedding=8))
    for layer in range(2):
        total = getattr(model.lstm, f"bias_ih_l{layer}") + getattr(model.lstm, f"bias_hh_l{layer}")
        expected = torch.zeros(64)
        expected[16:32] = 1  # the gates stand in the order i, f, g, o
        assert torch.equal(total.detach(), expected)


def test_the_forget_gate_is_the_second() -> None:
    """A cell whose second bias is large keeps what it holds."""
    model = CharLM(3, CharModelPart(hidden=2, embedding=2))
    with torch.no_grad():
        for name, weight in model.lstm.named_parameters():
            weight.zero_()
            if name == "bias_ih_l0":
                weight[2:4] = 50.0
    held = torch.full((1, 1, 2), 0.7)
    _, (_, c) = model(torch.zeros(5, 1, dtype=torch.long), (torch.zeros(1, 1, 2), held))
    assert torch.allclose(c, held, atol=1e-6)


def test_torchs_own_first_weights_on_request() -> None:
    torch.manual_seed(3)
    model = CharLM(9, CharModelPart(hidden=16, embedding=8, init="default"))
    gate = model.get_parameter("lstm.weight_hh_l0").detach()[:16]
    assert not torch.allclose(gate @ gate.T, torch.eye(16), atol=1e-2)


def test_token_dropout_hides_its_share_of_characters_and_only_in_training() -> None:
    torch.manual_seed(0)
    model = CharLM(5, CharModelPart(hidden=4, token_dropout=0.25))
    x = torch.randint(5, (100, 100))
    shown = model.with_token_dropout(x)
    assert ((shown == x) | (shown == 5)).all()
    assert abs((shown == 5).float().mean() - 0.25) < 0.02
    state = model.first_state(100)
    hidden, again = (model.train()(x, state)[0] for _ in range(2))
    assert not torch.equal(hidden, again)
    whole, again = (model.eval()(x, state)[0] for _ in range(2))
    assert torch.equal(whole, again)


def test_dropout_stands_between_layers_and_at_the_end() -> None:
    assert CharLM(5, CharModelPart(hidden=4, layers=2, dropout=0.3)).lstm.dropout == 0.3
    assert CharLM(5, CharModelPart(hidden=4, layers=1, dropout=0.3)).dropout.p == 0.3
    assert CharLM(5, CharModelPart(hidden=4, layers=2, dropout=0.3, layer_dropout=0.0)).lstm.dropout == 0.0


# Symbols and losses


def test_one_hot_is_an_embedding_by_the_identity() -> None:
    torch.manual_seed(0)
    one_hot = CharLM(6, CharModelPart(hidden=5, embedding=0))
    embedded = CharLM(6, CharModelPart(hidden=5, embedding=6))
    with torch.no_grad():
        for name, parameter in one_hot.named_parameters():
            embedded.get_parameter(name).copy_(parameter)
        assert embedded.embedding is not None
        embedded.embedding.weight.copy_(torch.eye(7)[:, :6])  # the unknown symbol is the zero vector
    x = torch.randint(7, (9, 2))
    assert torch.allclose(
        one_hot(x, one_hot.first_state(2))[0], embedded(x, embedded.first_state(2))[0], atol=1e-6
    )


def test_nll_is_cross_entropy() -> None:
    logits, targets = torch.randn(7, 3, 5), torch.randint(6, (7, 3))
    assert torch.allclose(mean_nll(logits, targets, "nll", 5), mean_nll(logits, targets, "cross-entropy", 5))


def test_unknown_targets_are_not_scored() -> None:
    logits = torch.randn(4, 1, 5)
    wanted = torch.tensor([[0], [5], [2], [5]])
    by_hand = -logits.log_softmax(-1)[[0, 2], 0, [0, 2]].mean()
    assert torch.allclose(mean_nll(logits, wanted, "cross-entropy", 5), by_hand)
    assert mean_nll(logits, torch.full((4, 1), 5), "nll", 5) == 0, "not nan"


def test_losses_are_computed_in_float32() -> None:
    loss = mean_nll(torch.randn(4, 1, 5).bfloat16(), torch.randint(5, (4, 1)), "cross-entropy", 5)
    assert loss.dtype == torch.float32


def test_the_unknown_symbol_is_read_and_never_written() -> None:
    vocabulary = Vocabulary("abcdehilnort uy")
    corpus = small_corpus(small_text(2000), vocabulary)
    assert (corpus.ids == vocabulary.unknown).any()
    task = small_task(corpus)
    loss, _ = task.next_loss()
    assert math.isfinite(loss.item())
    logits, _ = task.model(torch.tensor([[vocabulary.unknown]]), task.model.first_state(1))
    assert logits.shape[-1] == len(vocabulary)
    sample = task.sample()
    assert "\ufffd" not in sample.text


def test_streams_are_read_from_the_training_split_only() -> None:
    task = small_task()
    last = task.streams.starts[-1] + task.streams.length
    assert last == task.split.train[1] - 1
    assert isinstance(task.streams, Streams)
