"""The traces of units are torch's states and gates."""

import numpy as np
import pytest
import torch

from lstmterm.errors import InputError
from lstmterm.infer import trace
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.streams import StreamReading
from lstmterm.infer.trace import LayerTrace
from lstmterm.spec.units import QUANTITIES, Quantity
from tests.character_models import LETTERS, TorchModel, read_in_one_stream

IDS = LETTERS.encode("The quick brown fox\njumps over the lazy dog. " * 3)


@torch.no_grad()
def _torch_quantities(reference: TorchModel, ids: np.ndarray) -> dict[tuple[int, Quantity], np.ndarray]:
    """Every quantity of every layer, (T, H), by torch's equations."""
    assert reference.embedding is not None
    inputs = reference.embedding(torch.from_numpy(ids.astype(np.int64)))
    found: dict[tuple[int, Quantity], np.ndarray] = {}
    for layer in range(reference.lstm.num_layers):
        w = {
            p: getattr(reference.lstm, f"{p}_l{layer}")
            for p in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        }
        h, c = (part[layer, 0] for part in reference.start)
        rows: dict[Quantity, list[torch.Tensor]] = {quantity: [] for quantity in QUANTITIES}
        for x in inputs:
            gates = w["weight_ih"] @ x + w["bias_ih"] + w["weight_hh"] @ h + w["bias_hh"]
            i, f, g, o = gates.chunk(4)
            i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
            c = f * c + i * g
            h = o * c.tanh()
            for quantity, value in zip(QUANTITIES, (c, c.tanh(), h, i, f, o), strict=True):
                rows[quantity].append(value)
        found |= {(layer, quantity): torch.stack(each).numpy() for quantity, each in rows.items()}
        inputs = torch.stack(rows["h"])
    return found


def _traced(model: CharLSTM, ids: np.ndarray, layer: int, quantity: Quantity) -> np.ndarray:
    """All units, (T, H), by `LayerTrace`."""
    found = LayerTrace.of(StreamReading(model, ids), layer, quantity)
    return np.stack([found.unit(unit, quantity) for unit in range(model.hidden)], axis=1)


@pytest.mark.parametrize("learned", [False, True])
def test_every_quantity_is_torchs(learned: bool) -> None:
    reference = TorchModel(2, hidden=12, learned=learned)
    model = CharLSTM.from_tensors(reference.tensors())
    for (layer, quantity), expected in _torch_quantities(reference, IDS).items():
        np.testing.assert_allclose(read_in_one_stream(model, IDS, layer, quantity), expected, atol=1e-4)
        np.testing.assert_allclose(_traced(model, IDS, layer, quantity), expected, atol=1e-4)


def test_the_state_is_that_of_torchs_lstm() -> None:
    reference = TorchModel(2, hidden=12)
    model = CharLSTM.from_tensors(reference.tensors())
    with torch.no_grad():
        assert reference.embedding is not None
        inputs = reference.embedding(torch.from_numpy(IDS.astype(np.int64)))[:, None]
        _, (h, c) = reference.lstm(inputs, reference.start)
    for layer in range(2):
        np.testing.assert_allclose(_traced(model, IDS, layer, "h")[-1], h[layer, 0], atol=1e-4)
        np.testing.assert_allclose(_traced(model, IDS, layer, "c")[-1], c[layer, 0], atol=1e-4)


def test_a_long_text_is_traced_as_in_one_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    model = CharLSTM.from_tensors(TorchModel(2, hidden=8).tensors())
    ids = np.resize(IDS, 9_000)
    reading = StreamReading(model, ids)
    seen: list[tuple[int, int]] = []
    for held in (trace._HELD, 0):  # in memory, and in a file
        monkeypatch.setattr(trace, "_HELD", held)
        for quantity in ("c", "forget"):
            expected = read_in_one_stream(model, ids, 1, quantity)
            found = LayerTrace.of(reading, 1, quantity, lambda *now: seen.append(now))
            assert isinstance(found.values, np.memmap) == (not held)
            for unit in range(8):
                np.testing.assert_allclose(found.unit(unit, quantity), expected[:, unit], atol=2e-3)
            assert seen[-1] == (9_000, 9_000)


@pytest.mark.parametrize("layer", [2, -1])
def test_a_layer_that_is_not_there_is_a_sentence(layer: int) -> None:
    model = CharLSTM.from_tensors(TorchModel(2, hidden=8).tensors())
    with pytest.raises(InputError, match="its layers are 0 to 1, and the units of each are 0 to 7"):
        LayerTrace.of(StreamReading(model, IDS), layer)
