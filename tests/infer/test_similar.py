"""Similar places are those that brute force finds."""

from pathlib import Path

import numpy as np
import pytest

from lstmterm import paths
from lstmterm.infer import similar
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.similar import SimilarStates, state_after
from lstmterm.models import model_file
from tests.character_models import LETTERS, TorchModel, near

WORDS = [
    "the",
    "quick",
    "brown",
    "fox",
    "jumps",
    "over",
    "a",
    "lazy",
    "dog",
    "and",
    "sits",
    "(down)",
    "by",
    "it\n",
]


def _text(length: int) -> np.ndarray:
    words = np.random.default_rng(7).choice(WORDS, length)
    return LETTERS.encode(" ".join(words)[:length])


@pytest.fixture
def file() -> Path:
    return TorchModel(2, hidden=12).publish("bard")


@pytest.fixture
def model(file: Path) -> CharLSTM:
    return CharLSTM.from_tensors(model_file.load(file).tensors)


def test_the_nearest_are_those_of_brute_force(model: CharLSTM, file: Path) -> None:
    ids = _text(5000)
    states = SimilarStates.of(model, file, ids)
    hidden, _ = model.run(ids, model.initial())
    hidden = hidden.astype(np.float64)
    wanted = state_after(model, LETTERS.encode("and the quick"))
    cosines = hidden @ wanted / np.linalg.norm(hidden, axis=1) / np.linalg.norm(wanted)
    expected: list[int] = []
    for p in np.argsort(-cosines):
        if all(abs(p - q) > 20 for q in expected):
            expected.append(int(p))
        if len(expected) == 10:
            break
    found = states.nearest(wanted)
    np.testing.assert_allclose([f.cosine for f in found], cosines[expected], atol=2e-3)
    np.testing.assert_allclose([cosines[f.position] for f in found], cosines[expected], atol=2e-3)
    assert found[0].position == expected[0] or cosines[found[0].position] > cosines[expected[0]] - 2e-3


def test_a_long_corpus_is_sampled_evenly_and_near_enough(model: CharLSTM, file: Path) -> None:
    ids = _text(70_000)
    seen: list[tuple[int, int]] = []
    states = SimilarStates.of(model, file, ids, lambda *now: seen.append(now), sample=6400)
    assert states.states.shape == (6400, 12)
    assert len(set(states.positions.tolist())) == 6400
    assert seen[-1] == (6400, 6400)
    assert np.histogram(states.positions, bins=8, range=(0, 70_000))[0].min() > 400
    hidden, _ = model.run(ids, model.initial())
    exact = hidden[states.positions]
    exact /= np.linalg.norm(exact, axis=1, keepdims=True)
    np.testing.assert_allclose(states.states, exact, atol=3e-3)


def test_the_states_are_read_once_for_a_model_and_a_text(
    model: CharLSTM, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = SimilarStates.of(model, file, _text(300))
    with monkeypatch.context() as patched:
        patched.setattr(similar, "_read", None)
        again = SimilarStates.of(model, file, _text(300))
    np.testing.assert_array_equal(first.states, again.states)
    expected = np.array(first.states)
    (kept,) = paths.states().glob("*.states")
    kept.unlink()
    kept.write_bytes(b"short")
    np.testing.assert_array_equal(SimilarStates.of(model, file, _text(300)).states, expected)
    other = TorchModel(2, hidden=12, seed=2).publish("other")
    second = CharLSTM.from_tensors(model_file.load(other).tensors)
    assert (SimilarStates.of(second, other, _text(300)).states != first.states).any()


def test_no_more_than_some_files_are_kept(model: CharLSTM, file: Path) -> None:
    for length in range(100, 700, 100):
        SimilarStates.of(model, file, _text(length))
    assert len([*paths.states().glob("*.states")]) == 4


def test_few_positions_give_few_places(model: CharLSTM, file: Path) -> None:
    states = SimilarStates.of(model, file, _text(30))
    found = states.nearest(np.ones(12), most=10, apart=20)
    assert 1 <= len(found) <= 2


@pytest.mark.parametrize("length", [5000, 70_000])
def test_a_stretch_is_compared_character_by_character(model: CharLSTM, file: Path, length: int) -> None:
    ids = _text(length)
    states = SimilarStates.of(model, file, ids, sample=4000)
    hidden, _ = model.run(ids, model.initial())
    hidden = hidden / np.linalg.norm(hidden, axis=1, keepdims=True)
    wanted, _ = model.run(LETTERS.encode("the lazy fox"), model.initial())
    wanted = wanted[-5:]
    unit = wanted / np.linalg.norm(wanted, axis=1, keepdims=True)
    found = states.cosines(wanted)
    kept = {int(p) for p in states.positions}
    for row in range(0, len(found), 37):
        p = int(states.positions[row])
        if p - 4 not in kept:
            assert found[row] == -np.inf
            continue
        expected = np.mean([hidden[p - 4 + k] @ unit[k] for k in range(5)])
        assert found[row] == pytest.approx(expected, abs=3e-3)
    places = states.nearest(wanted, most=3)
    assert places[0].cosine == pytest.approx(found.max(), abs=1e-6)


def test_a_stretch_longer_than_all_that_is_kept_is_nowhere(model: CharLSTM, file: Path) -> None:
    states = SimilarStates.of(model, file, _text(30))
    assert states.nearest(np.ones((31, 12))) == []


def test_a_stream_that_is_warmed_up_has_read_what_is_before_its_start(
    model: CharLSTM, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(similar, "_WARM_UP", 7)
    ids = LETTERS.encode("And then the tide came in over the stones of the harbour.")
    states = similar._warmed_up(model, ids, np.array([0, 20, 33]))
    assert near(states.streams(0, 1), model.initial(), 0)
    for k, start in ((1, 20), (2, 33)):
        assert near(states.streams(k, k + 1), model.read(ids[start - 7 : start], model.initial()), 1e-6)
    alone = similar._warmed_up(model, ids, np.array([0]))
    assert near(alone, model.initial(), 0)
