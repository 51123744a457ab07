"""The sampling settings: what they may be, said in words."""

import math

import pytest

from lstmterm.spec.knobs import SpecError
from lstmterm.spec.sampling import Sampling, Writing


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
    with pytest.raises(SpecError) as refused:
        Sampling.from_dict(values)
    assert str(refused.value) == message


def test_a_text_has_a_length_or_no_end() -> None:
    assert Writing().length == 500
    assert Writing(length=None).length is None
    with pytest.raises(SpecError, match="--length must be at least 0"):
        Writing(length=-1)
