"""A run's state comes back from its file bit by bit, or is refused in a sentence."""

import json
import tracemalloc
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from lstmterm.errors import RunError
from lstmterm.nn import saved_state
from lstmterm.nn.optimizers import SGD, AdamW, Group, Optimizer, RMSprop

CPU = torch.device("cpu")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.safetensors"


def trained(optimizer: type[Optimizer], steps: int = 3) -> tuple[nn.Linear, Optimizer]:
    torch.manual_seed(1)
    model = nn.Linear(3, 2)
    rule = optimizer([Group(list(model.parameters()), 0.1)])
    for _ in range(steps):
        step(model, rule)
    return model, rule


def step(model: nn.Module, rule: Optimizer) -> None:
    rule.forget_gradients()
    model(torch.ones(1, 3)).square().sum().backward()
    rule.step()


def test_what_was_written_is_read(path: Path) -> None:
    tensors = {
        "model.w": torch.randn(3, 4).T,  # not contiguous
        "position.at": torch.tensor(2**40),
        "random.cpu": torch.get_rng_state(),
        "model.odd": torch.tensor([float("nan"), -0.0, float("inf")]),
    }
    saved_state.write(path, tensors, {"step": 7, "best": None})
    back, numbers = saved_state.read(path)
    assert back.keys() == tensors.keys()
    for name, tensor in tensors.items():
        assert back[name].dtype == tensor.dtype
        assert torch.equal(
            back[name].view(-1).view(torch.uint8), tensor.contiguous().view(-1).view(torch.uint8)
        )
    assert numbers == {"format": saved_state.FORMAT, "torch": torch.__version__, "step": 7, "best": None}


def test_a_missing_state_is_one_sentence(path: Path) -> None:
    with pytest.raises(RunError, match=r"no saved state .*; train again\.$"):
        saved_state.read(path)


def test_a_damaged_state_is_one_sentence(path: Path) -> None:
    saved_state.write(path, {"a": torch.ones(100)}, {})
    whole = path.read_bytes()
    for damaged in (b"", whole[:40], whole[:-1], b"\xff" * 8 + whole[8:]):
        path.write_bytes(damaged)
        with pytest.raises(RunError, match=r"is damaged: it .*; train again\.$"):
            saved_state.read(path)


def test_any_changed_bit_is_noticed(path: Path) -> None:
    saved_state.write(path, {"a": torch.arange(100.0), "b": torch.tensor(7)}, {"step": 3})
    whole = path.read_bytes()
    for at in range(0, len(whole), 3):
        changed = bytearray(whole)
        changed[at] ^= 1 << at % 8
        path.write_bytes(changed)
        with pytest.raises(RunError, match=r"is damaged|newer"):
            saved_state.read(path)


