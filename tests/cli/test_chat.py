"""`lstmterm chat`: in a pipe, and in a terminal."""

import signal
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lstmterm import paths
from lstmterm.cli import lstmterm
from lstmterm.cli.chat import _asking
from lstmterm.corpora.turns import Turns
from lstmterm.errors import InputError
from tests.character_models import TorchModel
from tests.ui.terminal import Terminal

SPEAKERS = Turns("{name}:\n{text}\n\n", {"GULL": 9, "CLERK": 5, "PIRATE": 2})


@pytest.fixture(autouse=True)
def _model(home: Path) -> None:
    TorchModel(1, 32).publish("bard")


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lstmterm.infer.speakers.turns_of", lambda *_: SPEAKERS)


def chat(*words: str, said: str = "") -> Result:
    return CliRunner().invoke(lstmterm, ["chat", "bard", *words], input=said)


@pytest.mark.usefixtures("play")
def test_what_is_said_is_answered(tmp_path: Path) -> None:
    target = tmp_path / "talk.txt"
    found = chat("--seed", "3", said=f"the sea\n/save {target}\n/quit\n")
    assert found.exit_code == 0
    assert "You are CLERK, and the model is GULL." in found.stderr
    assert "/help lists the commands, Ctrl+D leaves." in found.stderr
    answer = found.stdout.removesuffix("\n")
    assert target.read_text() == f"CLERK:\nthe sea\n\nGULL:\n{answer}\n\n"
    assert chat("--seed", "3", said="the sea\n").stdout == found.stdout


@pytest.mark.usefixtures("play")
def test_commands() -> None:
    said = "/undo\n/retry\nthe sea\n/undo\n/as pirate\n/temperature 0\n/temperature x\n/on x\n/wrong\n/with\n/help\n"
    found = chat("--with", "clerk", "--as", "gull", said=said)
    assert found.exit_code == 0
    for sentence in (
        "You are GULL, and the model is CLERK.",
        "There is nothing to take back.",
        "The model has not answered yet.",
        "Took back 2 turns.",
        "You are PIRATE, and the model is CLERK.",
        "Temperature: 0.",
        "/on takes a number of turns",
        "There is no command /wrong. /help lists them.",
        "Name a speaker: GULL, CLERK, PIRATE.",
    ):
        assert sentence in found.stderr
    assert "'x'" in found.stderr
    assert "/retry            get another answer" in found.stdout


@pytest.mark.usefixtures("play")
def test_they_speak_on_and_characters_that_are_unknown_are_said() -> None:
    found = chat("--seed", "1", said="the €\n/on 2\n")
    assert "does not know these characters" in found.stderr
    assert found.stdout.count("\n") >= 3


@pytest.mark.usefixtures("play")
def test_an_empty_line_lets_the_model_speak(tmp_path: Path) -> None:
    target = tmp_path / "talk.txt"
    found = chat("--seed", "3", said=f"\n/save {target}\n")
    assert target.read_text() == f"GULL:\n{found.stdout.removesuffix(chr(10))}\n\n"


@pytest.mark.usefixtures("play")
def test_names_that_are_not_found_and_both_the_same() -> None:
    found = chat("--me", "GUL", "--you", "nemo", said="/me gull\n/me nemo\n/you bob\n")
    assert found.exit_code == 0
    assert "GUL is not one of the speakers that were found. Did you mean 'GULL'?" in found.stderr
    assert found.stderr.count("nemo is not one of") == 1, "it is said once"
    assert "You are GULL, and the model is nemo." in found.stderr
    assert "You are nemo, and the model is GULL." in found.stderr
    assert "bob is not one of" in found.stderr
    same = chat("--me", "gull", "--you", "GULL")
    assert isinstance(same.exception, InputError)
    assert "cannot both be GULL" in str(same.exception)


def test_the_speakers_of_the_shipped_play_are_known_without_its_text() -> None:
    found = CliRunner().invoke(
        lstmterm, ["chat", "shakespeare", "--as", "romeo", "--with", "juliet", "--seed", "1"], input="Who?\n"
    )
    assert found.exit_code == 0
    assert "You are ROMEO, and the model is JULIET." in found.stderr
    assert "not one of" not in found.stderr
    assert found.stdout.strip()


def test_a_text_without_speakers() -> None:
    found = chat()
    assert isinstance(found.exception, InputError)
    assert "--turn" in str(found.exception)
    assert isinstance(chat("--turn", "{text}").exception, InputError)


def test_in_a_terminal_an_answer_is_stopped_and_lines_are_edited(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = [
        "chat",
        "bard",
        "--turn",
        r"{name}: {text}\n\n\n\n",
        "--as",
        "ann",
        "--with",
        "bob",
        "--seed",
        "1",
    ]
    monkeypatch.setenv("PROMPT_TOOLKIT_NO_CPR", "1")  # the terminal here does not say where its cursor is
    screen = Terminal([sys.executable, "-m", "lstmterm", *words], home)
    try:
        screen.wait_for(r"ann>\s*$")
        screen.send("teh\x1b[D\x1b[D\x7f\x1b[C\r")  # left twice, back, right: edits the line
        screen.wait_for(r"\nbob>\s*\S")  # without escape codes that the terminal shows
        time.sleep(0.05)
        screen.send("\x03")
        screen.wait_for(r"bob>[\s\S]*ann>")
        screen.send("\x04")
        assert screen.wait_for_end() == 0
    finally:
        screen.close()
    assert paths.chat_history().read_text().count("\n+") == 1
    assert paths.chat_history().stat().st_mode & 0o077 == 0


def test_ctrl_c_between_an_answer_and_the_prompt_does_not_end_the_program(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for stream in (sys.stdin, sys.stdout):
        monkeypatch.setattr(stream, "isatty", lambda: True)
    monkeypatch.setattr("prompt_toolkit.PromptSession.prompt", lambda *_, **__: "words")
    interrupts: list[str] = []
    with _asking(lambda: interrupts.append("stop")) as ask:
        signal.raise_signal(signal.SIGINT)
        assert ask("ann> ") == "words"
    assert interrupts == ["stop"]


@pytest.mark.usefixtures("play")
def test_a_dialogue_is_saved_again_to_its_own_file_and_to_no_other(tmp_path: Path) -> None:
    own, other = tmp_path / "own.txt", tmp_path / "other.txt"
    other.write_text("kept")
    said = f"one\n/save {own}\ntwo\n/save {own}\n/save {other}\n"
    assert "other.txt already exists" in chat(said=said).stderr
    assert "two" in own.read_text()
    assert other.read_text() == "kept"
