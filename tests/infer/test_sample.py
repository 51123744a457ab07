"""What is sampled: the distribution, its randomness, and the state that is carried."""

from collections import deque

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.sample import Sampler, penalised, probabilities
from lstmterm.spec.sampling import Sampling
from tests.character_models import LETTERS, TorchModel

P = np.array([0.1, 0.4, 0.05, 0.3, 0.15])
LOGITS = np.log(P).astype(np.float32)


@pytest.fixture(scope="module")
def model() -> CharLSTM:
    return CharLSTM.from_tensors(TorchModel(2, 48).tensors())


def _kept(sampling: Sampling) -> list[int]:
    return np.flatnonzero(probabilities(LOGITS, sampling)).tolist()


def test_temperature_sharpens_and_flattens() -> None:
    np.testing.assert_allclose(probabilities(LOGITS), P, rtol=1e-6)
    np.testing.assert_allclose(probabilities(LOGITS, Sampling(0.5)), P**2 / (P**2).sum(), rtol=1e-5)
    np.testing.assert_allclose(probabilities(LOGITS, Sampling(0)), [0, 1, 0, 0, 0])
    np.testing.assert_allclose(probabilities(LOGITS, Sampling(1e-9)), [0, 1, 0, 0, 0])


def test_filters_keep_what_they_say() -> None:
    assert _kept(Sampling(1, top_k=1)) == [1]
    assert _kept(Sampling(1, top_k=3)) == [1, 3, 4]
    assert _kept(Sampling(1, top_k=99)) == [0, 1, 2, 3, 4]
    assert _kept(Sampling(1, top_p=0.39)) == [1]
    assert _kept(Sampling(1, top_p=0.41)) == [1, 3]
    assert _kept(Sampling(1, top_p=0.86)) == [0, 1, 3, 4]
    assert _kept(Sampling(1, min_p=0.3)) == [1, 3, 4]
    assert _kept(Sampling(1, min_p=1)) == [1]
    # the nucleus is of what top-k left: 0.4 of 0.7 is not yet 0.6
    assert _kept(Sampling(1, top_k=2, top_p=0.56)) == [1]
    assert _kept(Sampling(1, top_k=2, top_p=0.58)) == [1, 3]
    assert probabilities(LOGITS, Sampling(1, top_k=2))[3] == pytest.approx(3 / 7)


@settings(max_examples=60)
@given(
    logits=st.lists(st.floats(-30, 30, width=32), min_size=1, max_size=40),
    top_p=st.floats(0.01, 1),
    temperature=st.floats(0.05, 5),
)
def test_the_nucleus_is_the_fewest_that_reach_top_p(
    logits: list[float], top_p: float, temperature: float
) -> None:
    whole = probabilities(np.array(logits, np.float32), Sampling(temperature))
    kept = probabilities(np.array(logits, np.float32), Sampling(temperature, top_p=top_p)) > 0
    assert whole[kept].sum() >= top_p - 1e-9
    least = whole[kept].min()
    assert whole[whole > least].sum() < top_p + 1e-9
    assert kept[whole > least].all()


def test_several_streams_are_filtered_as_each_alone() -> None:
    columns = np.random.default_rng(1).normal(0, 2, (30, 4)).astype(np.float32)
    for sampling in (Sampling(0), Sampling(0.7, top_k=5), Sampling(1, top_p=0.8), Sampling(2, min_p=0.1)):
        together = probabilities(columns, sampling)
        for column, alone in zip(columns.T, together.T, strict=True):
            np.testing.assert_allclose(alone, probabilities(column.copy(), sampling), rtol=1e-12)


def test_characters_are_as_frequent_as_they_are_probable(model: CharLSTM) -> None:
    start = Sampler(model, LETTERS, [0])
    start.feed("ab")
    sampling = Sampling(1.0, top_k=4)
    expected = start.expected(sampling)
    n = 4000
    drawn = Sampler(model, LETTERS, range(n), start).step(sampling)
    counts = np.bincount(drawn, minlength=len(LETTERS))
    assert counts[expected == 0].sum() == 0
    assert np.abs(counts / n - expected).max() < 4 * np.sqrt(0.25 / n)


