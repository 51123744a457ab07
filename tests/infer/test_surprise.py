"""Surprise is what score counts, character by character."""

import numpy as np
import pytest
import torch

from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.score import score
from lstmterm.infer.surprise import Surprise, measured
from tests.character_models import LETTERS, TorchModel


@pytest.fixture(scope="module")
def reference() -> TorchModel:
    return TorchModel(2, hidden=24)


@pytest.fixture(scope="module")
def model(reference: TorchModel) -> CharLSTM:
    return CharLSTM.from_tensors(reference.tensors())


@pytest.fixture(scope="module")
def ids() -> np.ndarray:
    """20,000 numbers, some of them unknown: enough for parallel streams."""
    return np.random.default_rng(3).integers(0, len(LETTERS) + 1, 20_000).astype(np.uint8)


def test_every_figure_is_that_of_torch(reference: TorchModel, model: CharLSTM, ids: np.ndarray) -> None:
    ids = ids[:1500]
    found = Surprise.of(model, ids)
    log_p = torch.log_softmax(torch.from_numpy(reference.logits(ids[:-1])).double(), 1).numpy()
    for p, symbol in enumerate(ids[1:]):
        entropy = -(np.exp(log_p[p]) * log_p[p]).sum()
        assert found.entropy[p] == pytest.approx(entropy, abs=1e-4)
        if symbol == len(LETTERS):
            assert np.isnan(found.nats[p])
            assert found.ranks[p] == 0
        else:
            assert found.nats[p] == pytest.approx(-log_p[p, symbol], rel=1e-4, abs=1e-5)
            assert abs(found.ranks[p] - 1 - (log_p[p] > log_p[p, symbol]).sum()) <= 1


@pytest.mark.parametrize("length", [2, 1000, 20_000])
def test_the_sum_is_the_score(model: CharLSTM, ids: np.ndarray, length: int) -> None:
    seen: list[tuple[int, int]] = []
    found = Surprise.of(model, ids[:length], lambda *now: seen.append(now))
    expected = score(model, ids[:length])
    assert np.nanmean(found.nats, dtype=np.float64) == pytest.approx(expected.nats_per_char, rel=1e-6)
    assert np.isnan(found.nats).sum() == expected.unknown
    assert seen[-1] == (length - 1, length - 1)


def test_expected_is_what_was_measured(model: CharLSTM, ids: np.ndarray) -> None:
    found = Surprise.of(model, ids)
    for position in (1, 2, 63, 64, 65, 2499, 2500, 2501, 19_999):
        p = found.expected(position)
        assert p.sum() == pytest.approx(1)
        if ids[position] < len(LETTERS):
            assert -np.log(p[ids[position]]) == pytest.approx(found.nats[position - 1], abs=2e-3)
        assert -(p * np.log(p)).sum() == pytest.approx(found.entropy[position - 1], abs=2e-3)
    assert found.expected(20_000).shape == (len(LETTERS),)
    for position in (0, 20_001):
        with pytest.raises(ValueError, match="no prediction"):
            found.expected(position)


def test_nothing_is_expected_where_nothing_was_computed(model: CharLSTM, ids: np.ndarray) -> None:
    with pytest.raises(ValueError, match="not read yet"):
        Surprise(model, ids).expected(5)


@pytest.mark.parametrize("reset", [None, 1, 100, 256])
def test_a_text_of_any_length_is_measured_part_by_part(
    model: CharLSTM, ids: np.ndarray, reset: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lstmterm.infer.predictions.BLOCK", 1000)
    parts = list(measured(model, ids[:3500], reset))
    nats = np.concatenate([part.nats for part in parts])
    expected = score(model, ids[:3500], reset=reset)
    assert len(nats) == 3499
    assert np.nanmean(nats, dtype=np.float64) == pytest.approx(expected.nats_per_char, rel=1e-6)
    ranks = np.concatenate([part.ranks for part in parts])
    assert ((ranks == 0) == np.isnan(nats)).all()
    assert np.concatenate([part.entropy for part in parts]).min() >= 0
