"""A held unit has its value at every step, and where none is held nothing changes."""

import numpy as np
import pytest

from lstmterm.errors import InputError
from lstmterm.infer.lstm import CharLSTM, Reader
from lstmterm.infer.running import RunningLayer
from tests.character_models import LETTERS, TorchModel, near

IDS = LETTERS.encode("The quick brown fox\njumps over the lazy dog.")
HELD = {(0, 2): 1.25, (1, 0): -0.5, (1, 7): 30.0}


@pytest.fixture(scope="module")
def model() -> CharLSTM:
    return CharLSTM.from_tensors(TorchModel(2, hidden=9).tensors())


@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("watched", [False, True])
def test_held_units_have_their_value_at_every_step(model: CharLSTM, batch: int, watched: bool) -> None:
    reader = Reader(model, model.initial(batch), HELD, watched=watched)
    for symbol in (None, *IDS):
        if symbol is not None:
            reader.read(symbol if batch == 1 else np.full(batch, symbol))
        for (layer, unit), value in HELD.items():
            np.testing.assert_array_equal(reader.layers[layer].c[unit], np.float32(value))
            if symbol is not None and watched:
                output = reader.layers[layer].activated[unit]
                np.testing.assert_allclose(reader.layers[layer].h[unit], output * np.tanh(value), rtol=1e-6)
    assert (reader.state.c[1, :, 7] == 30).all()


def test_all_ways_of_reading_hold_the_same(model: CharLSTM) -> None:
    holding = model.holding(HELD)
    hidden, state = holding.run(IDS, holding.initial())
    reader = Reader(model, model.initial(), HELD)
    for t, symbol in enumerate(IDS):
        reader.read(symbol)
        np.testing.assert_allclose(reader.layers[1].h, hidden[t], atol=1e-6)
    assert near(reader.state, state, 1e-6)
    assert near(holding.read(IDS, holding.initial()), state, 1e-6)


def test_other_units_only_change_by_what_they_hear(model: CharLSTM) -> None:
    """In the first step the layer hears nothing of the held unit's h yet."""
    plain, held = (Reader(model, model.initial(), units) for units in ({}, {(0, 2): 5.0}))
    for reader in (plain, held):
        reader.read(IDS[0])
    others = np.arange(9) != 2
    np.testing.assert_array_equal(plain.layers[0].c[others], held.layers[0].c[others])
    for reader in (plain, held):
        reader.read(IDS[1])
    assert (plain.layers[0].c[others] != held.layers[0].c[others]).any()


def test_nothing_held_is_the_model_itself_and_its_plain_layers(model: CharLSTM) -> None:
    assert model.holding({}) is model
    holding = model.holding(HELD)
    assert holding.holding(HELD) is holding
    assert holding is not model
    freed = holding.holding({})
    assert (freed.run(IDS, model.initial())[0] == model.run(IDS, model.initial())[0]).all()
    assert {type(layer) for layer in Reader(model, model.initial(), {}).layers} == {RunningLayer}


def test_a_watched_reader_has_gates_and_changes_nothing(model: CharLSTM) -> None:
    plain, watched = Reader(model, model.initial()), Reader(model, model.initial(), watched=True)
    for symbol in IDS:
        plain.read(symbol)
        watched.read(symbol)
    np.testing.assert_array_equal(plain.logits(), watched.logits())
    assert watched.layers[0].activated.shape == (36,)
    with pytest.raises(ValueError, match="watched"):
        _ = plain.layers[0].activated


@pytest.mark.parametrize("unit", [(2, 0), (0, 9), (-1, 0), (0, -1)])
def test_a_unit_that_is_not_there_is_a_sentence(model: CharLSTM, unit: tuple[int, int]) -> None:
    with pytest.raises(InputError, match="has no hidden unit"):
        model.holding({unit: 1.0})
