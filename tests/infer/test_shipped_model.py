"""What the pages of the Inspect tab show of the shipped Shakespeare model is what score and torch compute.

Its text is a bundled one, in parallel streams; each figure is compared with a computation of another kind.
"""

import numpy as np
import pytest
import torch

from lstmterm import paths
from lstmterm.infer.activity import observe
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.score import score
from lstmterm.infer.silencing import silence
from lstmterm.infer.surprise import Surprise
from lstmterm.infer.trace import LayerTrace
from lstmterm.models import library, model_file
from lstmterm.models.model_file import LoadedModel
from lstmterm.spec.units import Quantity

LENGTH = 8_300  # enough for parallel streams


@pytest.fixture(scope="module")
def loaded() -> LoadedModel:
    return model_file.load(library.find("shakespeare").path)


@pytest.fixture(scope="module")
def ids(loaded: LoadedModel) -> np.ndarray:
    return loaded.card.vocabulary.encode((paths.shipped_corpora() / "harbour.txt").read_text()[:LENGTH])


@pytest.fixture(scope="module")
def surprise(loaded: LoadedModel, ids: np.ndarray) -> Surprise:
    return Surprise.of(CharLSTM.from_tensors(loaded.tensors), ids)


def test_the_bits_of_the_characters_sum_to_the_score(surprise: Surprise) -> None:
    expected = score(surprise.model, surprise.ids)
    assert np.nansum(surprise.nats, dtype=np.float64) == pytest.approx(expected.nats, rel=1e-6)
    assert np.isnan(surprise.nats).sum() == expected.unknown


def test_the_traces_of_all_units_are_torchs_states(loaded: LoadedModel, surprise: Surprise) -> None:
    tensors = {name: torch.from_numpy(np.asarray(values)) for name, values in loaded.tensors.items()}
    layers, hidden = surprise.model.layers, surprise.model.hidden
    symbols = torch.from_numpy(surprise.ids.astype(np.int64))
    lstm = torch.nn.LSTM(tensors["lstm.weight_ih_l0"].shape[1], hidden, layers)
    lstm.load_state_dict({k.removeprefix("lstm."): v for k, v in tensors.items() if k.startswith("lstm.")})
    start = surprise.model.initial()
    state = torch.from_numpy(start.h), torch.from_numpy(start.c)
    ends = [50, 1_300, 4_149, LENGTH]
    with torch.no_grad():
        inputs = torch.nn.functional.embedding(symbols, tensors["embedding.weight"])
        states, first = [], 0
        for end in ends:
            _, state = lstm(inputs[first:end, None], state)
            states.append(state)
            first = end
    for layer in range(layers):
        parts: tuple[tuple[Quantity, int], ...] = ("h", 0), ("c", 1)
        for quantity, part in parts:
            trace = LayerTrace.of(surprise.reading, layer, quantity)
            assert trace.right
            expected = np.stack([each[part][layer, 0].numpy() for each in states])
            np.testing.assert_allclose(trace.values[np.array(ends) - 1], expected, atol=1e-4, rtol=1e-4)


def test_a_held_unit_has_its_value_at_every_step_and_what_is_lost_is_a_difference_of_scores(
    surprise: Surprise,
) -> None:
    layer, unit, value = 0, 352, 1.5  # it follows capitals
    holding = surprise.model.holding({(layer, unit): value})
    activity = observe(surprise.reading.holding({(layer, unit): value}), layer, unit)
    assert (activity.values["c"] == np.float32(value)).all()
    np.testing.assert_allclose(activity.values["h"], activity.values["output"] * np.tanh(value), rtol=1e-5)
    reading = surprise.reading.holding({(layer, unit): value})
    assert (LayerTrace.of(reading, layer, "c").values[:, unit] == np.float32(value)).all()
    found = silence(surprise, layer, unit, value)
    known = len(surprise.nats) - np.isnan(surprise.nats).sum()
    expected = (score(holding, surprise.ids).nats - score(surprise.model, surprise.ids).nats) / known
    assert found.rise == pytest.approx(expected, abs=2e-6)
