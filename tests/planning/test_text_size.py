"""What a check says of a text's size is what the plan does with it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmterm.planning import char_plan, text_size
from lstmterm.planning.machine import Machine
from lstmterm.planning.text_size import TextFacts
from lstmterm.planning.training_time import units

SIZES = (100, 10_000, 65_000, 100_000, 1_000_000, 10_000_000, 10**9)


@given(st.sampled_from(SIZES), st.floats(1, 10**6), st.floats(1_000, 10**6))
def test_every_plan_keeps_to_what_is_said_of_the_text(chars: int, seconds: float, speed: float) -> None:
    found = re.search(
        r"at most (\d+)x(\d+) .*up to ([\d.]+)\) for more than (\d+) epochs(?: \((\d+) with one layer\))?",
        text_size.planned_for(chars),
    )
    assert found is not None
    *of_size, of_one_layer = found.groups()
    layers, hidden, dropout, first = map(float, of_size)
    text = TextFacts(chars, 60)
    shape = char_plan.shape_for(text, seconds, Machine("cpu", 1, "bfloat16", speed), {})
    assert shape.model.layers * shape.model.hidden <= layers * hidden
    if of_one_layer and shape.model.layers == 1:
        first = float(of_one_layer)
    per_epoch = chars / units(shape.batches)
    for epochs in (0.5, first, first + 0.1, 19.9):
        planned = char_plan.for_steps(shape, text, epochs * per_epoch, {}).model.dropout
        assert planned <= dropout
        assert (planned > 0) == (epochs > first)


@pytest.mark.parametrize("chars", SIZES)
def test_an_expectation_recommends_no_setting(chars: int) -> None:
    for read in (1, 500_000, 10**9):
        found = text_size.expectation(chars, read)
        assert not re.search(r"hidden|dropout|early stopping|--", found.sentences)
        assert len(found.brief) <= 30, "it fits into the form"


def test_every_size_has_an_expectation() -> None:
    assert len({text_size.expectation(chars) for chars in (100, *SIZES[1:2], *SIZES[3:])}) == 6


def test_a_short_training_promises_less_than_the_text() -> None:
    assert "short training" in text_size.expectation(10**6, 100_000).sentences
    assert text_size.expectation(10**6, 10**7) == text_size.expectation(10**6)
    assert text_size.expectation(1_000, 500) == text_size.expectation(1_000), "there the text says more"


@pytest.mark.parametrize(
    ("chars", "layers", "hidden", "teacher"),
    [
        (1_000_000, 2, 576, 384),
        (1_000_000, 2, 448, 384),
        (1_000_000, 2, 200, 200),
        (1_000_000, 1, 512, 512),
        (300_000, 2, 384, 384),
    ],
)
def test_a_teacher_of_two_layers_is_smaller_for_a_longer_text(
    chars: int, layers: int, hidden: int, teacher: int
) -> None:
    assert text_size.teachers_hidden(chars, layers, hidden) == teacher