def test_each_character_takes_one_uniform_number_of_pcg64(model: CharLSTM) -> None:
    writer = Sampler(model, LETTERS, [11])
    draws = np.random.Generator(np.random.PCG64(11))
    for settings_now in (Sampling(1.0), Sampling(0.5, top_k=3), Sampling(2.0, min_p=0.1)) * 5:
        expected = np.cumsum(writer.expected(settings_now))
        assert writer.step(settings_now) == [
            int(np.searchsorted(expected, draws.random() * expected[-1], "right"))
        ]


def test_settings_may_change_and_the_state_is_carried(model: CharLSTM) -> None:
    writer = Sampler(model, LETTERS, [1])
    writer.feed("One ")
    first = [writer.step(sampling)[0] for sampling in (Sampling(0), Sampling(1), Sampling(0.3, top_k=2))]
    writer.feed(" two")
    replayed = Sampler(model, LETTERS, [9])
    replayed.feed("One " + "".join(LETTERS.symbols[i] for i in first) + " two")
    np.testing.assert_allclose(writer.expected(), replayed.expected(), rtol=1e-4)
    continued = Sampler(model, LETTERS, [9], writer)
    np.testing.assert_allclose(continued.expected(), writer.expected(), rtol=1e-4)


def test_unknown_characters_are_read_and_reported_and_never_written(model: CharLSTM) -> None:
    writer = Sampler(model, LETTERS, [1])
    assert writer.feed("a☃é☃") == {"☃": 2, "é": 1}
    assert max(writer.step(Sampling(10.0))[0] for _ in range(500)) < len(LETTERS)


def test_the_repetition_penalty_divides_the_probabilities_of_recent_characters() -> None:
    sampling = Sampling(1.0, repetition_penalty=4.0, repetition_window=3)
    written = deque([0, 1, 3, 3, 4])
    expected = P / np.array([1, 1, 1, 4, 4])
    got = probabilities(penalised(LOGITS, [written], sampling), sampling)
    np.testing.assert_allclose(got, expected / expected.sum(), rtol=1e-5)
    off = Sampling(1.0, repetition_window=3)
    assert penalised(LOGITS, [written], off) is LOGITS
    shifted = probabilities(penalised(LOGITS + np.float32(9), [written], sampling), sampling)
    np.testing.assert_allclose(shifted, got, rtol=1e-5)


def test_the_repetition_penalty_ends_a_loop_and_leaves_the_surprisal_alone(model: CharLSTM) -> None:
    likeliest = Sampling(0)
    sampler = Sampler(model, LETTERS, [0], measure=True)
    sampler.begin("Once")
    expected = sampler.expected(Sampling(1.0))
    for _ in range(50):
        sampler.step(likeliest)
    freed = Sampler(model, LETTERS, [0], sampler)
    loop = {sampler.step(likeliest)[0] for _ in range(50)}
    penalised_loop = Sampling(0, repetition_penalty=100, repetition_window=len(loop) + 5)
    distinct = len({freed.step(penalised_loop)[0] for _ in range(50)})
    assert distinct > len(loop)
    first = Sampler(model, LETTERS, [0], measure=True)
    first.begin("Once")
    (symbol,) = first.step(Sampling(1.0, repetition_penalty=5.0))
    assert first.nats[0] == pytest.approx(-np.log(expected[symbol]), rel=1e-4)


def test_each_stream_has_its_own_recent_characters(model: CharLSTM) -> None:
    sampling = Sampling(1.0, repetition_penalty=8.0, repetition_window=5)
    together = Sampler(model, LETTERS, [3, 4])
    alone = [Sampler(model, LETTERS, [seed]) for seed in (3, 4)]
    for _ in range(40):
        assert together.step(sampling) == [sampler.step(sampling)[0] for sampler in alone]
