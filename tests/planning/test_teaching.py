"""The time of models that are trained in turn."""

import pytest

from lstmterm.planning.teaching import models_in_time, taught_step, teachers_step
from lstmterm.spec.character import CharModelPart, EnsemblePart

MODEL = CharModelPart(layers=2, hidden=576, embedding=64)


@pytest.mark.parametrize("teachers", [0, 1, 3])
def test_teachers_of_the_same_size_take_as_long_as_the_model_and_slow_it_down(teachers: int) -> None:
    ensemble = EnsemblePart(ensemble=teachers)
    assert teachers_step(MODEL, ensemble) == 1
    assert models_in_time(MODEL, ensemble) == pytest.approx(teachers + taught_step(MODEL, ensemble))
    assert taught_step(MODEL, ensemble) == pytest.approx(1 + 0.31 * teachers)


def test_a_smaller_teacher_takes_the_time_of_its_weights() -> None:
    small = EnsemblePart(ensemble=1, teacher_hidden=384)
    same = EnsemblePart(ensemble=1)
    assert 0.41 < teachers_step(MODEL, small) < 0.53, "measured: 0.42 on one machine, 0.5 on another"
    assert 1.5 < models_in_time(MODEL, small) < 1.7
    assert models_in_time(MODEL, same) == pytest.approx(2.31)
    assert models_in_time(MODEL, EnsemblePart()) == 1
