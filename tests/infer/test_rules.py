"""What settings forbid and force, character by character."""

import numpy as np
import pytest

from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.errors import InputError
from lstmterm.infer import rules
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.sample import Sampler, probabilities
from lstmterm.infer.text_stream import TextStream, generate, write_text
from lstmterm.spec.sampling import Sampling
from tests.character_models import LETTERS, TorchModel


@pytest.fixture(scope="module")
def model() -> CharLSTM:
    return CharLSTM.from_tensors(TorchModel(2, 48).tensors())


def _text(model: CharLSTM, sampling: Sampling, length: int = 400, prompt: str = "Once", seed: int = 1) -> str:
    return write_text(model, LETTERS, prompt, length, sampling, seed)


# Characters that are left out


def test_banned_characters_are_not_written_and_the_others_are_as_likely_as_before(model: CharLSTM) -> None:
    text = _text(model, Sampling(2.0, ban="eEa-m"))
    assert not set(text) & set("eEabcdfghijklm")
    assert set(text) & set("Anz")
    sampler = Sampler(model, LETTERS, [1])
    sampler.begin("Once")
    free = sampler.expected(Sampling(1.0))
    banned = sampler.expected(Sampling(1.0, ban="e"))
    e = LETTERS.symbols.index("e")
    assert banned[e] == 0
    np.testing.assert_allclose(np.delete(banned, e), np.delete(free, e) / (1 - free[e]), rtol=1e-6)


def test_only_some_characters_are_written_by_several_streams_too(model: CharLSTM) -> None:
    sampling = Sampling(3.0, only=r"a-c\n")
    texts = [""] * 3
    for written in generate(model, LETTERS, length=200, seeds=range(3), sampling=sampling):
        texts[written.stream] += written.text
    assert [set(text) <= set("abc\n") and len(set(text)) == 4 for text in texts] == [True] * 3
    assert texts[1] == write_text(model, LETTERS, "", 200, sampling, 1)


@pytest.mark.parametrize("filters", [{"top_k": 3}, {"top_p": 0.5}, {"min_p": 0.2}, {"temperature": 0}])
def test_filters_choose_among_what_is_left(model: CharLSTM, filters: dict[str, float]) -> None:
    assert set(_text(model, Sampling.from_dict({"temperature": 1.0, "only": "xy", **filters}))) <= set("xy")


def test_what_is_left_out_is_found_by_the_model_and_its_own_surprise_is_measured(model: CharLSTM) -> None:
    sampler = Sampler(model, LETTERS, [1], measure=True)
    sampler.begin("Once")
    free = sampler.expected(Sampling(1.0))
    (symbol,) = sampler.step(Sampling(1.0, only="x"))
    assert LETTERS.symbols[symbol] == "x"
    assert sampler.nats[0] == pytest.approx(-np.log(free[symbol]), rel=1e-4)


