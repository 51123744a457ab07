"""`--detach`: the child gets the command that makes the same request."""

import subprocess
from pathlib import Path

import click
import pytest

from lstmterm.cli import background, train
from lstmterm.planning.request import TrainRequest
from lstmterm.runs import launching, storage


class Child:
    """A process that ended, with a code."""

    def __init__(self, code: int) -> None:
        self.code = code

    def poll(self) -> int:
        return self.code


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The arguments of the children that were started; each of them ends at once."""
    found: list[list[str]] = []

    def launch(arguments: list[str], run_id: str) -> Child:
        found.append(arguments)
        run = storage.create(run_id, "{}")
        run.log.write_text("reading\nlstmterm: It went wrong.\n")
        return Child(3 if "wrong" in run_id else 0)

    monkeypatch.setattr(launching, "launch", launch)
    return found


def test_the_child_makes_the_same_request(launched: list[list[str]]) -> None:
    request = TrainRequest("charlm", "texts/bard.txt", given={"hidden": 12})
    assert background.detach_train(request, as_json=True, quiet=False, nice=5) == 0
    (arguments,) = launched
    run_id = arguments[arguments.index("--run-id") + 1]
    assert run_id.endswith("-bard")
    assert arguments[-3:] == ["--json", "--nice", "5"]
    options = train.train.make_context("train", arguments[1:]).params
    for output in ("detach", "as_json", "quiet", "run_id", "nice"):
        options.pop(output)
    made = TrainRequest.from_options("charlm", options.pop("corpus"), **options)
    assert (made.source, made.name, made.given) == ("texts/bard.txt", "bard", {"hidden": 12})


def test_a_cipher_has_a_name_that_is_a_files(launched: list[list[str]]) -> None:
    background.detach_train(TrainRequest("tagger", "caesar:3"), as_json=False, quiet=True, nice=0)
    assert launched[0][:4] == ["train-tagger", "caesar:3", "--name", "caesar-3"]
    assert launched[0][-1] == "--quiet"


def test_a_child_that_fails_at_once_is_quoted(
    launched: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert background.detach_train(TrainRequest("charlm", "wrong"), False, False, 0) == 3
    assert "It went wrong." in capsys.readouterr().err


def test_stdin_stays_in_the_foreground(launched: list[list[str]]) -> None:
    with pytest.raises(click.UsageError, match="stdin"):
        background.detach_train(TrainRequest("charlm", "-"), False, False, 0)
    assert not launched


def test_a_run_goes_on_in_the_background(launched: list[list[str]], home: Path) -> None:
    run = storage.create("20250101-000000-bard", "{}")
    (run.folder / "spec.json").unlink()
    assert background.detach_resume(run, 1.5, False, False, 0) == 0
    assert launched == [["resume", run.id, "--minutes", "1.5"]]


def test_the_child_is_a_real_process_in_a_session_of_its_own(home: Path) -> None:
    child = launching.launch(["--version"], "20250101-000000-bard")
    assert isinstance(child, subprocess.Popen)
    assert child.wait(60) == 0
    assert "lstmterm" in storage.all_runs()[0].log.read_text()
