"""What `generate` prints of its samples: as they come, or as JSON."""

import json
import math

import pytest

from lstmterm.cli.samples import Output, Samples, write_json, write_plain
from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.text_stream import TextStream, write_text
from lstmterm.spec.sampling import DEFAULT, Generation, Sampling
from tests.character_models import LETTERS, TorchModel

MODEL = CharLSTM.from_tensors(TorchModel(1, 16).tensors())


def samples(*seeds: int, echo: bool = False, measure: bool = False, length: int = 30) -> Samples:
    stream = TextStream(MODEL, LETTERS, length=length, measure=measure)
    return Samples(stream, "ab", Generation(length=length), seeds, echo)


def text_of(seed: int) -> str:
    return write_text(MODEL, LETTERS, "ab", 30, DEFAULT, seed)


def test_one_sample_is_its_text_and_nothing_else(capfd: pytest.CaptureFixture[str]) -> None:
    write_plain(samples(4))
    assert capfd.readouterr().out == text_of(4)


def test_echo_puts_the_prompt_before_each_sample(capfd: pytest.CaptureFixture[str]) -> None:
    write_plain(samples(4, echo=True))
    assert capfd.readouterr().out == "ab" + text_of(4)


def test_several_samples_have_a_heading_each_on_a_line_of_its_own(capfd: pytest.CaptureFixture[str]) -> None:
    write_plain(samples(4, 5, echo=True))
    expected = ""
    for seed in (4, 5):
        text = f"--- seed {seed} ---\nab{text_of(seed)}"
        expected += text if text.endswith("\n") else f"{text}\n"
    assert capfd.readouterr().out == expected


def test_json_has_the_figures_of_each_sample(capfd: pytest.CaptureFixture[str]) -> None:
    write_json(samples(4, 5, measure=True))
    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert [(line["text"], line["seed"]) for line in lines] == [(text_of(4), 4), (text_of(5), 5)]
    for line in lines:
        assert line["prompt"] == "ab"
        assert Sampling(**line["sampling"]) == DEFAULT
        assert 0 < line["nats_per_char"] < math.inf
        assert line["chars_per_second"] > 0


def test_json_of_an_empty_sample_has_no_loss(capfd: pytest.CaptureFixture[str]) -> None:
    write_json(samples(4, measure=True, length=0, echo=True))
    line = json.loads(capfd.readouterr().out)
    assert (line["text"], line["nats_per_char"], line["chars_per_second"]) == ("ab", None, 0)


def test_json_never_holds_a_lone_surrogate(capfd: pytest.CaptureFixture[str]) -> None:
    write_json(Samples(TextStream(MODEL, LETTERS, length=3), "a\ud800", Generation(), [1], echo=True))
    line = json.loads(capfd.readouterr().out)
    assert line["prompt"] == "a\ufffd"
    line["text"].encode()


@pytest.mark.parametrize(
    ("vocabulary", "raw"), [(Vocabulary.bytes(), b"\xff"), (LETTERS, b"\xed\xb3\xbf")], ids=["bytes", "chars"]
)
def test_a_pipe_gets_the_bytes_as_they_are(
    vocabulary: Vocabulary, raw: bytes, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """A surrogate stands for a byte only in a model of bytes."""
    out = Output(vocabulary)
    out.write("\x1b[2J\udcff")
    out.flush()
    assert capfdbinary.readouterr().out == b"\x1b[2J" + raw


def test_a_terminal_never_gets_a_control_character(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    out = Output(LETTERS)
    out.write("\x1b[2J\na")
    out.end_line()
    assert capsys.readouterr().out == "\u241b[2J\na\n"


def test_text_waits_for_the_next_flush_but_is_never_lost(capfd: pytest.CaptureFixture[str]) -> None:
    out = Output(LETTERS)
    out.write("a")
    assert capfd.readouterr().out == "a", "the first text is shown at once"
    out.write("b")
    assert capfd.readouterr().out == ""
    out.end_line()
    assert capfd.readouterr().out == "b", "a pipe gets no newline of ours"
    out.end_line(always=True)
    out.end_line(always=True)
    assert capfd.readouterr().out == "\n", "a line ends once"
