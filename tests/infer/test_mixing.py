"""Mixing with the n-grams that were read: honest, a distribution, and better where a text repeats itself."""

from collections.abc import Callable

import numpy as np
import pytest

from lstmterm.infer import mixing
from lstmterm.infer.adapt import DEFAULTS, AdaptingModel
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.mixing import Mixture, ReadNGrams
from lstmterm.infer.score import log_probabilities, surprisals
from tests.character_models import LETTERS, TorchModel

LINES = "".join(f"{i % 7} gulls over the harbour, {i % 3} boats below them.\n" for i in range(40))


def plain(model: TorchModel) -> CharLSTM:
    """The model as it is."""
    return CharLSTM.from_tensors(model.tensors())


def adapting(model: TorchModel) -> AdaptingModel:
    """A copy of the model that learns."""
    return AdaptingModel(model.tensors(), DEFAULTS["sgd"])


BOTH = pytest.mark.parametrize("kind", [plain, adapting])
Kind = Callable[[TorchModel], CharLSTM | AdaptingModel]


def test_contexts_give_their_counts_by_witten_and_bell() -> None:
    ngrams = ReadNGrams(4)
    for character in (0, 1, 0, 2, 0):
        ngrams.read(character)
    without = np.full(4, 1 / 4) * 3 / 8 + np.array([3, 1, 1, 0]) / 8  # five characters, three different ones
    after_0 = without * 2 / 4 + np.array([0, 1, 1, 0]) / 4
    none, one = ngrams.predict((0, 1))
    np.testing.assert_allclose(none, without)
    np.testing.assert_allclose(one, after_0)
    assert ngrams.known == 1  # nothing was seen after "2 0"


def test_the_unknown_character_is_context_only() -> None:
    ngrams = ReadNGrams(2)
    for character in (2, 0, 2, 0, 2):
        ngrams.read(character)
    none, one = ngrams.predict((0, 1))
    np.testing.assert_allclose(none, [1 / 2 * 1 / 3 + 2 / 3, 1 / 2 * 1 / 3])
    assert one[0] > none[0]
    assert ngrams.known == 3


def test_at_first_the_model_is_alone() -> None:
    log_p_TV = np.log(np.array([[0.7, 0.2, 0.1]]))
    nats = Mixture(3, first=0).read(log_p_TV, np.array([1]))
    assert nats[0] == pytest.approx(-np.log(0.2))


@BOTH
def test_a_prediction_is_a_distribution(kind: Kind) -> None:
    model, ids = TorchModel(), LETTERS.encode(LINES)[:300]
    total = 0.0
    for last in range(len(LETTERS)):
        ids[-1] = last
        total += np.exp(-np.concatenate(list(mixing.surprisals(kind(model), ids)))[-1])
    assert total == pytest.approx(1, abs=1e-4)


@BOTH
def test_a_prediction_depends_on_nothing_after_it(kind: Kind) -> None:
    model, ids = TorchModel(), LETTERS.encode(LINES)
    other = ids.copy()
    other[500:] = LETTERS.encode("~")[0]
    one, two = (np.concatenate(list(mixing.surprisals(kind(model), text))) for text in (ids, other))
    np.testing.assert_array_equal(one[:499], two[:499])  # the loss of character t is at t - 1
    assert np.abs(one[499:] - two[499:]).max() > 0


@BOTH
def test_repetition_is_cheap(kind: Kind) -> None:
    model, ids = TorchModel(), LETTERS.encode(LINES)
    alone = kind(model)
    parts = alone.surprisals(ids) if isinstance(alone, AdaptingModel) else surprisals(alone, ids)
    without = np.concatenate(list(parts))
    mixed = np.concatenate(list(mixing.surprisals(kind(model), ids)))
    assert mixed.shape == without.shape == (len(ids) - 1,)
    assert mixed[-500:].mean() < 0.5 < without[-500:].mean()


def test_unknown_characters_have_no_loss() -> None:
    ids = LETTERS.encode("gulls\u6f6e gulls")
    mixed = np.concatenate(list(mixing.surprisals(plain(TorchModel()), ids)))
    assert np.flatnonzero(np.isnan(mixed)).tolist() == [4]


def test_a_text_of_one_character_has_no_losses() -> None:
    parts = list(mixing.surprisals(plain(TorchModel()), LETTERS.encode("g")))
    assert sum(map(len, parts)) == 0


def test_log_probabilities_are_the_surprisals_of_all_characters() -> None:
    model = plain(TorchModel())
    ids = np.resize(LETTERS.encode(LINES), 20_000)  # read in parallel streams
    log_p = np.concatenate(list(log_probabilities(model, ids)))
    np.testing.assert_allclose(
        -log_p[np.arange(len(ids) - 1), ids[1:]], np.concatenate(list(surprisals(model, ids))), atol=1e-5
    )
    np.testing.assert_allclose(np.exp(log_p).sum(axis=1), 1, atol=1e-5)
