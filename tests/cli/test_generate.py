"""`lstmterm generate`, as a user types it."""

import dataclasses
import json
import os
import pty
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from lstmterm import settings
from lstmterm.cli import lstmterm
from lstmterm.cli.generate import generate as generate_command
from lstmterm.corpora.detecting import NotTextError
from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.drafts import export, file, store
from lstmterm.errors import InputError
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.text_stream import Chunk, TextStream, generate, write_text
from lstmterm.spec.knobs import Knob, knobs
from lstmterm.spec.sampling import Generation, Sampling
from tests.character_models import LETTERS, TorchModel


@pytest.fixture(autouse=True)
def _model(home: Path) -> None:
    TorchModel(1, 32).publish("bard")


def _run(*words: str, stdin: bytes | None = None) -> Any:
    return CliRunner().invoke(lstmterm, ["generate", *words], input=stdin)


def _command(*words: str) -> list[str]:
    return [sys.executable, "-m", "lstmterm", "generate", *words]


def test_the_same_seed_writes_the_same_bytes_and_nothing_else() -> None:
    first = _run("bard", "--prompt", "ROMEO:", "--length", "120", "--seed", "7")
    again = _run("bard", "--prompt", "ROMEO:", "--length", "120", "--seed", "7")
    assert first.exit_code == 0
    assert first.stdout == again.stdout
    assert len(first.stdout) == 120
    assert first.stderr == ""
    model = CharLSTM.from_tensors(TorchModel(1, 32).tensors())
    assert first.stdout == write_text(model, LETTERS, "ROMEO:", 120, Sampling(0.8), 7)


def test_a_random_seed_is_printed_and_repeats_the_text() -> None:
    first = _run("bard", "--length", "80")
    seed = first.stderr.split()[1]
    assert _run("bard", "--length", "80", "--seed", seed).stdout == first.stdout
    assert _run("bard", "--length", "5", "--quiet").stderr == ""


def test_json_has_a_line_for_each_sample_from_its_own_seed() -> None:
    result = _run("bard", "--count", "3", "--length", "50", "--seed", "4", "--json", "--prompt", "a☃")
    samples = [json.loads(line) for line in result.stdout.splitlines()]
    assert [s["seed"] for s in samples] == [4, 5, 6]
    for sample in samples:
        alone = _run("bard", "--length", "50", "--seed", str(sample["seed"]), "--prompt", "a☃")
        assert sample["text"] == alone.stdout
        assert 0 < sample["nats_per_char"] < 10
        assert sample["chars_per_second"] > 0
        assert sample["prompt"] == "a☃"
    assert "does not know these characters of the prompt: ☃" in result.stderr


def test_several_samples_as_text_have_a_heading_each() -> None:
    result = _run("bard", "--count", "2", "--length", "30", "--seed", "4", "--prompt", "x", "--echo")
    texts = [_run("bard", "--length", "30", "--seed", s, "--prompt", "x").stdout for s in "45"]
    expected = "".join(
        f"--- seed {s} ---\nx{t}{'' if t.endswith(chr(10)) else chr(10)}"
        for s, t in zip("45", texts, strict=False)
    )
    assert result.stdout == expected


def test_the_prompt_comes_from_stdin_and_its_line_ends_are_the_models() -> None:
    asked = _run("bard", "--prompt", "-", "--length", "40", "--seed", "1", "--echo", stdin=b"one\r\ntwo\r")
    assert asked.stdout.startswith("one\ntwo\n")
    assert asked.stderr == ""


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "cp1252"])
def test_a_prompt_from_stdin_is_read_in_its_encoding(codec: str) -> None:
    words = ("--prompt", "-", "--length", "40", "--seed", "1", "--echo")
    prompt = "He said: it’s déjà vu.\n"
    expected = _run("bard", *words, stdin=prompt.encode())
    asked = _run("bard", *words, stdin=prompt.encode(codec))
    assert asked.stdout == expected.stdout
    assert "The encoding" in asked.stderr
    assert "The encoding" not in expected.stderr
    assert _run("bard", *words, "--quiet", stdin=prompt.encode(codec)).stderr == ""


