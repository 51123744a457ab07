"""Text streams: seeds, stop strings, statistics, and steering while a text is written."""

import itertools

import numpy as np
import pytest

from lstmterm import paths
from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.sample import Sampler
from lstmterm.infer.text_stream import TextStream, generate, write_text
from lstmterm.models import model_file
from lstmterm.spec.sampling import Sampling
from tests.character_models import LETTERS, TorchModel


@pytest.fixture(scope="module")
def model() -> CharLSTM:
    return CharLSTM.from_tensors(TorchModel(2, 48).tensors())


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
    writer = Sampler(model, LETTERS, [0])
    writer.begin("Once")
    for letter in texts.pop():
        likeliest = int(np.argmax(writer.expected()))
        assert writer.step(Sampling(0)) == [likeliest]
        assert LETTERS.symbols[likeliest] == letter


def test_without_a_prompt_a_text_starts_after_a_line_end(model: CharLSTM) -> None:
    assert write_text(model, LETTERS, "", 40, Sampling(), 3) == write_text(
        model, LETTERS, "\n", 40, Sampling(), 3
    )
    letters = Vocabulary("abc")
    lone = CharLSTM.from_tensors(TorchModel(vocabulary=letters).tensors())
    assert len(write_text(lone, letters, "", 40, Sampling(), 3)) == 40


