"""Dynamic evaluation: honest, in a copy, and better where a text is like itself."""

from dataclasses import replace

import numpy as np
import pytest

from lstmterm.errors import RunError
from lstmterm.infer.adapt import DEFAULTS, Adaptation, AdaptingModel, Rule, root_mean_square
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.score import score, surprisals
from tests.character_models import LETTERS, TorchModel

RULES: tuple[Rule, ...] = ("sgd", "rms")
STILL = Adaptation("sgd", rate=0.0, seq_length=20, decay=0.0)
LINES = "".join(f"{i % 7} gulls over the harbour, {i % 3} boats below them.\n" for i in range(60))


def _read(model: TorchModel, ids: np.ndarray, settings: Adaptation) -> np.ndarray:
    """All losses of a fresh copy of `model` that reads `ids`."""
    scale = (
        root_mean_square(model.tensors(), ids[::-1], settings.seq_length) if settings.rule == "rms" else None
    )
    return np.concatenate(list(AdaptingModel(model.tensors(), settings, scale).surprisals(ids)))


# Honesty


@pytest.mark.parametrize("rule", RULES)
def test_a_prediction_depends_on_nothing_after_it(rule: Rule) -> None:
    settings, model = DEFAULTS[rule], TorchModel()
    ids = LETTERS.encode(LINES)
    scale = root_mean_square(model.tensors(), ids, settings.seq_length) if rule == "rms" else None
    other = ids.copy()
    changed = 500  # in the middle of a sequence
    other[changed:] = LETTERS.encode("~")[0]
    one, two = (
        np.concatenate(list(AdaptingModel(model.tensors(), settings, scale).surprisals(text)))
        for text in (ids, other)
    )
    np.testing.assert_array_equal(
        one[: changed - 1], two[: changed - 1]
    )  # the loss of character t is at t - 1
    assert (one[changed - 1 :] != two[changed - 1 :]).all()


@pytest.mark.parametrize("rule", RULES)
def test_losses_are_final_before_they_are_learned_from(rule: Rule) -> None:
    """A sequence's losses are those of a plain reader with the weights before it."""
    model, ids = TorchModel(2), LETTERS.encode(LINES)[:101]
    settings = replace(DEFAULTS[rule], seq_length=50)
    scale = root_mean_square(model.tensors(), ids, 50) if rule == "rms" else None
    adapting = AdaptingModel(model.tensors(), settings, scale)
    sequences = adapting.surprisals(ids)
    first = next(sequences)
    plain = np.concatenate(list(surprisals(CharLSTM.from_tensors(model.tensors()), ids[:51])))
    np.testing.assert_allclose(first, plain, atol=1e-5)
    second = next(sequences)
    moved = CharLSTM.from_tensors(adapting.tensors())
    _, state = CharLSTM.from_tensors(model.tensors()).run(
        ids[:50], CharLSTM.from_tensors(model.tensors()).initial()
    )
    np.testing.assert_allclose(second, np.concatenate(list(surprisals(moved, ids[50:], state))), atol=1e-5)
    assert not np.array_equal(adapting.tensors()["output.bias"], model.tensors()["output.bias"])


@pytest.mark.parametrize(
    ("layers", "embedding", "learned"), [(1, 16, False), (2, 16, True), (1, 0, False), (2, 0, True)]
)
def test_at_the_rate_0_it_is_the_plain_score(layers: int, embedding: int, learned: bool) -> None:
    ids = np.random.default_rng(3).integers(0, len(LETTERS) + 1, 777).astype(np.uint8)
    model = TorchModel(layers, embedding=embedding, learned=learned)
    plain = np.concatenate(list(surprisals(CharLSTM.from_tensors(model.tensors()), ids)))
    still = _read(model, ids, STILL)
    np.testing.assert_array_equal(np.isnan(still), np.isnan(plain))
    assert np.isnan(plain).any()
    assert np.nanmean(still) == pytest.approx(np.nanmean(plain), abs=1e-5)
    np.testing.assert_allclose(still, plain, rtol=2e-4)


# What it is for


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(("layers", "embedding"), [(1, 16), (2, 0)])
def test_a_repetitive_text_becomes_easier(rule: Rule, layers: int, embedding: int) -> None:
    model, ids = TorchModel(layers, embedding=embedding), LETTERS.encode(LINES)
    losses = _read(model, ids, DEFAULTS[rule])
    plain = score(CharLSTM.from_tensors(model.tensors()), ids).nats_per_char
    assert losses.mean() < plain - 0.2
    assert losses[-500:].mean() < losses[:500].mean() - 0.2


@pytest.mark.parametrize("rule", RULES)
def test_decay_holds_the_weights_near_the_trained_ones(rule: Rule) -> None:
    model, ids = TorchModel(), LETTERS.encode(LINES)
    trained = learned_vector(model.tensors())
    scale = root_mean_square(model.tensors(), ids, 20) if rule == "rms" else None
    far = []
    for decay in (0.0, 0.05, 1.0):
        adapting = AdaptingModel(model.tensors(), replace(DEFAULTS[rule], decay=decay), scale)
        for _ in adapting.surprisals(ids):
            pass
        far.append(float(np.linalg.norm(learned_vector(adapting.tensors()) - trained)))
    assert far[0] > 1.5 * far[1] > 3 * far[2] > 0


def learned_vector(tensors: dict[str, np.ndarray]) -> np.ndarray:
    return np.concatenate([tensors[name].ravel() for name in sorted(tensors)])


def test_divergence_is_reported_and_stops() -> None:
    ids, wild = LETTERS.encode(LINES), replace(DEFAULTS["sgd"], rate=1e38)
    seen: list[np.ndarray] = []
    with pytest.raises(RunError, match=r"smaller --adapt-rate"):
        seen.extend(AdaptingModel(TorchModel().tensors(), wild).surprisals(ids))
    assert np.isfinite(np.concatenate(seen)).all()

    adapting = AdaptingModel(TorchModel().tensors(), wild)
    list(adapting.surprisals(ids[: wild.seq_length + 1]))  # nothing is read after the one wild step
    with pytest.raises(RunError, match=r"smaller --adapt-rate"):
        adapting.tensors()