@pytest.mark.parametrize("prompt", ["one\0two\n", "".join(map(chr, range(1, 32))) + "\n"])
def test_a_prompt_from_stdin_may_have_control_characters(prompt: str) -> None:
    words = ("--length", "40", "--seed", "1")
    asked = _run("bard", "--prompt", "-", *words, stdin=prompt.encode())
    assert len(asked.stdout) == 40
    assert "does not know" in asked.stderr
    assert isinstance(_run("bard", "--prompt", "-", stdin=bytes(range(256))).exception, NotTextError)


def test_stop_ends_before_the_text() -> None:
    free = _run("bard", "--length", "200", "--seed", "1").stdout
    stop = free[50:52]
    assert _run("bard", "--length", "200", "--seed", "1", "--stop", stop).stdout == free.partition(stop)[0]


def test_the_first_of_several_stops_ends_the_text() -> None:
    free = _run("bard", "--length", "200", "--seed", "1").stdout
    first, second = free[50:53], free[30:33]
    stopped = _run("bard", "--length", "200", "--seed", "1", "--stop", first, "--stop", second).stdout
    assert stopped == free.partition(second)[0].partition(first)[0]


def test_a_text_in_a_loop_says_so_on_stderr_only() -> None:
    command = ("bard", "--length", "3000", "--temperature", "0", "--seed", "1")
    stopped = _run(*command, "--loops", "stop")
    assert stopped.stderr == "Stopped in a loop: the same 50 characters were written 3 times.\n"
    assert _run(*command).stdout.startswith(stopped.stdout)
    both = _run(*command, "--loops", "stop", "--count", "2")
    assert "Seed 1: Stopped in a loop" in both.stderr
    assert "Seed 2: Stopped in a loop" in both.stderr
    assert _run(*command, "--loops", "stop", "--quiet").stderr == ""
    sample = json.loads(_run(*command, "--loops", "push", "--json").stdout)
    assert sample["ended"] == "length"
    assert sample["loops"] > 0


def test_a_preset_sets_what_no_other_option_sets(home: Path) -> None:
    settings.save(settings.Settings(presets={"mine": "--top-k 3 --length 30 --unit lines --ban e"}))
    command = ("bard", "--json", "--seed", "1", "--preset", "mine", "--length", "2", "--top-p", "0.5")
    sample = json.loads(_run(*command).stdout)
    assert sample["sampling"] == dataclasses.asdict(Sampling(top_k=3, top_p=0.5, ban="e"))
    assert (sample["generation"]["length"], sample["generation"]["unit"]) == (2, "lines")
    assert json.loads(_run("bard", "--json", "--preset", "wild").stdout)["sampling"]["temperature"] == 1.2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["bard", "--preset", "wid"], "There is no preset 'wid'. Did you mean 'wild'"),
        (["bard", "--only", "é"], "--ban and --only leave no character"),
        (["bard", "--ban", "z-a"], "ends before it begins"),
        (["bard", "--line-start", "☃"], "does not know these characters of --line-start: ☃"),
        ([], "Models: bard"),
        (["brad"], "Did you mean 'bard'"),
        (["bard", "--temperature", "-1"], "--temperature must be at least 0 (got -1"),
        (["bard", "--top-p", "0"], "--top-p must be at least 0.001 (got 0"),
        (["bard", "--infinite", "--json"], "--infinite writes one text"),
        (["./no.safetensors"], "no model file"),
    ],
)
def test_wrong_usage_is_a_sentence(words: list[str], said: str) -> None:
    result = _run(*words)
    assert getattr(result.exception, "exit_code", None) == 2
    assert said in str(result.exception)


@pytest.mark.parametrize("knob", [*knobs(Sampling), *knobs(Generation)], ids=lambda knob: knob.name)
def test_every_setting_is_an_option_with_its_default_and_its_help(knob: Knob) -> None:
    (option,) = (o for o in generate_command.params if o.name == knob.name)
    assert isinstance(option, click.Option)
    assert option.opts == [f"--{knob.option}"]
    assert option.default == knob.default
    assert option.multiple == knob.several
    assert option.help == knob.sentence
    assert f"--{knob.option}" in _run("--help").stdout