def test_nats_are_the_models_own_surprisal_whatever_the_sampling(model: CharLSTM) -> None:
    from lstmterm.infer.score import surprisals

    for seeds in ([4], [4, 5]):
        written = [
            w
            for w in generate(
                model, LETTERS, prompt="ab", length=60, seeds=seeds, sampling=Sampling(0.5), measure=True
            )
            if w.stream == 0
        ]
        text = "\nab" + "".join(w.text for w in written)  # a text starts after a line end
        losses = np.concatenate(list(surprisals(model, LETTERS.encode(text))))[2:]
        np.testing.assert_allclose([w.nats for w in written], losses, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("stop", ["e", "ab", "aab", "zz"])
def test_writing_ends_before_the_stop(stop: str) -> None:
    letters = Vocabulary("abe")
    model = CharLSTM.from_tensors(TorchModel(vocabulary=letters).tensors())
    for seed in range(5):
        free = write_text(model, letters, "", 60, Sampling(1), seed)
        stopped = "".join(
            w.text
            for w in generate(model, letters, length=60, sampling=Sampling(1), seeds=[seed], stop=(stop,))
        )
        assert stopped == free.partition(stop)[0]


def test_a_stopped_stream_is_silent_while_the_others_continue() -> None:
    letters = Vocabulary("abe")
    model = CharLSTM.from_tensors(TorchModel(vocabulary=letters).tensors())
    texts = ["", "", ""]
    for w in generate(model, letters, length=80, sampling=Sampling(1), seeds=[0, 1, 2], stop=("ab",)):
        texts[w.stream] += w.text
    alone = [write_text(model, letters, "", 80, Sampling(1), seed).partition("ab")[0] for seed in range(3)]
    assert texts == alone


def test_without_a_length_a_text_never_ends(model: CharLSTM) -> None:
    assert sum(1 for _ in itertools.islice(generate(model, LETTERS, length=None), 700)) == 700


def texts_of(stream: TextStream, n: int = 1) -> list[str]:
    texts = [""] * n
    for written in stream.write():
        texts[written.stream] += written.text
    return texts


def test_settings_may_change_while_it_writes(model: CharLSTM) -> None:
    stream = TextStream(model, LETTERS, sampling=Sampling(1.0), length=None)
    stream.start("Once", [5])
    text = ""
    for written in stream.write():
        text += written.text
        if len(text) == 20:
            stream.sampling = Sampling(0)
        if len(text) == 30:
            stream.length = 40
    sampler = Sampler(model, LETTERS, [5])
    sampler.begin("Once")
    symbols = [sampler.step(Sampling(1.0 if i < 20 else 0))[0] for i in range(40)]
    assert text == "".join(LETTERS.symbols[s] for s in symbols)


def test_it_can_be_stopped_and_continued(model: CharLSTM) -> None:
    whole = write_text(model, LETTERS, "Once", 60, Sampling(), 3)
    stream = TextStream(model, LETTERS, length=60)
    stream.start("Once", [3])
    first = ""
    for written in stream.write():
        first += written.text
        if len(first) == 25:
            stream.stopping.set()
    assert first == whole[:25]
    assert stream.chars == [25]
    assert texts_of(stream) == [""], "it writes nothing while `stopping` is set"
    stream.stopping.clear()
    stream.length = 35
    assert first + texts_of(stream)[0] == whole


@pytest.mark.parametrize("comes", [True, False])
def test_stopped_in_the_middle_of_a_stop_it_writes_until_that_is_decided(
    model: CharLSTM, comes: bool
) -> None:
    whole = write_text(model, LETTERS, "Once", 60, Sampling(), 3)
    stop = whole[24:27] if comes else whole[24] + "\0\0"
    stream = TextStream(model, LETTERS, length=60, stop=(stop,))
    stream.start("Once", [3])
    written = ""
    for chunk in stream.write():
        written += chunk.text
        if stream.chars == [25]:
            assert len(written) == 24, "it held back what may begin the stop"
            stream.stopping.set()
    assert written == whole[:24] if comes else whole[:26].startswith(written)
    assert len(written) == 24 if comes else len(written) in (25, 26)
    assert stream.endings == ["stop" if comes else "stopped"]


def test_stopped_in_the_middle_of_a_characters_bytes_it_writes_the_character(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    symbols = iter("\u6f6eab".encode())
    monkeypatch.setattr(Sampler, "step", lambda sampler, _settings: sampler.take(next(symbols)))
    vocabulary = Vocabulary.bytes()
    model = CharLSTM.from_tensors(TorchModel(vocabulary=vocabulary).tensors())
    stream = TextStream(model, vocabulary, length=None)
    stream.start("a", [0])
    written = ""
    for chunk in stream.write():
        written += chunk.text
        stream.stopping.set()
    assert written == "\u6f6e"


def test_a_stop_that_is_never_decided_does_not_hold_up_stopping() -> None:
    letters = Vocabulary("ab")
    stream = TextStream(
        CharLSTM.from_tensors(TorchModel(vocabulary=letters).tensors()), letters, length=None, stop=("aaab",)
    )
    stream.start("a", [0])
    for _ in stream.write():
        stream.stopping.set()
    assert 1 <= stream.chars[0] <= 5


def test_a_prompt_continues_the_carried_state_until_it_is_reset(model: CharLSTM) -> None:
    stream = TextStream(model, LETTERS, length=30)
    stream.start("Once", [1])
    (first,) = texts_of(stream)
    stream.start("upon", [2])
    (second,) = texts_of(stream)
    stream.start("upon", [2])
    assert texts_of(stream) != [second], "the state is carried"
    stream.reset()
    assert not stream.started
    stream.start("Once", [1])
    assert texts_of(stream) == [first]


def penalised_stream(model: CharLSTM) -> TextStream:
    """A stream after 30 characters, which it avoids now."""
    sampling = Sampling(1.0, repetition_penalty=50.0, repetition_window=30)
    stream = TextStream(model, LETTERS, sampling=sampling, length=30)
    stream.start("Once", [1])
    texts_of(stream)
    return stream


def test_characters_written_before_a_prompt_are_penalised_after_it(model: CharLSTM) -> None:
    stream = penalised_stream(model)
    recent = np.argsort(stream.expected())[:3]
    stream.start("upon", [2])
    penalised = stream.expected()
    stream.sampling = Sampling(1.0)
    assert (penalised[recent] < stream.expected()[recent] / 5).all()


def test_text_held_back_is_written_at_the_end() -> None:
    stream = TextStream(
        CharLSTM.from_tensors(TorchModel(vocabulary=Vocabulary("ab")).tensors()), Vocabulary("ab")
    )
    stream.length, stream.stop = 50, ("a" * 49 + "b",)
    stream.start("", [1])
    assert len(texts_of(stream)[0]) == stream.chars[0] == 50
    stream.stop = ("ab",)
    (text,) = texts_of(stream)
    assert "ab" not in text


@pytest.fixture(scope="module")
def shakespeare() -> tuple[CharLSTM, Vocabulary]:
    """The model that ships."""
    loaded = model_file.load(paths.shipped_models() / "shakespeare.safetensors")
    return CharLSTM.from_tensors(loaded.tensors), loaded.card.vocabulary


def test_a_trained_model_is_as_surprised_by_its_own_text_as_by_its_authors(
    shakespeare: tuple[CharLSTM, Vocabulary],
) -> None:
    stream = TextStream(*shakespeare, sampling=Sampling(1.0), length=1000, measure=True)
    stream.start("ROMEO:\n", [1, 2, 3])
    texts = texts_of(stream, 3)
    assert all(1.0 < stream.nats_per_char(k) < 1.7 for k in range(3)), "its validation loss is 1.36"
    assert len(set(texts)) == 3
    assert all(text.count("\n") > 10 and text.count(" the ") >= 1 for text in texts)


def test_a_low_temperature_repeats_and_the_penalty_keeps_it_from_that(
    shakespeare: tuple[CharLSTM, Vocabulary],
) -> None:
    def distinct(sampling: Sampling) -> int:
        """Distinct runs of 8 characters."""
        text = write_text(*shakespeare, "ROMEO:\n", 1500, sampling, 1)
        return len({text[i : i + 8] for i in range(len(text) - 8)})

    assert distinct(Sampling(0)) < distinct(Sampling(0, repetition_penalty=1.5, repetition_window=64))


def test_units_are_held_and_let_go_while_it_writes(model: CharLSTM) -> None:
    """From the next character on; a change and back again leaves what the model carries, not what it was."""
    held = {(0, 3): 4.0}
    stream = TextStream(model, LETTERS, length=40)
    stream.start("ab", [1, 2])
    written = stream.write()
    for _ in range(20):
        next(written)  # ten characters of each stream
    stream.held = held
    next(written)
    assert stream._sampler is not None
    assert (stream._sampler.state.c[0, :, 3] == 4).all()
    stream.held = {}
    for _ in range(2):
        next(written)
    assert (stream._sampler.state.c[0, :, 3] != 4).all()


def test_a_held_unit_has_its_value_from_the_prompt_on(model: CharLSTM) -> None:
    for seeds in ([1], [1, 2]):
        sampler = Sampler(model, LETTERS, seeds, held={(0, 3): 4.0})
        sampler.begin("abc")
        for _ in range(5):
            assert (sampler.state.c[0, :, 3] == 4).all()
            sampler.step(Sampling())


def test_holding_nothing_writes_the_same(model: CharLSTM) -> None:
    plain = TextStream(model, LETTERS, length=40)
    stream = TextStream(model, LETTERS, length=40, held={})
    for each in (plain, stream):
        each.start("ab", [1])
    assert texts_of(plain) == texts_of(stream)


def test_a_text_has_so_many_lines_or_sentences_and_the_rest_is_not_written(model: CharLSTM) -> None:
    sampling = Sampling(1.5, only=r"ab\s.\n")
    free = write_text(model, LETTERS, "Once\n", 2000, sampling, 1)
    stream = TextStream(model, LETTERS, sampling=sampling, length=3, unit="lines")
    stream.start("Once\n", [1])
    assert texts_of(stream) == ["".join(free.splitlines(keepends=True)[:3])]
    assert stream.endings == ["length"]
    stream = TextStream(model, LETTERS, sampling=sampling, length=2, unit="sentences")
    stream.start("Once\n", [1])
    (text,) = texts_of(stream)
    assert free.startswith(text)
    assert text[-1].isspace()
    assert text.rstrip()[-1] == "."
    stream.length = 0
    assert texts_of(stream) == [""]


def test_streams_that_have_their_lines_wait_for_the_others(model: CharLSTM) -> None:
    sampling = Sampling(1.5, only=r"ab\n")
    stream = TextStream(model, LETTERS, sampling=sampling, length=2, unit="lines")
    stream.start("", [1, 2, 3])
    texts = texts_of(stream, 3)
    assert [text.count("\n") for text in texts] == [2, 2, 2]
    assert len({len(text) for text in texts}) > 1
    assert stream.chars == [len(text) for text in texts]


def test_a_line_that_does_not_end_is_cut(model: CharLSTM) -> None:
    stream = TextStream(model, LETTERS, sampling=Sampling(ban="\n"), length=2, unit="lines")
    stream.start("", [1])
    assert len(texts_of(stream)[0]) == 4000


def test_a_held_back_line_end_is_written_when_the_lines_are_complete(model: CharLSTM) -> None:
    stream = TextStream(
        model, LETTERS, sampling=Sampling(1.5, only=r"ab\n"), length=1, unit="lines", stop=("\n\n\n",)
    )
    stream.start("a", [1])
    assert texts_of(stream)[0].count("\n") == 1


def test_why_a_text_ends_is_known(model: CharLSTM) -> None:
    stream = TextStream(model, LETTERS, length=5)
    stream.start("", [1])
    texts_of(stream)
    assert stream.endings == ["length"]
    stream.length, stream.stop = 1000, ("e", "a", "o")
    texts_of(stream)
    assert stream.endings == ["stop"]
    stream.stopping.set()
    texts_of(stream)
    assert stream.endings == ["stopped"]
