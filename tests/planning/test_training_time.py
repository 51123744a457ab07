"""The speeds of all sizes, from two measurements, against speeds that were measured."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmterm.planning import training_time
from lstmterm.planning.machine import Machine
from lstmterm.planning.training_time import REFERENCE, REFERENCE_BATCHES, chars_per_second, cost
from lstmterm.spec.character import CharBatchPart, CharModelPart

# Characters a second in training: two cores of an AMD EPYC with bfloat16 but no matrix units, in both precisions, and of
# an Intel Xeon with them. The speed of the reference model, billions of multiplications a second, and what was measured.
MEASURED = {
    "bfloat16": (
        61_800,
        215.5,
        {(1, 128, 16, 32): 119_700, (1, 256, 32, 48): 87_600, (1, 384, 64, 64): 61_000, (2, 384, 128, 64): 27_000,
         (2, 448, 128, 64): 19_200, (2, 576, 128, 64): 11_500},
    ),
    "float32": (
        40_600,
        100,
        {(1, 128, 16, 32): 102_500, (1, 256, 32, 48): 56_200, (1, 384, 64, 64): 35_400, (2, 384, 128, 64): 15_500,
         (2, 448, 128, 64): 11_300, (2, 576, 128, 64): 6_650},
    ),
    "matrix units": (75_600, 542, {(1, 384, 64, 64): 83_000, (1, 512, 64, 64): 59_800, (2, 384, 128, 64): 54_000}),
}  # fmt: skip


def machine(speed: float, share: float) -> Machine:
    return Machine("cpu", 2, "float32", speed, share)


@pytest.mark.parametrize("name", MEASURED)
def test_the_speeds_of_all_sizes_follow_from_two_measurements(name: str) -> None:
    reference, billions, speeds = MEASURED[name]
    share = training_time.share_of_products(reference, 1e9 * billions)
    for (layers, hidden, streams, length), speed in speeds.items():
        model = CharModelPart(layers=layers, hidden=hidden, embedding=64)
        cut = CharBatchPart(batch_size=streams, seq_length=length)
        assert 0.7 < chars_per_second(model, cut, 65, machine(reference, share), "muon") / speed < 1.4, (
            layers,
            hidden,
        )


@given(st.floats(1, 10**7), st.floats(0, 0.9))
def test_the_reference_has_the_speed_that_was_measured(speed: float, share: float) -> None:
    found = chars_per_second(REFERENCE, REFERENCE_BATCHES, 65, machine(speed, share), "adamw")
    assert found == pytest.approx(speed)


@given(st.floats(0.0, 0.9), st.sampled_from(["muon", "adamw"]))
def test_larger_models_are_slower_and_larger_batches_faster(share: float, optimizer: str) -> None:
    def pace(hidden: int, streams: int) -> float:
        part = CharModelPart(hidden=hidden, embedding=64)
        cut = CharBatchPart(batch_size=streams, seq_length=48)
        return chars_per_second(part, cut, 65, machine(50_000, share), optimizer)

    assert pace(768, 32) < pace(384, 32) < pace(384, 128)


@given(st.floats(1, 1e9), st.floats(1, 1e15))
def test_products_never_take_all_of_the_time(speed: float, multiplications: float) -> None:
    assert 0 <= training_time.share_of_products(speed, multiplications) <= 0.9


def test_the_cost_grows_with_every_size() -> None:
    base = CharModelPart(layers=1, hidden=128, embedding=32)
    for larger in ({"layers": 2}, {"hidden": 129}, {"embedding": 33}):
        assert cost(CharModelPart.from_dict(vars(base) | larger), 60) > cost(base, 60)
    assert cost(base, 61) > cost(base, 60)
