"""The time of models that are trained in turn."""

from dataclasses import replace

import pytest

from lstmterm.planning.teaching import models_in_time, taught_step, teachers_step
from lstmterm.spec.character import CharBatchPart, CharModelPart, EnsemblePart

MODEL = CharModelPart(layers=2, hidden=576, embedding=64)
HOW = CharBatchPart(batch_size=128, seq_length=64), "muon"


@pytest.mark.parametrize("teachers", [0, 1, 3])
def test_teachers_of_the_same_size_take_as_long_as_the_model_and_slow_it_down(teachers: int) -> None:
    ensemble = EnsemblePart(ensemble=teachers)
    assert teachers_step(MODEL, ensemble, *HOW) == 1
    assert models_in_time(MODEL, ensemble, *HOW) == pytest.approx(
        teachers + taught_step(MODEL, ensemble, *HOW)
    )
    assert taught_step(MODEL, ensemble, *HOW) == pytest.approx(1 + 0.31 * teachers)


def test_a_smaller_teacher_takes_the_time_of_its_weights() -> None:
    small = EnsemblePart(ensemble=1, teacher_hidden=384)
    same = EnsemblePart(ensemble=1)
    assert 0.41 < teachers_step(MODEL, small, *HOW) < 0.53, "measured: 0.42 on one machine, 0.5 on another"
    assert 1.5 < models_in_time(MODEL, small, *HOW) < 1.7
    assert models_in_time(MODEL, same, *HOW) == pytest.approx(2.31)
    assert models_in_time(MODEL, EnsemblePart(), *HOW) == 1


def test_in_large_batches_products_decide_how_much_less_a_smaller_teacher_takes() -> None:
    larger, small = replace(MODEL, hidden=640), EnsemblePart(ensemble=1, teacher_hidden=384)
    of_large = teachers_step(larger, small, *HOW)
    of_small = teachers_step(larger, small, CharBatchPart(batch_size=16, seq_length=64), "adamw")
    assert 0.34 < of_large < 0.38, "measured: 0.35"
    assert of_small > 1.1 * of_large
