"""`lstmterm drafts`, and `generate --draft`, through the commands that a user types."""

import json
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lstmterm.cli import lstmterm
from lstmterm.drafts import export, file, store
from lstmterm.drafts.tree import Tree
from lstmterm.errors import InputError
from lstmterm.paths import NameRejected
from tests.character_models import TorchModel


@pytest.fixture(autouse=True)
def _model(home: Path) -> None:
    TorchModel(1, 32).publish("bard")


def cli(*words: str) -> Result:
    return CliRunner().invoke(lstmterm, words)


HOLD = ("--hold", "0:3=1.5")


def tree(name: str = "night") -> Tree:
    return file.read(store.path_of(name))


def again(name: str, stretch: int) -> str:
    """What the command that is given for a stretch prints, through a shell."""
    command = export.command(name, tree(name), stretch)
    assert command is not None
    run = command.replace("lstmterm", f"{shlex.quote(sys.executable)} -m lstmterm")
    return subprocess.run(run, shell=True, capture_output=True, check=True).stdout.decode()


def test_a_draft_grows_and_every_stretch_is_written_again() -> None:
    assert cli("generate", "bard", "--draft", "night", "--prompt", "The sea", "--length", "60").exit_code == 0
    assert (
        cli(
            "generate", "bard", "--draft", "night", "--seed", "7", "--top-k", "5", *HOLD, "--length", "90"
        ).exit_code
        == 0
    )
    found = tree()
    assert [s.origin.made for s in found.stretches[1:]] == ["typed", "written", "written"]
    assert found.text().startswith("The sea")
    assert len(found.text()) == 7 + 60 + 90
    for stretch in (2, 3):
        assert again("night", stretch) == found.stretches[stretch].text
    assert "--seed 7 --top-k 5 --hold 0:3=1.5" in str(export.command("night", found, 3))
    assert cli("drafts", "show", "night").stdout == found.text()


def test_several_samples_are_siblings() -> None:
    cli(
        "generate",
        "bard",
        "--draft",
        "night",
        "--prompt",
        "The sea",
        "--count",
        "3",
        "--seed",
        "5",
        "--length",
        "20",
    )
    found = tree()
    assert found.siblings(2) == [2, 3, 4]
    assert len({found.stretches[k].text for k in (2, 3, 4)}) == 3
    assert again("night", 4) == found.stretches[4].text
    assert all(found.stretches[k].origin.nats for k in (2, 3, 4))


def test_a_stop_text_is_part_of_the_command() -> None:
    cli(
        "generate",
        "bard",
        "--draft",
        "night",
        "--prompt",
        "The ",
        "--stop",
        "e",
        "--seed",
        "3",
        "--temperature",
        "0",
    )
    found = tree()
    assert again("night", 2) == found.stretches[2].text
    assert "e" not in found.stretches[2].text


def test_a_text_that_begins_like_a_mark_of_utf_8_is_read_whole_by_the_command() -> None:
    words = ("--prompt", "\ufeffThe sea", "--length", "60", "--seed", "4")
    assert cli("generate", "bard", "--draft", "night", *words).exit_code == 0
    assert " | " in str(export.command("night", tree(), 2))
    assert again("night", 2) == tree().stretches[2].text


