"""What is said about options and arguments that a command does not have."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import click
import pytest

from lstmterm import cli
from lstmterm.cli import lstmterm
from tests.cli.test_recommendations import commands
from tests.small import small_text


def said(capfd: pytest.CaptureFixture[str], *words: str) -> str:
    """What a command that is used in a wrong way says."""
    with pytest.raises(SystemExit) as end:
        cli.main(words)
    assert end.value.code == 2
    out, err = capfd.readouterr()
    assert not out
    return err.removeprefix("lstmterm: ").rstrip("\n")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("train x --minute 1", "There is no option '--minute'. Did you mean '--minutes'?"),
        ("train x --time 1", "There is no option '--time'. Did you mean '--minutes'?"),
        ("train x --learning-rate 1", "There is no option '--learning-rate'. Did you mean '--lr'?"),
        ("train x --hiden 9", "There is no option '--hiden'. Did you mean '--hidden'?"),
        ("generate x -p hi", "There is no option '-p'. Did you mean '--preset' or '--prompt'?"),
        ("generate x --zzz", "There is no option '--zzz'. `lstmterm generate --help` lists them."),
        ("corpora fetch x --zzz", "There is no option '--zzz'. `lstmterm corpora fetch --help` lists them."),
        ("--versions", "There is no option '--versions'. Did you mean '--version'?"),
    ],
)
def test_an_option_that_a_command_does_not_have(
    capfd: pytest.CaptureFixture[str], words: str, sentence: str
) -> None:
    assert said(capfd, *words.split()) == sentence


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("train x --minutes abc", "Invalid value for '--minutes': 'abc' is not a number."),
        ("generate x --seed 1.5", "Invalid value for '--seed': '1.5' is not a whole number."),
    ],
)
def test_a_value_that_is_no_number(capfd: pytest.CaptureFixture[str], words: str, sentence: str) -> None:
    assert said(capfd, *words.split()) == sentence


def test_no_option_is_suggested_that_only_has_a_few_letters_in_common(
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert said(capfd, "generate", "x", "--temp", "1").endswith(
        "Did you mean '--temperature' or '--temperature-end' or '--temperature-over'?"
    )


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            "generate harbour GULL: hi",
            "`lstmterm generate` takes [MODEL]. More than that was given: GULL: hi. "
            "A text to continue is an option: --prompt 'GULL: hi'",
        ),
        (
            "score harbour my novel.txt",
            "`lstmterm score` takes [MODEL] [FILE]. More than that was given: novel.txt. "
            "A name with spaces needs quotation marks.",
        ),
        ("doctor me", "`lstmterm doctor` takes options only. More than that was given: me."),
    ],
)
def test_words_that_are_too_many(capfd: pytest.CaptureFixture[str], words: str, sentence: str) -> None:
    assert said(capfd, *words.split()) == sentence


def test_a_file_in_place_of_a_command(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("my novel.txt").write_text(small_text(3000))
    assert said(capfd, "my novel.txt") == (
        "There is no command 'my novel.txt'. To train on this file: lstmterm train 'my novel.txt'"
    )


def test_words_to_tag_in_place_of_a_file(capfd: pytest.CaptureFixture[str]) -> None:
    assert said(capfd, "tag", "english-upos", "A gull sings.") == (
        "There is no file 'A gull sings.'. To tag these words: echo 'A gull sings.' | lstmterm tag english-upos"
    )


@pytest.mark.parametrize("words", [["tag", "english-upos"], ["generate", "shakespeare", "--prompt", "-"]])
def test_a_command_that_waits_for_a_text_says_so(words: list[str]) -> None:
    main, side = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "lstmterm", *words],
        stdin=side,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(side)
    assert process.stderr is not None
    assert (
        process.stderr.readline() == "Type a text. Ctrl+D on an empty line ends it.\n"
    )  # before it gets any
    os.write(main, b"A gull.\n\x04")
    out, _ = process.communicate(timeout=60)
    os.close(main)
    assert process.returncode == 0
    assert out


@pytest.mark.parametrize(("name", "command"), commands())
def test_no_line_of_the_help_is_wider_than_80_columns(name: str, command: click.Command) -> None:
    settings = {**lstmterm.context_settings, "info_name": f"lstmterm {name}", "terminal_width": 80}
    shown = click.Context(command, **settings).get_help()
    assert not [line for line in shown.splitlines() if len(line) > 80]
