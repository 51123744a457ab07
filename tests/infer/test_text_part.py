"""A part of a text is read layer after layer, and every layer only once its joints agree."""

import numpy as np
import pytest

from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.text_part import BEYOND, SAME, TextPart
from tests.character_models import LETTERS, TorchModel, near

IDS = np.random.default_rng(5).integers(0, len(LETTERS) + 1, 8_201).astype(np.uint8)


def test_a_layer_is_right_everywhere_before_the_next_begins() -> None:
    model = CharLSTM.from_tensors(TorchModel(2, hidden=8).tensors())
    part = TextPart(model, IDS, model.initial())
    expected = [model.initial()]
    for symbol in IDS:
        expected.append(model.read(np.array([symbol]), expected[-1]))
    for k, stretches in enumerate(part.read(2, lambda layer, running: (running.h, running.c))):
        h, c = (np.full((len(IDS), 8), np.nan, np.float32) for _ in range(2))
        for stretch in stretches:
            assert stretch.layer == k
            beyond = stretch.positions >= len(IDS)
            assert (stretch.positions[beyond] == BEYOND).all()
            stretch.write(stretch.seen[0], h)
            stretch.write(stretch.seen[1], c)
        np.testing.assert_allclose(h, [state.h[k, 0] for state in expected[1:]], atol=2 * SAME)
        np.testing.assert_allclose(c, [state.c[k, 0] for state in expected[1:]], atol=2 * SAME, rtol=2 * SAME)
    assert near(part.state_at(len(IDS)), expected[-1], 1e-3)


def test_a_part_like_another_reads_only_what_differs_and_is_right_everywhere() -> None:
    """Unit 3 of layer 1 is held: layer 0 is that of the part before, so it is read once, stretch beside stretch."""
    model = CharLSTM.from_tensors(TorchModel(2, hidden=8).tensors())
    part, held = TextPart(model, IDS, model.initial()), model.holding({(1, 3): 0.5})
    for stretches in part.read(2, lambda layer, running: ()):
        for _ in stretches:
            pass
    like = TextPart(held, IDS, held.initial(), part)
    counts, h = np.zeros(len(IDS), int), np.full((len(IDS), 8), np.nan, np.float32)
    for k, stretches in enumerate(like.read(2, lambda layer, running: (running.h,))):
        for stretch in stretches:
            if k:
                stretch.write(stretch.seen[0], h)
            else:
                counts[stretch.positions[stretch.positions < len(IDS)]] += 1
    assert (counts == 1).all()
    np.testing.assert_allclose(h, held.run(IDS, held.initial())[0], atol=2 * SAME)


def test_a_state_is_known_only_where_all_layers_were_read() -> None:
    model = CharLSTM.from_tensors(TorchModel(2, hidden=8).tensors())
    part = TextPart(model, IDS, model.initial())
    layers = part.read(2, lambda layer, running: ())
    for _ in next(layers):
        pass
    with pytest.raises(ValueError, match="not read yet"):
        part.state_at(100)
    for _ in next(layers):
        pass
    assert near(part.state_at(100), model.read(IDS[:100], model.initial()), 1e-3)