def test_an_interrupted_text_is_kept() -> None:
    writing = subprocess.Popen(
        [sys.executable, "-m", "lstmterm", "generate", "bard", "--draft", "night", "--infinite", "--quiet"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert writing.stdout is not None
    writing.stdout.read(100)
    writing.send_signal(signal.SIGINT)
    writing.communicate(timeout=60)
    assert writing.returncode == 130
    found = tree()
    assert len(found.text()) >= 100
    assert found.stretches[1].origin.length is not None
    assert again("night", 1) == found.text()


def test_drafts_are_listed_searched_renamed_exported_and_removed(tmp_path: Path) -> None:
    none = cli("drafts")
    assert (none.stdout, "There are no drafts yet" in none.stderr) == ("", True)
    cli("generate", "bard", "--draft", "night", "--prompt", "The SEA", "--length", "5", "--seed", "1")
    (row,) = [json.loads(line) for line in cli("drafts", "--json").stdout.splitlines()]
    assert (row["name"], row["characters"], row["stretches"]) == ("night", 12, 2)
    assert cli("drafts").stdout.startswith("night\t12\t2\t1\t")
    assert cli("drafts", "search", "sea").stdout == "night\t1\tThe SEA\n"
    target = tmp_path / "night.json"
    assert cli("drafts", "export", "night", str(target)).exit_code == 0
    assert json.loads(target.read_text())["text"] == tree().text()
    failed = cli("drafts", "export", "night", str(target))
    assert isinstance(failed.exception, InputError)
    assert f"{target} already exists; choose another file (--overwrite replaces it)" in str(failed.exception)
    assert cli("drafts", "export", "night", str(target), "--overwrite").exit_code == 0
    nothing = cli("drafts", "search", "mountain")
    assert (nothing.exit_code, nothing.stdout, nothing.stderr) == (0, "", "No draft contains this text.\n")
    assert cli("drafts", "export", "night", "--format", "markdown").stdout.startswith("# night\n")
    assert cli("drafts", "rename", "night", "day").exit_code == 0
    assert isinstance(cli("drafts", "show", "night").exception, InputError)
    assert cli("drafts", "show", "day", "--before", "2").stdout == "The SEA"
    assert isinstance(cli("drafts", "show", "day", "--before", "9").exception, InputError)
    assert cli("drafts", "remove", "day").exit_code == 0
    assert store.names() == []


@pytest.mark.parametrize("name", ["../x", "a/b", "", "x" * 300])
def test_names_of_drafts_stay_inside(name: str) -> None:
    found = cli("generate", "bard", "--draft", name, "--length", "3")
    assert isinstance(found.exception, NameRejected)
    assert isinstance(cli("drafts", "show", name).exception, InputError)
    assert store.names() == []


SETTINGS = {
    "temperature": ["0", "0.8", "3"],
    "temperature-end": ["0", "1.5"],
    "temperature-over": ["1", "30"],
    "top-k": ["3"],
    "top-p": ["0.5"],
    "min-p": ["0.2"],
    "repetition-penalty": ["4"],
    "repetition-window": ["5"],
    "loops": ["stop", "push"],
    "ban": ["eE", "a-m", r"\n", "-"],
    "only": [r"a-z\s\n", r"\s-~"],
    "line-start": ["> ", "-- it's "],
    "unit": ["lines", "sentences"],
    "length": ["0", "2", "170"],
    "stop": ["e", "|", "\n\n", "--"],
}


def written_and_written_again(words: list[str]) -> tuple[str, str]:
    """A text that follows a typed beginning in a draft, and what its command prints."""
    store.path_of("night").unlink(missing_ok=True)
    command = ("generate", "bard", "--draft", "night", "--prompt", "The\nsea", "--seed", "5")
    few = ["--length", "3"] if "--unit" in words else []  # sentences of a model that learned nothing are long
    result = cli(*command, *words, *few)
    if isinstance(result.exception, InputError):  # some settings exclude each other
        return "", ""
    assert result.exit_code == 0, result.stderr
    found = tree()
    if len(found.stretches) < 3:
        return "", ""
    words = shlex.split(str(export.command("night", found, 2)))
    generate = words[words.index("|") + 2 :]
    again = CliRunner().invoke(lstmterm, generate, input=export.context(found, 2))
    assert again.exit_code == 0, again.stderr
    return found.stretches[2].text, again.stdout


@pytest.mark.parametrize(("name", "value"), [(name, v) for name, values in SETTINGS.items() for v in values])
def test_a_stretch_of_each_setting_is_written_again_by_its_command(name: str, value: str) -> None:
    text, again = written_and_written_again([f"--{name}", value])
    assert text == again


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_stretch_of_any_settings_is_written_again_by_its_command(data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(sorted(SETTINGS)), unique=True))
    words = [w for name in names for w in (f"--{name}", data.draw(st.sampled_from(SETTINGS[name])))]
    words += ["--stop", "z"] if data.draw(st.booleans()) else []
    text, again = written_and_written_again(words)
    assert text == again
