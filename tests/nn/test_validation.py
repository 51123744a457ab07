"""How long a validation takes, estimated from its start."""

import numpy as np
import pytest
import torch

from lstmterm.nn import validation
from lstmterm.nn.charlm import CharLM
from lstmterm.nn.task import Evaluation
from lstmterm.spec.character import CharModelPart


@pytest.mark.parametrize("chars", [0, 1, 500, 10_000, 200_000])
def test_the_time_of_a_validation_follows_from_the_characters_read(
    chars: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real validation, on a clock that counts the characters that the model reads."""
    read, most = 0, 0
    model = CharLM(5, CharModelPart(hidden=4, embedding=4)).eval()
    forward = model.forward

    def counted(ids: torch.Tensor, state: object) -> object:
        nonlocal read
        read += ids.numel()
        return forward(ids, state)  # pyright: ignore[reportArgumentType] - passed on

    def whole() -> Evaluation:
        return validation.validated(model, ids, (0, chars), torch.device("cpu"), "float32")

    monkeypatch.setattr(model, "forward", counted)
    monkeypatch.setattr(validation.time, "perf_counter", lambda: read)
    ids = np.zeros(chars, np.uint8)
    with torch.no_grad():
        whole()
        most, read = read, 0
        estimated = validation.seconds_of(model, ids, (0, chars), torch.device("cpu"), "float32")
    assert estimated == pytest.approx(most, rel=0.01)
    assert read <= min(max(most, 1), 2 * validation._TIMED)
