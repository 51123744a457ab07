"""Scores are the losses that their definition promises."""

import math

import numpy as np
import pytest
import torch

from lstmterm.infer import predictions
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.score import log_probabilities, score, surprisals
from tests.character_models import LETTERS, TorchModel


@pytest.fixture(scope="module")
def ids() -> np.ndarray:
    """1,500 numbers, some of them unknown."""
    return np.random.default_rng(3).integers(0, len(LETTERS) + 1, 1500).astype(np.uint8)


def _torch_nats(reference: TorchModel, ids: np.ndarray) -> np.ndarray:
    """-ln p of characters 1 to the last, from the initial state; nan where unknown."""
    n = len(reference.vocabulary)
    targets = torch.from_numpy(ids[1:].astype(np.int64))
    logits = torch.from_numpy(reference.logits(ids[:-1])).double()
    nats = torch.nn.functional.cross_entropy(logits, targets.clamp(max=n - 1), reduction="none")
    return np.where(targets.numpy() < n, nats.numpy(), np.nan)


@pytest.mark.parametrize(("layers", "learned"), [(1, False), (2, True)])
def test_carried_loss_is_that_of_one_long_forward_pass(ids: np.ndarray, layers: int, learned: bool) -> None:
    reference = TorchModel(layers, learned=learned)
    expected = _torch_nats(reference, ids)
    result = score(CharLSTM.from_tensors(reference.tensors()), ids)
    assert result.unknown == np.isnan(expected).sum() > 0
    assert result.chars + result.unknown == len(ids) - 1
    assert result.nats == pytest.approx(np.nansum(expected), rel=1e-6)
    assert result.bits_per_char == pytest.approx(np.nanmean(expected) / math.log(2), rel=1e-6)


@pytest.mark.parametrize(
    ("length", "remembers"),
    [(40_000, False), (40_000, True), (8_192, False), (8_193, False), (140_003, False)],
    ids=[
        "parallel",
        "parallel, with a model that forgets nothing",
        "too short",
        "just enough",
        "a block and a rest",
    ],
)
def test_parallel_streams_predict_what_one_stream_predicts(length: int, remembers: bool) -> None:
    reference = TorchModel(2, hidden=8)
    tensors = reference.tensors()
    if remembers:  # every unit keeps everything, so no stream is in the right state soon
        for layer in range(2):
            tensors[f"lstm.bias_ih_l{layer}"][8:16] += 30
    model = CharLSTM.from_tensors(tensors)
    ids = np.random.default_rng(5).integers(0, len(LETTERS) + 1, length).astype(np.uint8)
    hidden, _ = model.run(ids[:-1], model.initial())
    logits, targets = torch.from_numpy(model.logits(hidden)), torch.from_numpy(ids[1:].astype(np.int64))
    known = targets < len(LETTERS)
    one_stream = torch.nn.functional.cross_entropy(logits[known], targets[known], reduction="none").numpy()
    found = list(surprisals(model, ids))
    assert len(found[0]) == 0, "a sign of life"
    nats = np.concatenate(found)
    assert (np.isfinite(nats) == known.numpy()).all()
    np.testing.assert_allclose(nats[known], one_stream, atol=2e-3)
    assert score(model, ids).nats_per_char == pytest.approx(one_stream.mean(), abs=2e-6)
    assert (
        predictions.carried_work(model, length - 1)
        == {
            8_192: (8_191, 0),
            8_193: (0, 2 * 8_192),
            40_000: (0, 2 * 39_999),
            140_003: (0, 2 * 140_002),
        }[length]
    )


def test_a_large_vocabulary_is_scored_in_short_blocks(
    monkeypatch: pytest.MonkeyPatch, ids: np.ndarray
) -> None:
    model = CharLSTM.from_tensors(TorchModel().tensors())
    whole = np.concatenate([part for part in log_probabilities(model, ids) if len(part)])
    monkeypatch.setattr(predictions, "_MOST_VALUES", 100 * len(LETTERS))
    parts = [part for part in log_probabilities(model, ids) if len(part)]
    assert {len(part) for part in parts[:-1]} == {100}
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-5)
    np.testing.assert_allclose(np.exp(whole).sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("reset", [1, 7, 256, 1499, 5000])
@pytest.mark.parametrize("learned", [False, True])
def test_a_reset_block_starts_from_the_initial_state_and_predicts_one_after_its_last(
    ids: np.ndarray, reset: int, learned: bool
) -> None:
    ids = ids[: max(100, 40 * reset)]
    reference = TorchModel(learned=learned)
    starts = range(0, len(ids) - 1, reset)
    expected = np.concatenate([_torch_nats(reference, ids[s : s + reset + 1]) for s in starts])
    model = CharLSTM.from_tensors(reference.tensors())
    np.testing.assert_allclose(np.concatenate(list(surprisals(model, ids, reset=reset))), expected, rtol=2e-4)
    result = score(model, ids, reset=reset)
    assert result.chars + result.unknown == len(ids) - 1
    assert result.nats == pytest.approx(np.nansum(expected), rel=1e-6)


def test_more_blocks_than_fit_in_parallel_keep_their_order() -> None:
    ids = np.random.default_rng(4).integers(0, len(LETTERS), 400).astype(np.uint8)
    reference = TorchModel(hidden=8)
    expected = np.concatenate([_torch_nats(reference, ids[s : s + 6]) for s in range(0, 399, 5)])
    model = CharLSTM.from_tensors(reference.tensors())
    np.testing.assert_allclose(np.concatenate(list(surprisals(model, ids, reset=5))), expected, rtol=2e-4)


def test_a_state_takes_the_place_of_the_initial_one(ids: np.ndarray) -> None:
    model = CharLSTM.from_tensors(TorchModel().tensors())
    whole = np.concatenate(list(surprisals(model, ids)))
    _, state = model.run(ids[:100], model.initial())
    rest = np.concatenate(list(surprisals(model, ids[100:], state)))
    np.testing.assert_allclose(rest, whole[100:], rtol=1e-4)


def test_progress_reaches_all_predictions_and_too_short_a_text_has_none() -> None:
    model = CharLSTM.from_tensors(TorchModel().tensors())
    for reset in (None, 100):
        seen: list[tuple[int, int]] = []
        score(model, np.zeros(1201, np.uint8), reset=reset, progress=lambda *now, seen=seen: seen.append(now))
        assert seen[-1] == (1200, 1200)
        for length in (0, 1):
            nothing = score(model, np.zeros(length, np.uint8), reset=reset)
            assert nothing.chars == 0
            assert math.isnan(nothing.nats_per_char)
