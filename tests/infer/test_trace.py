"""The traces of units are torch's states and gates."""

import numpy as np
import pytest
import torch

from lstmterm.errors import InputError
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.trace import trace, traces
from lstmterm.spec.units import QUANTITIES, Quantity
from tests.character_models import LETTERS, TorchModel

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


@pytest.mark.parametrize("learned", [False, True])
def test_every_quantity_is_torchs(learned: bool) -> None:
    reference = TorchModel(2, hidden=12, learned=learned)
    model = CharLSTM.from_tensors(reference.tensors())
    for (layer, quantity), expected in _torch_quantities(reference, IDS).items():
        np.testing.assert_allclose(
            np.concatenate([*traces(model, IDS, layer, quantity)]), expected, atol=1e-4
        )
        np.testing.assert_allclose(trace(model, IDS, layer, 7, quantity), expected[:, 7], atol=1e-4)


def test_the_state_is_that_of_torchs_lstm() -> None:
    reference = TorchModel(2, hidden=12)
    model = CharLSTM.from_tensors(reference.tensors())
    with torch.no_grad():
        assert reference.embedding is not None
        inputs = reference.embedding(torch.from_numpy(IDS.astype(np.int64)))[:, None]
        _, (h, c) = reference.lstm(inputs, reference.start)
    for layer in range(2):
        assert trace(model, IDS, layer, 3, "h")[-1] == pytest.approx(float(h[layer, 0, 3]), abs=1e-4)
        assert trace(model, IDS, layer, 3, "c")[-1] == pytest.approx(float(c[layer, 0, 3]), abs=1e-4)


def test_a_long_text_is_traced_as_a_short_one() -> None:
    model = CharLSTM.from_tensors(TorchModel(2, hidden=8).tensors())
    ids = np.resize(IDS, 9_000)
    seen: list[tuple[int, int]] = []
    for quantity in ("c", "forget"):
        expected = np.concatenate([*traces(model, ids, 1, quantity)])[:, 5]
        found = trace(model, ids, 1, 5, quantity, lambda *now: seen.append(now))
        np.testing.assert_allclose(found, expected, atol=2e-3)
    assert seen[-1] == (9_000, 9_000)


def test_chunks_go_on_from_a_state() -> None:
    model = CharLSTM.from_tensors(TorchModel(1, hidden=8).tensors())
    whole = np.concatenate([*traces(model, IDS, 0, "h")])
    state = model.read(IDS[:50], model.initial())
    np.testing.assert_allclose(next(traces(model, IDS[50:], 0, "h", state)), whole[50:], atol=1e-5)
    assert len(trace(model, IDS[:0], 0, 0)) == 0


@pytest.mark.parametrize(("layer", "unit"), [(2, 0), (-1, 0), (0, 8), (0, -1)])
def test_a_unit_that_is_not_there_is_a_sentence(layer: int, unit: int) -> None:
    model = CharLSTM.from_tensors(TorchModel(2, hidden=8).tensors())
    with pytest.raises(InputError, match="its layers are 0 to 1, and the units of each are 0 to 7"):
        trace(model, IDS, layer, unit)
