"""A character model is planned again if this machine is much faster or slower than expected."""

import dataclasses
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lstmterm.nn import calibrate, char_recipe, session
from lstmterm.nn.char_recipe import CharRecipe
from lstmterm.nn.char_task import CharTask
from lstmterm.planning import char_plan
from lstmterm.planning.length import Length
from lstmterm.planning.machine import Machine
from lstmterm.planning.request import TrainRequest
from lstmterm.planning.steps import Pace
from lstmterm.spec.character import CharSpec
from tests.small import small_text

MACHINE = Machine("cpu", 1, "bfloat16", 60_000)
Prepare = Callable[..., session.Prepared]


@pytest.fixture
def measured() -> list[CharTask]:
    """The tasks that were timed."""
    return []


@pytest.fixture
def prepare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, measured: list[CharTask]) -> Prepare:
    """Prepare a run of ten minutes on a machine `times` as fast as the remembered one."""
    corpus = tmp_path / "words.txt"
    corpus.write_text(small_text(100_000))

    def run(times: float, **given: int) -> session.Prepared:
        true = dataclasses.replace(MACHINE, chars_per_second=times * MACHINE.chars_per_second)

        def pace(trial: CharTask, *_: object) -> Pace:
            measured.append(trial)
            model, cut = trial.spec.model, trial.spec.batches
            rate = char_plan.chars_per_second(model, cut, len(trial.vocabulary), true)
            return Pace(1, trial.units_per_step, trial.units_per_step / rate, 0.1, 0.1)

        monkeypatch.setattr(calibrate, "machine", lambda *_: MACHINE)
        monkeypatch.setattr(char_recipe, "pace_together", pace)
        request = TrainRequest("charlm", str(corpus), length=Length("minutes", 10), given=given)
        return session.prepare(request, time.monotonic())

    return run


def test_a_busy_machine_gets_a_smaller_model(prepare: Prepare, measured: list[CharTask]) -> None:
    busy, quiet = prepare(0.02), prepare(1.0)
    assert busy.spec.model.hidden < quiet.spec.model.hidden
    assert busy.machine is not None
    assert busy.machine.chars_per_second == pytest.approx(0.02 * MACHINE.chars_per_second)
    assert f"{busy.machine.chars_per_second:,.0f} characters a second" in busy.why
    assert [t.spec.model.hidden for t in measured] == [
        quiet.spec.model.hidden,  # as it would have been
        busy.spec.model.hidden,
        quiet.spec.model.hidden,
    ]
    assert isinstance(busy.recipe, CharRecipe)
    assert isinstance(busy.spec, CharSpec)
    vocabulary_size = busy.recipe.facts.vocabulary_size
    assert busy.seconds_per_step == pytest.approx(
        measured[1].units_per_step
        / char_plan.chars_per_second(busy.spec.model, busy.spec.batches, vocabulary_size, busy.machine),
        rel=0.01,
    )


def test_a_machine_about_as_fast_as_expected_is_planned_for_once(
    prepare: Prepare, measured: list[CharTask]
) -> None:
    assert prepare(0.5).machine == prepare(2.0).machine == MACHINE
    assert len(measured) == 2


def test_a_size_set_by_hand_is_kept(prepare: Prepare, measured: list[CharTask]) -> None:
    spec = prepare(0.02, layers=1, hidden=40, batch_size=8, seq_length=16).spec
    assert isinstance(spec, CharSpec)
    assert (spec.model.layers, spec.model.hidden, spec.batches.batch_size) == (1, 40, 8)
    assert len(measured) == 1
