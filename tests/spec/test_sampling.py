"""The sampling settings: what they may be, said in words."""

import math
from dataclasses import dataclass

import pytest

from lstmterm.errors import InputError
from lstmterm.spec.knobs import knob, knobs
from lstmterm.spec.sampling import GeneratePart, Generation, Sampling


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"temperature": -1}, "--temperature must be at least 0 (got -1)."),
        ({"temperature": 11}, "--temperature must be at most 10 (got 11)."),
        ({"temperature": math.nan}, "--temperature must be a finite number (got nan)."),
        ({"top_k": -1}, "--top-k must be at least 0 (got -1)."),
        ({"top_p": 0}, "--top-p must be at least 0.001 (got 0)."),
        ({"min_p": 1.5}, "--min-p must be at most 1 (got 1.5)."),
    ],
)
def test_impossible_settings_are_refused_in_a_sentence(values: dict[str, float], message: str) -> None:
    with pytest.raises(InputError) as refused:
        Sampling.from_dict(values)
    assert str(refused.value) == message


def test_a_text_has_a_length_or_no_end() -> None:
    assert Generation().length == 500
    assert Generation(length=None).length is None
    with pytest.raises(InputError, match="--length must be at least 0"):
        Generation(length=-1)


def test_a_label_that_the_form_has_no_room_for_is_refused_with_its_name() -> None:
    @dataclass(frozen=True)
    class Wide(GeneratePart):
        probability_floor: float = knob(0.0, "Leave out characters less likely than this.")

    with pytest.raises(
        TypeError, match=r"label 'Probability-floor' of Wide.probability_floor has more than 6"
    ):
        list(knobs(Wide))