def test_every_sampling_setting_is_in_the_json_of_a_sample() -> None:
    sample = json.loads(_run("bard", "--length", "5", "--json", "--top-k", "3", "--seed", "1").stdout)
    assert sample["sampling"] == dataclasses.asdict(Sampling(top_k=3))
    generation = dataclasses.asdict(Generation(length=5, seed=1))
    assert sample["generation"] == generation | {"stop": list(generation["stop"])}
    assert sample["ended"] == "length"
    assert sample["loops"] == 0


def test_held_units_change_the_text_and_are_in_the_json_of_a_sample() -> None:
    command = ("bard", "--length", "60", "--json", "--seed", "1")
    plain, nothing, held = (
        json.loads(_run(*command, *words).stdout)
        for words in ([], ["--hold", "0:3=0", "--hold", "0:3=-0.0"], ["--hold", "0:3=9", "--hold", "0:4=-9"])
    )
    assert plain["held"] == {}
    assert nothing["held"] == {"0:3": 0.0}  # the last value of a unit counts
    assert held["held"] == {"0:3": 9.0, "0:4": -9.0}
    model = CharLSTM.from_tensors(TorchModel(1, 32).tensors()).holding({(0, 3): 9.0, (0, 4): -9.0})
    assert held["text"] == write_text(model, LETTERS, "", 60, Sampling(), 1) != plain["text"]


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ("0:99=1", "The model has no hidden unit 0:99; its layers are 0 to 0"),
        ("0:1", "is not a unit and a value such as 0:12=1.5"),
        ("0:1=nan", "is not a unit and a value such as 0:12=1.5"),
        ("1=2", "is not a layer and a unit such as 0:12"),
    ],
)
def test_a_unit_that_cannot_be_held_is_a_sentence(held: str, said: str) -> None:
    result = _run("bard", "--hold", held)
    assert said in str(result.exception) + result.output
    assert result.exit_code


def test_a_model_of_bytes_writes_its_exact_bytes_into_a_pipe_and_valid_json() -> None:
    TorchModel(hidden=8, vocabulary=Vocabulary.bytes()).publish("raw")
    written = subprocess.run(
        _command("raw", "--length", "300", "--seed", "1", "--temperature", "5"),
        capture_output=True,
        check=True,
    )
    assert len(written.stdout) == 300
    drawn = CharLSTM.from_tensors(TorchModel(hidden=8, vocabulary=Vocabulary.bytes()).tensors())
    symbols = generate(drawn, Vocabulary.bytes(), length=300, seeds=[1], sampling=Sampling(5))
    assert written.stdout == bytes(c.symbol for c in symbols if c.symbol is not None)
    sample = json.loads(_run("raw", "--length", "300", "--seed", "1", "--temperature", "5", "--json").stdout)
    assert sample["text"].encode("utf-8").decode() == sample["text"]
    assert "\ufffd" in sample["text"]


def test_a_closed_pipe_ends_quietly() -> None:
    shell = f"{sys.executable} -m lstmterm generate bard --infinite --seed 1 | head -c 100; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", shell], capture_output=True, check=True, timeout=60)
    assert done.stdout[100:] == b"0\n"
    assert done.stderr == b""


