"""What a header claims is compared with what it describes; taggers are the models of several kinds of part."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstmterm.errors import InputError
from lstmterm.models import library, model_file
from tests.ui.tagger_models import WORDS, keep_tagger


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"level": "paragraph"}, "it tags 'paragraph', not words, characters or sequences"),
        ({"scheme": "iob"}, "it has spans of the unknown scheme 'iob'"),
        ({"sizes": {"layers": 1}}, "its sizes lack 'hidden'"),
        ({"vocabulary": {"tags": []}}, "its header has no valid vocabulary"),
    ],
)
def test_a_tagger_that_is_none_is_refused_by_what_is_wrong(changed: dict[str, Any], said: str) -> None:
    path = keep_tagger("tags", WORDS)
    stored = model_file.read(path)
    model_file.write(path, stored.tensors, {**stored.card.metadata, **changed})
    with pytest.raises(InputError, match=f"is damaged: {said}"):
        model_file.describe(path)


def test_a_taggers_learned_initial_state_has_the_shape_of_its_layers() -> None:
    path = keep_tagger("tags", WORDS)
    stored = model_file.read(path)
    hidden = stored.card.sizes["hidden"]

    def with_state(rows: int) -> Path:
        state = dict.fromkeys(("initial.h", "initial.c"), np.ones((rows, hidden), np.float32))
        return library.publish("learned", {**stored.tensors, **state}, stored.card.metadata, overwrite=True)

    assert model_file.load(with_state(1)).tensors["initial.h"].shape == (1, hidden)
    with pytest.raises(InputError, match=f"'initial.c' is 2 x {hidden} but should be 1 x {hidden}"):
        model_file.load(with_state(2))
