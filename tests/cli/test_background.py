"""`--detach`: runs that outlive their shell, started by the command that makes the same request."""

import gzip
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import psutil
import pytest

from lstmterm.cli import background, train
from lstmterm.corpora.sources import source_of
from lstmterm.planning.request import TrainRequest
from lstmterm.runs import launching, storage
from lstmterm.runs.getting_ready import NOTHING_KEPT
from tests import processes, waiting
from tests.cli.training import LONG, trains


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "lstmterm", *map(str, arguments)]


def test_a_run_in_the_background_outlives_all(text: Path, out: Path) -> None:
    """Started from a shell in a session of its own, all of which is then killed."""
    out.mkdir()
    words = command("train", text, "--detach", "--name", "bg", *LONG)
    shell = subprocess.Popen(
        ["sh", "-c", '"$@" > "$0"/id; sleep 100', str(out), *words], start_new_session=True
    )
    processes.until(lambda: (out / "id").exists() and (out / "id").read_text().strip(), "an id")
    os.killpg(shell.pid, signal.SIGHUP)
    os.killpg(shell.pid, signal.SIGKILL)
    shell.wait()
    run = storage.find((out / "id").read_text().strip())
    processes.until(lambda: trains("bg"), "steps")
    assert run.status() == "running"
    (child,) = [p for p in psutil.process_iter(["cmdline"]) if run.id in (p.info["cmdline"] or [])]
    assert os.getsid(child.pid) == child.pid
    assert processes.run(out, "stop", run.id).process.exitcode == 0
    assert run.status() == "stopped"
    child.wait(30)


def test_a_failing_start_in_the_background_is_said(tmp_path: Path, out: Path) -> None:
    refused = processes.run(out, "train", tmp_path / "nothing.txt", "--detach")
    assert refused.process.exitcode == 2
    assert "nothing.txt" in refused.err
    assert refused.err.count("lstmterm:") == 1, "one sentence"
    assert storage.all_runs() == [], "a run that never was is not listed"


# What the child is started with


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


def test_a_start_that_is_stopped_while_it_gets_ready_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def spawn(*arguments: Any) -> subprocess.Popen[bytes]:
        child = waiting.spawn(*arguments)
        for run in storage.known_runs():
            run.request_stop()
        return child

    monkeypatch.setattr(launching, "_spawn", spawn)
    assert background.detach_train(TrainRequest("charlm", "harbour"), False, False, 0) == 0
    assert capsys.readouterr() == ("", f"{NOTHING_KEPT}\n")
    assert storage.known_runs() == []


def starts_what_waits() -> None:
    """Of the processes in the background, each waits and never holds its run."""
    setattr(launching, "_spawn", waiting.spawn)  # noqa: B010


def test_ctrl_c_while_it_starts_says_that_the_run_continues(text: Path, out: Path) -> None:
    words = ("train", text, "--name", "a", "--detach")
    process = processes.start(out, *words, trouble=processes.Trouble(broken=starts_what_waits))
    processes.until(lambda: any(run.is_starting() for run in storage.known_runs()), "a child")
    (run,) = storage.known_runs()
    processes.until(lambda: run.log.read_text() == "reading\n", "a child that waits")
    process.send(signal.SIGINT)
    assert process.wait() == 130
    assert process.err == f"lstmterm: Interrupted. {background.CONTINUES} lstmterm stop {run.id}\n"
    assert run.status() == "running"
    assert processes.run(out, "stop", run.id).process.exitcode == 0
    assert storage.known_runs() == []


def test_the_names_of_the_foreground(
    launched: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "my texts" / "deep"
    folder.mkdir(parents=True)
    for name in ("a.txt.gz", "we:ird.txt", ".hidden.txt", "b.txt"):
        (folder / name).write_bytes(gzip.compress(b"text") if name.endswith("gz") else b"text")
    monkeypatch.chdir(folder)
    names = {"./a.txt.gz": "a", "we:ird.txt": "we-ird", "./.hidden.txt": "hidden", str(folder / "b.txt"): "b"}
    for source, name in (names | {".": "deep", "./": "deep", "..": "my texts", "harbour": "harbour"}).items():
        launched.clear()
        background.detach_train(TrainRequest("charlm", source), False, True, 0)
        assert launched[0][3] == name
        if source != "..":
            assert source_of(source).name == name


def test_a_child_that_ends_without_a_word_is_said_with_what_to_do(
    launched: list[list[str]], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Path.read_text
    monkeypatch.setattr(Path, "read_text", lambda p, *a: "" if p.name == "log" else read(p, *a))
    assert background.detach_train(TrainRequest("charlm", "wrong"), False, False, 0) == 3
    assert "start it without --detach" in capsys.readouterr().err
    free = shutil.disk_usage("/")._replace(free=0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: free)
    assert background.detach_train(TrainRequest("charlm", "wrong"), False, False, 0) == 3
    assert "is full; free some space" in capsys.readouterr().err


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
    assert background.detach_resume(run, 1.5, True, {}, False, False, 0) == 0
    assert launched == [["resume", run.id, "--minutes", "1.5", "--deadline"]]