def test_an_interrupt_ends_an_infinite_text_with_what_was_written() -> None:
    process = subprocess.Popen(
        _command("bard", "--infinite", "--seed", "1"), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    first = os.read(process.stdout.fileno(), 1)  # it writes
    process.send_signal(signal.SIGINT)
    rest, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"Traceback" not in errors
    text = (first + rest).decode()
    assert text == _run("bard", "--length", str(len(text)), "--seed", "1").stdout


def test_a_terminal_sees_control_characters_as_symbols() -> None:
    TorchModel(hidden=8, vocabulary=Vocabulary("\x1b\x07a")).publish("odd")
    main, side = pty.openpty()
    process = subprocess.Popen(
        _command("odd", "--length", "60", "--seed", "1"), stdout=side, stderr=subprocess.DEVNULL
    )
    os.close(side)
    shown = b""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            piece = os.read(main, 4096)
        except OSError:  # the other side is closed
            break
        if not piece:
            break
        shown += piece
    assert process.wait(30) == 0
    assert set(shown.decode()) <= set("␛␇a\r\n")
    assert len(shown.decode().strip()) == 60
    raw = subprocess.run(
        _command("odd", "--length", "60", "--seed", "1"), capture_output=True, check=True
    ).stdout
    assert b"\x1b" in raw


def test_the_likeliest_text_is_the_same_every_time_and_says_how_likely_it_is() -> None:
    command = ["generate", "bard", "--prompt", "Once", "--beam", "4", "--length", "40", "--json"]
    first, again = (json.loads(CliRunner().invoke(lstmterm, command).stdout) for _ in range(2))
    assert first["text"] == again["text"]
    assert (first["seed"], first["sampling"]) == (None, None)
    greedy = ["generate", "bard", "--prompt", "Once", "--temperature", "0", "--length", "40", "--json"]
    assert (
        first["log_probability"] > json.loads(CliRunner().invoke(lstmterm, greedy).stdout)["log_probability"]
    )
    assert first["log_probability"] == pytest.approx(-40 * first["nats_per_char"], abs=1e-4)


@pytest.mark.parametrize(
    ("words", "left_out"),
    [
        (("--temperature", "0.5", "--ban", "e"), "--temperature and --ban"),
        (("--seed", "3"), "--seed"), (("--count", "2"), "--count"), (("--infinite",), "--infinite"),
        (("--unit", "lines"), "--unit"),
    ],
)  # fmt: skip
def test_the_likeliest_text_refuses_what_says_nothing_of_it(words: tuple[str, ...], left_out: str) -> None:
    result = CliRunner().invoke(lstmterm, ["generate", "bard", "--beam", "4", *words])
    assert isinstance(result.exception, InputError)
    assert str(result.exception).endswith(f"leave out {left_out}.")


def test_the_command_for_a_likeliest_stretch_writes_it_again() -> None:
    words = ["--prompt", "Once", "--beam", "3", "--length", "60", "--stop", "e", "--draft", "tale"]
    assert CliRunner().invoke(lstmterm, ["generate", "bard", *words]).exit_code == 0
    stretch = file.read(store.path_of("tale")).stretches[-1]
    arguments = stretch.origin.arguments
    assert arguments[arguments.index("--beam") : arguments.index("--beam") + 2] == ("--beam", "3")
    assert "--seed" not in arguments
    again = CliRunner().invoke(
        lstmterm,
        ["generate", "bard", "--prompt", "Once", "--length", str(len(stretch.text)), *arguments],
    )
    assert again.stdout.rstrip("\n") == stretch.text.rstrip("\n")


def test_the_command_for_a_likeliest_stretch_that_was_stopped_writes_it_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write = TextStream.write

    def stopped(stream: TextStream) -> Iterator[Chunk]:
        for number, chunk in enumerate(write(stream)):
            if number == 8:
                stream.stopping.set()
            yield chunk

    with monkeypatch.context() as patch:
        patch.setattr(TextStream, "write", stopped)
        words = ["--prompt", "Once", "--beam", "3", "--length", "5000", "--draft", "tale"]
        assert CliRunner().invoke(lstmterm, ["generate", "bard", *words]).exit_code == 0
    tree = file.read(store.path_of("tale"))
    (stretch,) = (each for each in tree.stretches if each.origin.made == "written")
    assert 8 < len(stretch.text) < 1_000
    command = export.command("tale", tree, stretch.number)
    assert command is not None
    assert command.count("--length") == 1
    again = CliRunner().invoke(lstmterm, shlex.split(command)[1:])
    assert again.stdout.rstrip("\n") == stretch.text.rstrip("\n")
