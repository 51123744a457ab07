"""The device and the threads of training, and what is refused because it cannot fit."""

from collections.abc import Iterator

import pytest
import torch

from lstmterm.errors import InputError
from lstmterm.nn import device, memory
from lstmterm.nn.charlm import need
from lstmterm.nn.device import autocast, checked_threads, choose_device, use_threads
from lstmterm.spec.character import CharSpec
from tests.small import CPU, small_spec, small_task


@pytest.fixture
def cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine of eight CPUs, of which this process may use six."""
    monkeypatch.setattr(device.os, "cpu_count", lambda: 8)
    monkeypatch.setattr(device.processors, "usable", lambda: 6)


@pytest.fixture
def torch_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def available(monkeypatch: pytest.MonkeyPatch, *, cuda: int, mps: bool) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)


# Devices


@pytest.mark.parametrize(
    ("cuda", "mps", "expected"), [(2, True, "cuda"), (0, True, "mps"), (0, False, "cpu")]
)
def test_auto_prefers_cuda_then_mps(
    monkeypatch: pytest.MonkeyPatch, cuda: int, mps: bool, expected: str
) -> None:
    available(monkeypatch, cuda=cuda, mps=mps)
    assert choose_device("auto") == torch.device(expected)


def test_an_available_device_is_taken_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    available(monkeypatch, cuda=2, mps=True)
    for name in ("cpu", "cuda", "cuda:1", "mps"):
        assert choose_device(name) == torch.device(name)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("abacus", r"--device must be auto, cpu, cuda, cuda:N or mps \(got 'abacus'\)"),
        ("meta", "--device must be auto"),
        ("cuda:2", "cuda:2 is not available here"),
        ("mps", "MPS is not available here"),
    ],
)
def test_an_unknown_or_unavailable_device_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, sentence: str
) -> None:
    available(monkeypatch, cuda=2, mps=False)
    with pytest.raises(InputError, match=sentence):
        choose_device(name)


# Threads


@pytest.mark.usefixtures("cores")
def test_requested_threads_are_used_up_to_the_number_of_cpus() -> None:
    assert checked_threads(1) == 1
    assert checked_threads(8, processes=4) == 8
    with pytest.raises(InputError, match=r"--threads must be at most 8, .* \(got 9\)"):
        checked_threads(9)


@pytest.mark.usefixtures("cores")
@pytest.mark.parametrize(("processes", "expected"), [(1, 6), (2, 3), (4, 1), (20, 1)])
def test_processes_share_the_usable_cores(processes: int, expected: int) -> None:
    assert checked_threads(None, processes) == expected


@pytest.mark.usefixtures("torch_threads")
def test_use_threads_also_keeps_freed_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    monkeypatch.setattr(memory, "keep_freed", lambda: calls.append("kept"))
    use_threads(1)
    assert torch.get_num_threads() == 1
    assert calls == ["kept"]


# Memory


def refuse_too_large(spec: CharSpec, vocabulary_size: int, shares: int = 1) -> None:
    device.refuse_too_large(need(spec, vocabulary_size, shares), CPU)


def test_a_teacher_that_cannot_fit_is_refused_before_it_is_made() -> None:
    large = small_spec(layers=8, batch_size=4096, seq_length=4096, ensemble=1, teacher_hidden=8192)
    with pytest.raises(InputError, match=r"smaller model or batch \(make --teacher-hidden, --layers"):
        refuse_too_large(large, 65)


def test_a_model_that_cannot_fit_is_refused_before_it_is_made() -> None:
    large = small_spec(hidden=8192, layers=8, batch_size=4096, seq_length=4096)
    with pytest.raises(
        InputError, match=r"needs at least [\d,.e+]+ GB .* smaller model or batch \(make --hidden, --layers"
    ):
        refuse_too_large(large, 65)
    refuse_too_large(small_spec(), 65)


@pytest.mark.parametrize(
    "knobs", [{"hidden": 512}, {"layers": 8, "hidden": 128}, {"batch_size": 3000}, {"seq_length": 4096}]
)
def test_every_size_counts(monkeypatch: pytest.MonkeyPatch, knobs: dict[str, int]) -> None:
    monkeypatch.setattr(device, "_memory", lambda _: 5_000_000)
    refuse_too_large(small_spec(), 65)
    with pytest.raises(InputError):
        refuse_too_large(small_spec(**knobs), 65)


def test_devices_share_the_characters_of_a_step_but_not_the_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "_memory", lambda _: 5_000_000)
    many_streams, many_units = small_spec(batch_size=3000), small_spec(hidden=512)
    with pytest.raises(InputError):
        refuse_too_large(many_streams, 65, shares=1)
    refuse_too_large(many_streams, 65, shares=8)
    with pytest.raises(InputError):
        refuse_too_large(many_units, 65, shares=8)


def test_the_estimate_is_four_numbers_per_weight_and_the_activations(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = small_spec(layers=2)  # embedding 8, hidden 12, batch 4 x 10
    weights = 4 * 12 * (8 + 12) + 4 * 12 * (12 + 12) + (8 + 12) * 65
    needed = 4 * (4 * weights + 4 * 10 * (6 * 12 * 2 + 2 * 65))
    monkeypatch.setattr(device, "_memory", lambda _: needed)
    refuse_too_large(spec, 65)
    monkeypatch.setattr(device, "_memory", lambda _: needed - 1)
    with pytest.raises(InputError):
        refuse_too_large(spec, 65)


def test_a_large_vocabulary_is_named_as_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "_memory", lambda _: 50_000_000)
    with pytest.raises(InputError, match=r"at most 0.05 GB can be used.*1,000,000 distinct.*--vocab-limit"):
        refuse_too_large(small_spec(), 1_000_000)
    with pytest.raises(InputError) as refused:
        refuse_too_large(small_spec(hidden=4096), 65)
    assert "--vocab-limit" not in str(refused.value)


# Precision


@pytest.mark.parametrize(
    ("precision", "expected"), [("float32", torch.float32), ("bfloat16", torch.bfloat16)]
)
def test_forward_passes_run_at_the_precision(precision: str, expected: torch.dtype) -> None:
    with autocast(CPU, precision):
        assert torch.nn.functional.linear(torch.ones(2, 2), torch.ones(2, 2)).dtype == expected


def test_a_precision_that_the_processor_lacks_is_refused_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unsupported(*_: object) -> None:
        raise RuntimeError(
            "could not create a primitive descriptor for the LSTM forward propagation primitive"
        )

    monkeypatch.setattr(torch.nn.LSTM, "forward", unsupported)
    device.precisions.cache_clear()
    try:
        assert device.precisions(CPU) == ("float32",)
        device.refuse_precision(CPU, "auto")
        with pytest.raises(InputError, match="The CPU of this machine cannot train an LSTM in bfloat16"):
            small_task(precision="bfloat16")
    finally:
        device.precisions.cache_clear()


def test_asking_for_the_precisions_leaves_the_random_numbers_as_they_are() -> None:
    device.precisions.cache_clear()
    torch.manual_seed(3)
    expected = torch.rand(3)
    torch.manual_seed(3)
    device.precisions(CPU)
    assert torch.equal(torch.rand(3), expected)
