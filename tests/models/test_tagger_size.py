"""The size of a tagger that is planned is the size of the one that is trained."""

from typing import Any

import pytest

from lstmterm.models.tagger_size import parameters, sizes, vocabulary_for
from lstmterm.nn.tagger import Tagger
from lstmterm.spec.tagger import TaggerModelPart
from lstmterm.tagging import tagged_data


@pytest.mark.parametrize(
    "knobs",
    [
        {},
        {"characters": "lstm", "initial_state": "learned", "layers": 3},
        {"characters": "none", "suffixes": 0, "shapes": 0, "directions": 1, "cased": True},
        {"words": 0, "layers": 1, "min_count": 3},
    ],
)
def test_the_parameters_are_those_of_the_tagger(knobs: dict[str, Any]) -> None:
    data = tagged_data.read(tagged_data.part_of("harbour-tags", {}))
    part = TaggerModelPart(**knobs)
    vocabulary = vocabulary_for(data, part)
    expected = sum(each.numel() for each in Tagger(vocabulary, part, "word").parameters())
    assert parameters(part, vocabulary) == expected
    size = sizes(data, None)(part)
    assert size.parameters == expected
    assert 4 * expected < size.bytes < 4 * expected + 200_000, "the file has the words, too"


def test_a_tagger_that_is_trained_further_keeps_its_words() -> None:
    data = tagged_data.read(tagged_data.part_of("harbour-tags", {}))
    part = TaggerModelPart()
    earlier = vocabulary_for(data, part)
    assert sizes(data, earlier)(part) == sizes(data, None)(part)