def test_a_state_that_is_replaced_while_it_is_read_is_not_called_damaged(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads = json.loads

    def replaced(text: bytes) -> object:
        saved_state.write(path, {"model.a": torch.ones(5)}, {"step": 2})
        return loads(text)

    saved_state.write(path, {"model.a": torch.zeros(3)}, {"step": 1})
    monkeypatch.setattr(json, "loads", replaced)
    assert saved_state.read_numbers(path)["step"] == 1
    assert saved_state.read_numbers(path)["step"] == 2


def test_a_state_without_a_checksum_is_that_of_an_older_version(path: Path) -> None:
    save_file({"a": torch.ones(1)}, path, {"state": json.dumps({"format": 1, "step": 3})})
    assert saved_state.read(path)[1]["step"] == 3


def test_every_type_and_shape_is_written_as_safetensors_does(path: Path) -> None:
    tensors = {str(dtype): torch.ones(2, 3).to(dtype) for dtype in saved_state._DTYPES}
    tensors |= {"scalar": torch.tensor(1.5), "none": torch.ones(0, 4)}
    saved_state.write(path, tensors, {})
    back = load_file(path)
    assert all(torch.equal(back[name], t) and back[name].dtype == t.dtype for name, t in tensors.items())


@pytest.mark.parametrize("value", [torch.ones(5), torch.ones(2, 3, dtype=torch.int64)], ids=["shape", "type"])
def test_an_optimizers_tensor_that_does_not_fit_is_refused(value: torch.Tensor) -> None:
    model, rule = trained(AdamW)
    state = saved_state.optimizer_tensors(rule, model)
    with pytest.raises(RunError, match=r"'weight\.exp_avg' does not fit"):
        saved_state.restore_optimizer(rule, model, state | {"weight.exp_avg": value})
    with pytest.raises(RunError, match=r"'other\.step' does not fit"):
        saved_state.restore_optimizer(rule, model, state | {"other.step": torch.ones(())})


def test_saving_needs_the_memory_of_one_tensor(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tensors = {str(n): torch.zeros(1_000_000) for n in range(10)}
    monkeypatch.setattr(saved_state.atomic.os, "fsync", lambda _: None)
    tracemalloc.start()
    saved_state.write(path, tensors, {})
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 4_000_000


@pytest.mark.parametrize("metadata", [None, {}, {"state": "{"}, {"state": "[]"}, {"state": "{}"}])
def test_a_file_that_is_no_state_is_refused(path: Path, metadata: dict[str, str] | None) -> None:
    save_file({"a": torch.ones(1)}, path, metadata)
    with pytest.raises(RunError, match="is damaged"):
        saved_state.read(path)


def test_a_newer_format_is_refused(path: Path) -> None:
    save_file({"a": torch.ones(1)}, path, {"state": json.dumps({"format": saved_state.FORMAT + 1})})
    with pytest.raises(RunError, match="newer lstmterm; update to resume it"):
        saved_state.read(path)


def test_a_part_has_only_its_own_tensors() -> None:
    model, average = {"w": torch.ones(1), "b": torch.zeros(1)}, {"w": torch.zeros(1)}
    both = saved_state.prefixed(model, "model") | saved_state.prefixed(average, "models")
    assert saved_state.part(both, "model") == model
    assert saved_state.part(both, "models") == average
    assert saved_state.part(both, "mod") == {}


@pytest.mark.parametrize("optimizer", [AdamW, SGD, RMSprop], ids=lambda rule: rule.__name__)
def test_a_restored_optimizer_makes_the_same_next_steps(optimizer: type[Optimizer], path: Path) -> None:
    model, rule = trained(optimizer)
    weights = dict(model.named_parameters())
    saved_state.write(
        path,
        saved_state.prefixed(weights, "model")
        | saved_state.prefixed(saved_state.optimizer_tensors(rule, model), "o"),
        {},
    )
    saved, _ = saved_state.read(path)
    other, another = trained(optimizer, steps=5)
    saved_state.restore_model(other, saved_state.part(saved, "model"))
    saved_state.restore_optimizer(another, other, saved_state.part(saved, "o"))
    for _ in range(2):
        step(model, rule)
        step(other, another)
    assert all(torch.equal(p, q) for p, q in zip(model.parameters(), other.parameters(), strict=True))


def test_weights_are_copied_into_the_same_parameters() -> None:
    model, _ = trained(SGD)
    before = dict(model.named_parameters())
    saved_state.restore_model(model, {name: torch.full_like(p, 2.0) for name, p in before.items()})
    for name, parameter in model.named_parameters():
        assert parameter is before[name]
        assert bool((parameter == 2).all())


@pytest.mark.parametrize(
    "tensors", [{}, {"weight": torch.ones(2, 3)}, {"weight": torch.ones(3, 2), "bias": torch.ones(2)}]
)
def test_the_weights_of_another_model_are_refused(tensors: dict[str, torch.Tensor]) -> None:
    model, _ = trained(SGD)
    before = [p.clone() for p in model.parameters()]
    with pytest.raises(RunError, match="do not match"):
        saved_state.restore_model(model, tensors)
    assert all(torch.equal(p, q) for p, q in zip(model.parameters(), before, strict=True))


def test_random_numbers_continue_where_they_were() -> None:
    saved = saved_state.random_tensors(CPU)
    expected = torch.rand(5)
    torch.rand(3)
    saved_state.restore_random(saved, CPU)
    assert torch.equal(torch.rand(5), expected)


def test_a_state_without_a_checksum_whose_tensors_were_cut_is_damaged(path: Path) -> None:
    save_file({"a": torch.ones(100)}, path, {"state": json.dumps({"format": 1, "step": 3})})
    path.write_bytes(path.read_bytes()[:-50])
    assert saved_state.read_numbers(path)["step"] == 3
    with pytest.raises(saved_state.Damaged, match=r"is damaged: it .*; train again\.$"):
        saved_state.read(path)
