"""What is written: the distribution it is drawn from, its randomness, and its text."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.errors import InputError
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.sample import Sampling, Spelling, Writer, generate, probabilities, write_text
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


@settings(max_examples=60, deadline=None)
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


@pytest.mark.parametrize(
    "values",
    [{"temperature": -1}, {"temperature": float("nan")}, {"top_k": -1}, {"top_p": 0}, {"min_p": 1.5}],
)
def test_impossible_settings_are_refused_in_a_sentence(values: dict[str, float]) -> None:
    with pytest.raises(InputError, match=r"is from|is above|is at least"):
        Sampling(**values)  # type: ignore[arg-type]


def test_characters_come_as_often_as_they_are_probable(model: CharLSTM) -> None:
    start = Writer(model, LETTERS, [0])
    start.feed("ab")
    sampling = Sampling(1.0, top_k=4)
    expected = start.expected(sampling)
    n = 4000
    drawn = Writer(model, LETTERS, range(n), start.state).step(sampling)
    counts = np.bincount(drawn, minlength=len(LETTERS))
    assert counts[expected == 0].sum() == 0
    assert np.abs(counts / n - expected).max() < 4 * np.sqrt(0.25 / n)


def test_the_draws_are_one_uniform_number_of_pcg64_a_character(model: CharLSTM) -> None:
    writer = Writer(model, LETTERS, [11])
    draws = np.random.Generator(np.random.PCG64(11))
    for settings_now in (Sampling(1.0), Sampling(0.5, top_k=3), Sampling(2.0, min_p=0.1)) * 5:
        expected = np.cumsum(writer.expected(settings_now))
        assert writer.step(settings_now) == [
            int(np.searchsorted(expected, draws.random() * expected[-1], "right"))
        ]


def test_the_same_seed_writes_the_same_and_another_does_not(model: CharLSTM) -> None:
    texts = [write_text(model, LETTERS, "Once", 200, Sampling(), seed) for seed in (5, 5, 6)]
    assert texts[0] == texts[1] != texts[2]
    assert len(texts[0]) == 200


def test_each_of_several_samples_is_what_its_seed_writes_alone(model: CharLSTM) -> None:
    texts = [""] * 5
    for written in generate(model, LETTERS, prompt="Once", length=200, seeds=range(20, 25)):
        texts[written.stream] += written.text
    assert texts == [write_text(model, LETTERS, "Once", 200, Sampling(), seed) for seed in range(20, 25)]


def test_temperature_zero_takes_the_likeliest_and_needs_no_randomness(model: CharLSTM) -> None:
    texts = {write_text(model, LETTERS, "Once", 50, Sampling(0), seed) for seed in range(3)}
    assert len(texts) == 1
    writer = Writer(model, LETTERS, [0])
    writer.begin("Once")
    for letter in texts.pop():
        likeliest = int(np.argmax(writer.expected()))
        assert writer.step(Sampling(0)) == [likeliest]
        assert LETTERS.symbols[likeliest] == letter


def test_settings_move_and_the_state_goes_on_while_it_writes(model: CharLSTM) -> None:
    writer = Writer(model, LETTERS, [1])
    writer.feed("One ")
    first = [writer.step(sampling)[0] for sampling in (Sampling(0), Sampling(1), Sampling(0.3, top_k=2))]
    writer.feed(" two")
    replayed = Writer(model, LETTERS, [9])
    replayed.feed("One " + "".join(LETTERS.symbols[i] for i in first) + " two")
    np.testing.assert_allclose(writer.expected(), replayed.expected(), rtol=1e-4)
    gone_on = Writer(model, LETTERS, [9], writer.state)
    np.testing.assert_allclose(gone_on.expected(), writer.expected(), rtol=1e-4)


def test_unknown_characters_are_read_and_told_and_never_written(model: CharLSTM) -> None:
    writer = Writer(model, LETTERS, [1])
    assert writer.feed("a☃é☃") == {"☃": 2, "é": 1}
    assert max(writer.step(Sampling(100.0))[0] for _ in range(500)) < len(LETTERS)


def test_without_a_prompt_it_begins_behind_a_line_end(model: CharLSTM) -> None:
    assert write_text(model, LETTERS, "", 40, Sampling(), 3) == write_text(
        model, LETTERS, "\n", 40, Sampling(), 3
    )
    letters = Vocabulary("abc")
    lone = CharLSTM.from_tensors(TorchModel(vocabulary=letters).tensors())
    assert len(write_text(lone, letters, "", 40, Sampling(), 3)) == 40


def test_nats_are_the_models_own_surprise_whatever_the_sampling(model: CharLSTM) -> None:
    from lstmterm.infer.score import surprisals

    for seeds in ([4], [4, 5]):
        written = [
            w
            for w in generate(
                model, LETTERS, prompt="ab", length=60, seeds=seeds, sampling=Sampling(0.5), measure=True
            )
            if w.stream == 0
        ]
        text = "\nab" + "".join(w.text for w in written)  # a text begins behind a line end
        losses = np.concatenate(list(surprisals(model, LETTERS.encode(text))))[2:]
        np.testing.assert_allclose([w.nats for w in written], losses, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("stop", ["e", "ab", "aab", "zz"])
def test_writing_ends_before_the_stop(stop: str) -> None:
    letters = Vocabulary("abe")
    model = CharLSTM.from_tensors(TorchModel(vocabulary=letters).tensors())
    for seed in range(5):
        free = write_text(model, letters, "", 60, Sampling(1), seed)
        stopped = "".join(
            w.text for w in generate(model, letters, length=60, sampling=Sampling(1), seeds=[seed], stop=stop)
        )
        assert stopped == free.partition(stop)[0]


def test_a_stopped_stream_is_silent_while_the_others_go_on() -> None:
    letters = Vocabulary("abe")
    model = CharLSTM.from_tensors(TorchModel(vocabulary=letters).tensors())
    texts = ["", "", ""]
    for w in generate(model, letters, length=80, sampling=Sampling(1), seeds=[0, 1, 2], stop="ab"):
        texts[w.stream] += w.text
    alone = [write_text(model, letters, "", 80, Sampling(1), seed).partition("ab")[0] for seed in range(3)]
    assert texts == alone


def test_without_a_length_it_goes_on(model: CharLSTM) -> None:
    assert sum(1 for _ in itertools.islice(generate(model, LETTERS, length=None), 700)) == 700


def test_bytes_come_out_when_their_character_is_whole() -> None:
    spelling = Spelling(Vocabulary.bytes())
    assert [spelling.add(b) for b in "aé".encode()] == ["a", "", "é"]
    assert [spelling.add(b) for b in b"\xff\xe2\x98"] == ["\udcff", "", ""]
    assert spelling.end().encode("utf-8", "surrogateescape") == b"\xe2\x98"


@settings(max_examples=100, deadline=None)
@given(text=st.text("ab", max_size=30), stop=st.text("ab", min_size=1, max_size=5))
def test_stopping_finds_the_first_stop_however_it_overlaps(text: str, stop: str) -> None:
    letters = Vocabulary("ab")
    spelling = Spelling(letters, stop)
    shown = ""
    for letter in text:
        if not spelling.stopped:
            shown += spelling.add(letters.symbols.index(letter))
    assert shown + spelling.end() == text.partition(stop)[0]
    assert spelling.stopped == (stop in text)
