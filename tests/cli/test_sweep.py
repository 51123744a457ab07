"""`sweep`: trained for real, continued after it was stopped, and compared."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lstmterm import paths
from lstmterm.cli import lstmterm
from lstmterm.cli import sweep as sweep_module
from lstmterm.cli.sweep_process import CONTINUES
from lstmterm.errors import InputError
from lstmterm.models import library
from lstmterm.runs import marks, storage
from lstmterm.runs.folder import Run
from lstmterm.runs.getting_ready import NOTHING_KEPT
from lstmterm.runs.sweeps import SweepProcess
from tests import waiting

SMALL = [
    word
    for each in (
        "embedding=4",
        "batch-size=2",
        "seq-length=10",
        "threads=1",
        "precision=float32",
        "device=cpu",
    )
    for word in ("--set", each)
]


def sweep(text: Path, *words: str) -> Result:
    command = ["sweep", str(text), "--steps", "3", *SMALL, *words]
    return CliRunner().invoke(lstmterm, command, standalone_mode=False)


def nothing_is_left() -> bool:
    """Whether there is neither a run nor what is stored of a sweep."""
    return not storage.known_runs() and not [*(paths.runs() / ".sweeps").glob("*")]


def test_the_grid_is_trained_once_and_a_larger_one_adds_to_it(text: Path) -> None:
    first = sweep(text, "--set", "hidden=4,6", "--quiet")
    assert first.exit_code == 0, (first.output, first.exception)
    rows = [line.split("\t") for line in first.stdout.splitlines()]
    assert [row[:2] for row in rows] == [["4", "1"], ["6", "1"]]
    assert [row[-1] for row in rows].count("best") == 1
    before = {run.id for run in storage.known_runs()}
    assert {marks.read(run).cell["hidden"] for run in storage.known_runs()} == {"4", "6"}

    again = sweep(text, "--set", "hidden=4,6", "--seeds", "2", "--json")
    assert again.exit_code == 0, (again.output, again.exception)
    facts = [json.loads(line) for line in again.stdout.splitlines()]
    assert [(f["settings"], f["finished"]) for f in facts] == [({"hidden": "4"}, 2), ({"hidden": "6"}, 2)]
    assert all(f["val_loss_std"] > 0 for f in facts)
    assert [f["best"] for f in facts].count(True) == 1
    assert before < {run.id for run in storage.known_runs()}, "the first runs were kept"
    assert len(storage.known_runs()) == 4
    group = facts[0]["group"]
    listed = CliRunner().invoke(lstmterm, ["runs", "--columns", "name", "--filter", f"sweep:{group}"]).stdout
    assert sorted(listed.split()) == sorted(
        library.find(f"text-hidden{h}-s{s}").name for h in (4, 6) for s in (1, 2)
    )


def test_a_sweep_without_anything_to_vary_says_so(text: Path) -> None:
    assert "This is a single run. Vary a setting with --set" in sweep(text).stderr
    assert "single run" not in sweep(text, "--set", "hidden=4,6").stderr


def test_a_run_that_was_killed_before_its_first_save_is_started_again(
    text: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(words: list[str], run_id: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sweep_module.launching, "launch", killed)
        sweep(text, "--set", "hidden=4")
    assert [run.status() for run in storage.known_runs()] == ["failed"]
    done = sweep(text, "--set", "hidden=4", "--quiet")
    assert done.exit_code == 0, (done.output, done.exception)
    (run,) = storage.known_runs()
    assert run.status() == "finished"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[Run], None]]:
    """What is done with each run while it gets ready, which it does for ever."""
    done: list[Callable[[Run], None]] = []

    def spawn(*arguments: Any) -> subprocess.Popen[bytes]:
        child = waiting.spawn(*arguments)
        (run,) = storage.known_runs()
        for act in done:
            act(run)
        return child

    monkeypatch.setattr(sweep_module.launching, "_spawn", spawn)
    return done


def test_a_run_that_is_stopped_while_it_gets_ready_is_gone_and_the_next_one_starts(
    text: Path, asked: list[Callable[[Run], None]]
) -> None:
    asked.append(Run.request_stop)
    done = sweep(text, "--set", "hidden=4,6")
    assert done.exit_code == 0, (done.output, done.exception)
    assert done.return_value == 1, "not all is trained"
    assert [line.split(":")[0] for line in done.stderr.splitlines()[:4]] == [
        "Run 1 of 2", NOTHING_KEPT, "Run 2 of 2", NOTHING_KEPT,
    ]  # fmt: skip
    assert [line.split("\t")[:3] for line in done.stdout.splitlines()] == [["4", "0", ""], ["6", "0", ""]]
    assert storage.known_runs() == []


def test_a_sweep_is_stopped_while_a_run_gets_ready(text: Path, asked: list[Callable[[Run], None]]) -> None:
    asked.append(lambda run: SweepProcess(marks.read(run).group).request_stop())
    stopped = sweep(text, "--set", "hidden=4,6")
    assert (stopped.exit_code, stopped.return_value) == (0, 0), (stopped.output, stopped.exception)
    assert stopped.stderr.splitlines()[1:] == [NOTHING_KEPT, f"Stopped. {CONTINUES}"]
    assert nothing_is_left()


@pytest.mark.parametrize("tagger", [(), ("--tagger",)], ids=["text", "tagged data"])
@pytest.mark.parametrize("detach", [(), ("--detach",)], ids=["here", "detached"])
def test_what_is_not_there_is_one_sentence_before_there_is_a_run(
    tmp_path: Path, tagger: tuple[str, ...], detach: tuple[str, ...]
) -> None:
    command = ["sweep", str(tmp_path / "nothing.txt"), "--set", "hidden=4", *tagger, *detach]
    result = CliRunner().invoke(lstmterm, command, standalone_mode=False)
    assert isinstance(result.exception, InputError)
    assert str(result.exception).startswith(f"There is no file {tmp_path / 'nothing.txt'}.")
    assert "Run 1" not in result.output
    assert nothing_is_left()


def test_a_model_that_has_such_a_name_is_refused_first(text: Path) -> None:
    assert sweep(text, "--set", "hidden=4", "--quiet").exit_code == 0
    other = CliRunner().invoke(lstmterm, ["sweep", str(text), "--steps", "2", *SMALL, "--set", "hidden=4"])
    assert isinstance(other.exception, InputError)
    assert "text-s1" in str(other.exception)
    assert len(storage.known_runs()) == 1


def test_taggers_are_compared_by_their_accuracy() -> None:
    words = ["sweep", "rot13", "--tagger", "--steps", "2", "--set", "threads=1", "--set", "device=cpu"]
    done = CliRunner().invoke(lstmterm, [*words, "--set", "hidden=4,6", "--json"])
    assert done.exit_code == 0, (done.output, done.exception)
    facts = [json.loads(line) for line in done.stdout.splitlines()]
    accuracies = [each["dev_accuracy"] for each in facts]
    assert all(0 <= accuracy <= 1 for accuracy in accuracies)
    assert facts[accuracies.index(max(accuracies))]["best"]
    table = CliRunner().invoke(lstmterm, [*words, "--set", "hidden=4,6", "--quiet"]).stdout
    assert f"{accuracies[0]:.2%}" in table.splitlines()[0]
