"""The list of all knobs."""

import pytest

from lstmterm.spec.base import Kind
from lstmterm.ui.train import knobs
from lstmterm.ui.train.knob_screen import line


@pytest.mark.parametrize("kind", ["charlm", "tagger"])
def test_values_and_sentences_stand_below_each_other(kind: Kind) -> None:
    columns = {
        line(knob, "", kind).plain.index(knob.sentence) for _, group in knobs.groups(kind) for knob in group
    }
    assert len(columns) == 1