@pytest.mark.parametrize(
    ("vocabulary", "settings", "said"),
    [
        (LETTERS, {"only": "☃é"}, "--ban and --only leave no character"),
        (Vocabulary("ab"), {"ban": "a-z"}, "--ban and --only leave no character"),
        (Vocabulary.bytes(), {"ban": "é"}, "A model of bytes takes only ASCII"),
        (LETTERS, {"line_start": "☃ "}, "does not know these characters of --line-start: ☃"),
    ],
)
def test_what_a_model_cannot_do_is_a_sentence(
    vocabulary: Vocabulary, settings: dict[str, str], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        rules.check(vocabulary, Sampling.from_dict(settings))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"line_start": "a\nb"}, "--line-start must be a single line"),
        ({"line_start": "the", "ban": "eE"}, "'e', which --ban excludes"),
        ({"line_start": "the", "only": "th"}, "'e', which --only excludes"),
    ],
)
def test_settings_that_exclude_each_other_are_a_sentence(settings: dict[str, str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        Sampling.from_dict(settings)


# How lines begin


@pytest.mark.parametrize(("prompt", "first"), [("", True), ("Once\n", True), ("Once", False)])
def test_every_line_that_is_written_begins_with_the_text(model: CharLSTM, prompt: str, first: bool) -> None:
    sampling = Sampling(1.5, only=r"a-d\s>\n", line_start="> ")
    lines = _text(model, sampling, 300, prompt).split("\n")
    whole = lines[0 if first else 1 : -1]
    assert len(whole) > 5
    assert all(line.startswith("> ") for line in whole)
    assert first or not lines[0].startswith("> ")
    assert "> ".startswith(lines[-1][:2])


def test_forced_characters_are_read_measured_and_take_their_random_number(model: CharLSTM) -> None:
    sampling = Sampling(1.0, line_start="ab")
    writer = Sampler(model, LETTERS, [11], measure=True)
    reader = Sampler(model, LETTERS, [11])
    draws = np.random.Generator(np.random.PCG64(11))
    for sampler in (writer, reader):
        sampler.begin("Once\n")
    for due in ("a", "b", ""):
        expected = reader.expected(Sampling(1.0))
        certain = writer.expected(sampling)
        (symbol,) = writer.step(sampling)
        point = draws.random()
        if due:
            assert LETTERS.symbols[symbol] == due
            assert certain[symbol] == 1
            assert certain.sum() == 1
        else:
            assert symbol == int(np.searchsorted(np.cumsum(expected), point * expected.sum(), "right"))
        assert writer.nats[0] == pytest.approx(-np.log(expected[symbol]), rel=1e-4)
        reader.feed(LETTERS.symbols[symbol])


def test_a_line_that_was_begun_is_finished_when_the_settings_change(model: CharLSTM) -> None:
    writer = Sampler(model, LETTERS, [1])
    writer.begin("Once\n")
    steps = (Sampling(1.0, line_start="abc"), Sampling(2.0, line_start="abc"), Sampling(0, line_start="abc"))
    assert [LETTERS.symbols[writer.step(sampling)[0]] for sampling in steps] == list("abc")


# Loops


def test_a_loop_stops_the_text_or_is_left_and_both_are_said(model: CharLSTM) -> None:
    def stream(loops: str) -> tuple[TextStream, str]:
        made = TextStream(
            model, LETTERS, length=1500, sampling=Sampling.from_dict({**LOOPING, "loops": loops})
        )
        made.start("Once", [1])
        return made, "".join(written.text for written in made.write())

    (off, looped), (stopped, short), (pushed, long) = map(stream, ("off", "stop", "push"))
    assert looped[-50:] in looped[:-100], "the model loops at temperature 0"
    assert looped.startswith(short)
    assert short.count(short[-50:]) >= 3
    assert stopped.endings == ["loop"]
    assert "same 50 characters were written 3 times" in stopped.remark()
    assert len(long) == 1500
    assert pushed.loops[0] > 0
    assert pushed.remark().startswith("Pushed the text out of a loop ")
    assert long.startswith(short)
    assert long[len(short)] != looped[len(short)]
    distinct = [len({text[i : i + 20] for i in range(1480)}) for text in (looped, long)]
    assert distinct[1] > 1.2 * distinct[0]
    assert off.remark() == ""


LOOPING = {"temperature": 0.0}


def test_a_loop_that_cannot_be_left_goes_on(model: CharLSTM) -> None:
    assert _text(model, Sampling(1.0, only="x", loops="push"), 300) == "x" * 300


def test_a_stream_in_a_loop_stops_and_the_others_go_on(model: CharLSTM) -> None:
    stream = TextStream(model, LETTERS, length=400, sampling=Sampling(0.8, loops="stop", only=r"xy\n"))
    stream.start("", [1, 2])
    stream.sampling = Sampling(0.8, loops="stop", only="x")
    assert len("".join(written.text for written in stream.write())) == 2 * 150
    assert stream.endings == ["loop", "loop"]
    assert stream.loops == [1, 1]


# Temperature by position


def test_the_temperature_changes_evenly_and_then_stays(model: CharLSTM) -> None:
    sampling = Sampling(0.2, temperature_end=1.0, temperature_over=4)
    temperatures = [sampling.temperature_at(k) for k in (0, 1, 2, 4, 5, 10**9)]
    assert temperatures == pytest.approx([0.2, 0.4, 0.6, 1, 1, 1])
    writer, constant = (Sampler(model, LETTERS, [1]) for _ in range(2))
    for sampler in (writer, constant):
        sampler.begin("Once")
    for k in range(8):
        now = Sampling(sampling.temperature_at(k))
        np.testing.assert_allclose(writer.expected(sampling), constant.expected(now), rtol=1e-9)
        assert writer.step(sampling) == constant.step(now)


def test_a_temperature_may_end_at_zero(model: CharLSTM) -> None:
    text = _text(model, Sampling(2.0, temperature_end=0, temperature_over=20), 40)
    writer = Sampler(model, LETTERS, [5])
    writer.begin("Once" + text[:20])
    assert text[20] == LETTERS.symbols[int(np.argmax(writer.expected()))]


def test_settings_that_are_off_change_nothing(model: CharLSTM) -> None:
    plain = _text(model, Sampling())
    for off in (
        {"loops": "stop"},
        {"loops": "push"},
        {"ban": "☃"},
        {"only": r"\n\s-~"},
        {"temperature_end": 0.8},
    ):
        assert _text(model, Sampling.from_dict(off)) == plain, off
    assert probabilities(np.zeros(3, np.float32), Sampling(1.0)).tolist() == [1 / 3] * 3
