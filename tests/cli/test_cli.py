"""The edge of the command line: exit codes, one sentence an error, quiet ends."""

import errno
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

import lstmterm
from lstmterm import cli, paths
from lstmterm.cli import knobs
from lstmterm.errors import InputError, RunError
from lstmterm.nn import calibrate
from lstmterm.runs.events import Step, to_json
from lstmterm.spec.character import CharBatchPart, CharModelPart, TextPart
from lstmterm.spec.training import TrainingPart
from tests import processes
from tests.processes import FAST
from tests.small import small_text


def ended(capfd: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command run in this process."""
    with pytest.raises(SystemExit) as end:
        cli.main(words)
    out, err = capfd.readouterr()
    assert isinstance(end.value.code, int)
    return end.value.code, out, err


READING = (
    ["generate", "shakespeare", "--length", "5"],
    ["generate", "shakespeare", "--length", "5", "--prompt", "-"],
    ["score", "shakespeare", "TEXT"],
    ["score", "shakespeare", "-"],
    ["score", "shakespeare", "TEXT", "--adapt"],
    ["tag", "english-upos", "TEXT"],
    ["tag", "english-upos", "-"],
    ["evaluate", "english-upos", "harbour-tags"],
    ["show", "shakespeare"],
    ["models"],
    ["runs"],
    ["corpora"],
    ["corpora", "check", "TEXT"],
    ["corpora", "check", "harbour"],
    ["plan", "TEXT"],
    ["plan-tagger", "harbour-tags"],
    ["doctor"],
)


@pytest.mark.parametrize("kind", ["none", "read-only"])
def test_what_only_reads_needs_no_home_folder(
    kind: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = tmp_path / "text.txt"
    text.write_text(small_text(3000))
    if kind == "none":
        without_a_home(monkeypatch)
    else:
        read_only(monkeypatch, tmp_path / "home")
    monkeypatch.setattr(calibrate, "_reference_rate", lambda *_: 60_000.0)
    monkeypatch.setattr(calibrate, "_PACE_SECONDS", 0.01)
    for command in READING:
        with text.open() as stdin, monkeypatch.context() as patch:
            patch.setattr("sys.stdin", stdin)
            code, _, err = ended(capfd, *(str(text) if word == "TEXT" else word for word in command))
        assert code == 0, (command, err)
    assert sorted(tmp_path.iterdir()) == [text]


def read_only(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """No folder can be made in `folder`, and so no file; the permissions would not keep root from it."""
    mkdir = os.mkdir

    def refuse(path: str, *more: int) -> None:
        if Path(path).is_relative_to(folder):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        mkdir(path, *more)

    patch.setattr(os, "mkdir", refuse)


def test_without_a_home_folder_what_is_to_be_written_names_the_variable(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = tmp_path / "text.txt"
    text.write_text(small_text(500))
    without_a_home(monkeypatch)
    for words, expected in (
        (["corpora", "add", str(text)], 1),
        (["train", "harbour", "--steps", "1"], 2),
        (["train", "harbour", "--detach"], 2),
        (["corpora", "fetch", "tinyshakespeare", "--from", str(text)], 1),
    ):
        code, _, err = ended(capfd, *words)
        assert code == expected, words
        assert "There is no home folder to write to: HOME is not set, and this account has none." in err, (
            words
        )
        assert err.endswith("Set HOME, or set LSTMTERM_HOME to a folder of your own.\n"), words
    assert not paths.NO_HOME.exists()  # though root could make it


def without_a_home(patch: pytest.MonkeyPatch) -> None:
    """No variable names a home folder, and the account has none."""

    def unknown(*_: object) -> None:
        raise KeyError

    for name in [n for n in os.environ if n in ("HOME", "LSTMTERM_HOME") or n.startswith("XDG_")]:
        patch.delenv(name)
    patch.setattr("pwd.getpwuid", unknown)


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """A command `runs` that raises what is put here."""
    raised: list[BaseException] = []

    @click.command()
    def runs() -> None:
        raise raised[0]

    monkeypatch.setattr(cli.Commands, "get_command", lambda *_: runs)
    return raised


def test_help_lists_every_command(capfd: pytest.CaptureFixture[str]) -> None:
    code, out, err = ended(capfd, "--help")
    assert (code, err) == (0, "")
    for name, (_, sentence) in cli.COMMANDS.items():
        assert f"  {name} " in out
        assert sentence.split()[0] in out
    assert ended(capfd, "-h")[1] == out


def test_every_command_says_what_it_does(capfd: pytest.CaptureFixture[str]) -> None:
    for name in cli.COMMANDS:
        code, out, _ = ended(capfd, name, "--help")
        assert code == 0
        assert out.startswith("Usage: lstmterm")


def test_the_version(capfd: pytest.CaptureFixture[str]) -> None:
    assert ended(capfd, "--version") == (0, f"lstmterm {lstmterm.__version__}\n", "")


def test_an_unknown_command_is_met_with_a_hint(capfd: pytest.CaptureFixture[str]) -> None:
    code, out, err = ended(capfd, "trian")
    assert (code, out) == (2, "")
    assert "Did you mean 'train'?" in err
    assert "--help" in ended(capfd, "xyzzy")[2]


WRONG = [
    [], ["train", "--no-such-option"], ["train", "a", "b"], ["train", "--steps", "x"], ["train", "--minutes", "0"],
    ["train", "--minutes", "nan"], ["train", "--minutes", "1", "--steps", "5"], ["train", "--epochs", "1", "--steps", "5"],
    ["attach"], ["stop", "nothing"], ["resume", "nothing"], ["attach", "../x"], ["runs", "remove", "nothing"],
    ["--detach"], ["train", "--optimizer", "lion"], ["generate", "nothing"], ["train", "-", "--detach"],
]  # fmt: skip


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_wrong_use_is_exit_2_and_one_sentence(words: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    code, out, err = ended(capfd, *words)
    assert (code, out) == (2, "")
    assert err.startswith("lstmterm: ")
    assert err.count("\n") == 1
    assert "Traceback" not in err


WRONG_TRAINING = [
    ["train", "/nowhere/text.txt"], ["train", "no-such-text"], ["train", "--hidden", "0"], ["train", "--lr", "nan"],
    ["train", "--name", "../x"], ["train", "--name", ""], ["train", "--device", "abacus"], ["train", "--from", "nothing"],
    ["train", "--device", "cuda:99"], ["train", "--val", "0.7"], ["train", "--steps", "0"], ["train", "--seq-length", "0"],
    ["train", "--level", "byte", "--nfc"], ["plan", "--seed", "-1"], ["train", "--from", "../x"],
    ["train", "--epochs", "nan"], ["train", "--epochs", "inf"],
]  # fmt: skip


def test_wrong_training_is_exit_2_and_one_sentence(tmp_path: Path) -> None:
    for words in WRONG_TRAINING:
        process = processes.run(tmp_path / "out", *words)
        assert process.process.exitcode == 2, (words, process.err)
        assert process.err.startswith("lstmterm: ")
        assert process.err.count("\n") == 1, words
        assert process.out == ""
    assert not (tmp_path / "home" / "state").exists(), "nothing was begun"


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (InputError("Give it a text."), 2, "Give it a text."),
        (InputError("--hidden is 0."), 2, "--hidden is 0."),
        (RunError("It diverged."), 1, "It diverged."),
        (PermissionError(13, "Permission denied", "/x"), 1, "Permission denied (/x)."),
        (OSError(28, "No space left on device", "/x"), 1, "No space left on device (/x)."),
        (
            OSError(28, "No space left on device"),
            1,
            "Cannot write the output: its disk is full. Free some space, or write elsewhere.",
        ),
        (click.UsageError("Two lengths."), 2, "Two lengths."),
        (InputError("Its name is \x1b[31m."), 2, "Its name is ␛[31m."),
    ],
)
def test_an_error_is_one_sentence(
    failing: list[BaseException],
    capfd: pytest.CaptureFixture[str],
    error: BaseException,
    code: int,
    sentence: str,
) -> None:
    failing.append(error)
    assert ended(capfd, "runs") == (code, "", f"lstmterm: {sentence}\n")


def test_an_error_advises_what_its_command_has(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(bytes(range(256)))
    told = [ended(capfd, *words.split(), str(binary))[2] for words in ("corpora check", "tag english-upos")]
    assert [text.strip().partition(" is ")[2] for text in told] == [
        "a binary file, not a text (--level byte reads the bytes of any file).",
        "a binary file, not a text.",
    ]


def test_a_defect_says_that_it_is_one(
    failing: list[BaseException], capfd: pytest.CaptureFixture[str]
) -> None:
    failing.append(ZeroDivisionError("division by zero"))
    code, _, err = ended(capfd, "runs")
    assert code == 1
    assert (
        err == "lstmterm: ZeroDivisionError: division by zero. This is a bug; --debug shows the traceback.\n"
    )
    for words in (["--debug", "runs"], ["runs", "--debug"]):
        with pytest.raises(ZeroDivisionError):
            cli.main(words)


def test_an_interrupt_is_130(failing: list[BaseException], capfd: pytest.CaptureFixture[str]) -> None:
    failing.append(KeyboardInterrupt())
    code, out, err = ended(capfd, "runs")
    assert (code, out, err.strip()) == (130, "", "")


def test_a_closed_pipe_ends_quietly() -> None:
    shell = f"{sys.executable} -m lstmterm --help | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", shell], check=False, capture_output=True, text=True, timeout=60)
    assert (done.stdout.strip(), done.stderr) == ("0", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_disk_of_the_output_is_said() -> None:
    with open("/dev/full", "wb") as full:
        command = [sys.executable, "-m", "lstmterm", "generate", "shakespeare", "--length", "9"]
        ended = subprocess.run(command, check=False, stdout=full, stderr=subprocess.PIPE, text=True)
    assert ended.returncode == 1
    assert "Cannot write the output: its disk is full." in ended.stderr


def test_train_may_be_an_option(tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text(small_text(2000))
    done = processes.run(
        tmp_path / "out", "--train", text, "--name", "a", *FAST, "--steps", 200, "--lr", 0.02
    )
    assert done.process.exitcode == 0, done.err
    assert "val_loss" in done.out
    assert "lstmterm generate a" in done.err


def test_a_machines_reading_is_json_alone(tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text(small_text(2000))
    words = (text, "--name", "a", "--steps", 4, *FAST, "--json")
    for command in ("train", "plan"):
        options = [w for w in words if command == "train" or w not in ("--name", "a")]
        done = processes.run(tmp_path / "out", command, *options)
        assert done.process.exitcode == 0, done.err
        assert done.err == ""
        for line in done.out.splitlines():
            assert isinstance(json.loads(line), dict)


def test_a_plan_begins_nothing(tmp_path: Path, home: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text(small_text(1990) + "0123456789")
    words = ("plan", text, "--minutes", 1, "--hidden", 40, "--device", "cpu")
    done = processes.run(tmp_path / "out", *words, "--why")
    assert done.process.exitcode == 0, done.err
    assert [line.split("\t")[0] for line in done.out.splitlines()[:3]] == [
        "how long",
        "how good",
        "how large",
    ]
    assert "how large\t1x40 LSTM, " in done.out
    assert "Far too little" in done.out or "Very little" in done.out
    assert "Warning: " in done.out, "what a check warns of"
    epochs = float(re.findall(r"\((.*) epochs\)", done.out)[0])
    told = float(re.findall(r"characters for about ([0-9.]+) epochs", done.out)[0])
    assert told == pytest.approx(epochs, rel=0.05), "the reason gives the plan's own epochs"
    assert not (home / "state").exists()
    assert not (home / "data").exists()
    brief = processes.run(tmp_path / "brief", *words)
    assert "keeps to what was given" not in brief.out
    assert "batches" not in brief.out
    assert "--why" in brief.err


def on_a_terminal(*words: object, **environment: str) -> str:
    """All that a command prints on a terminal of its own."""
    main, side = pty.openpty()
    done = subprocess.Popen(
        [sys.executable, "-m", "lstmterm", *map(str, words)],
        stdin=side, stdout=side, stderr=side, env=os.environ | {"TERM": "xterm-256color"} | environment,
    )  # fmt: skip
    os.close(side)
    printed = b""
    while True:
        try:
            chunk = os.read(main, 65536)
        except OSError:  # how a terminal ends on Linux
            break
        if not chunk:
            break
        printed += chunk
    done.wait(60)
    os.close(main)
    return printed.decode("utf-8", "replace")


def test_a_terminal_that_cannot_move_its_cursor_gets_plain_lines_and_no_screen(home: Path) -> None:
    for term in ("dumb", "", "unknown"):
        said = on_a_terminal(TERM=term)
        assert said.startswith("lstmterm: The screen needs a terminal that can move the cursor"), term
        assert said.endswith("(`lstmterm --help` lists them).\r\n"), "one sentence, and nothing after it"
        assert "\x1b" not in on_a_terminal("models", TERM=term) + said
        assert "shakespeare" in on_a_terminal("models", TERM=term)


def test_ci_gets_plain_lines_and_no_screen(home: Path) -> None:
    assert "\x1b" in on_a_terminal("models", CI="false")
    said = on_a_terminal(CI="true")
    assert said.startswith("lstmterm: The screen does not open in CI.")
    assert "\x1b" not in on_a_terminal("models", CI="true") + said


def test_no_color_is_kept(home: Path) -> None:
    run = home / "state/runs/20250101-000000-a"
    run.mkdir(parents=True)
    (run / "spec.json").write_text("{}")
    coloured, plain = on_a_terminal("runs"), on_a_terminal("runs", NO_COLOR="1")
    assert "20250101-000000-a" in plain
    assert "\x1b[" in coloured
    assert "\x1b[3" not in plain
    assert "\x1b[9" not in plain


def test_names_cannot_drive_the_terminal(home: Path) -> None:
    run = home / "state/runs/20250101-000000-\x1b[2Ja[bold]"
    run.mkdir(parents=True)
    printed = on_a_terminal("runs")
    assert "\x1b[2J" not in printed
    assert "␛[2Ja[bold]" in printed


def test_a_files_name_cannot_drive_the_terminal(home: Path, tmp_path: Path) -> None:
    run = home / "state/runs/20250101-000000-a"
    run.mkdir(parents=True)
    step = Step(
        step=1,
        time=1.0,
        steps=1,
        loss=3.0,
        epoch=0.1,
        chars_per_second=1.0,
        learning_rate=1.0,
        gradient_norm=1.0,
    )
    (run / "events.jsonl").write_text(to_json(step) + "\n")
    printed = on_a_terminal("plot", "a", "--svg", tmp_path / "\x1b[31m.svg")
    assert "Wrote" in printed
    assert "\x1b[31m" not in printed
    assert "␛[31m.svg" in printed


# Options made of knobs


def test_every_knob_is_an_option_of_train(capfd: pytest.CaptureFixture[str]) -> None:
    _, out, _ = ended(capfd, "train", "--help")
    for part in (TextPart, CharModelPart, CharBatchPart, TrainingPart):
        for knob in knobs.knobs(part):
            assert f"--{knob.option}" in out


def test_an_option_not_given_is_none() -> None:
    @click.command()
    @knobs.knob_options(CharModelPart, TextPart)
    def probe(**values: object) -> object:
        return {name: value for name, value in values.items() if value is not None}

    assert probe.main([], standalone_mode=False) == {}
    words = ["--hidden", "5", "--dropout", "0.5", "--init", "default", "--nfc"]
    values = {"hidden": 5, "dropout": 0.5, "init": "default", "nfc": True}
    assert probe.main(words, standalone_mode=False) == values
