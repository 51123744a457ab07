"""`sweep --detach`: a grid in the background, followed, stopped and continued by its id."""

import signal
import subprocess
import sys
from collections.abc import Sequence
from io import FileIO
from pathlib import Path

from click.testing import CliRunner, Result

from lstmterm import paths
from lstmterm.cli import lstmterm
from lstmterm.cli.sweep_process import CONTINUES
from lstmterm.errors import InputError, RunError
from lstmterm.runs import launching, storage, sweeps
from lstmterm.runs.events import Step
from tests import processes
from tests.cli.test_sweep import SMALL, nothing_is_left
from tests.processes import until

LONG = 200_000  # steps


def command(*words: object) -> Result:
    return CliRunner().invoke(lstmterm, [*map(str, words)], standalone_mode=False)


def sweep(text: Path, steps: int, *words: str) -> Result:
    return command("sweep", text, "--steps", steps, *SMALL, *words)


def ends(group: str) -> None:
    found = sweeps.find(group)
    assert found is not None
    until(lambda: not found.is_held(), "the end of the sweep")


def test_a_grid_goes_on_in_the_background_and_is_shown_by_the_same_command(text: Path) -> None:
    started = sweep(text, 3, "--set", "hidden=4,6", "--detach")
    assert started.exit_code == 0, (started.output, started.exception)
    group = started.stdout.strip()
    for said in (
        f"lstmterm attach {group}",
        f"lstmterm stop {group}",
        f"lstmterm runs --filter sweep:{group}",
    ):
        assert said in started.stderr
    attached = command("attach", group)
    assert attached.exit_code == 0, (attached.output, attached.exception)
    assert "is not running. List its runs:" in attached.stderr
    ends(group)
    listed = command("runs", "--columns", "state", "--filter", f"sweep:{group}")
    assert listed.stdout.split() == ["finished", "finished"]
    table = sweep(text, 3, "--set", "hidden=4,6", "--detach")
    rows = [line.split("\t") for line in table.stdout.splitlines()]
    assert [row[:2] for row in rows] == [["4", "1"], ["6", "1"]], "there is nothing left to train"
    first, second = [run.id for run in storage.known_runs()]
    assert command("runs", "remove", first).exit_code == 0
    assert sweeps.find(group) is not None, "one of its runs is left"
    assert command("runs", "remove", second).exit_code == 0
    assert nothing_is_left()


def test_it_is_stopped_by_its_id_and_continued_by_the_same_command(text: Path, out: Path) -> None:
    grid = ("--set", "hidden=4,6", "--set", "evaluate-every=1000")
    group = sweep(text, LONG, *grid, "--detach").stdout.strip()
    (run,) = sweeps.SweepProcess(group).runs()
    until(lambda: any(isinstance(event, Step) for event in run.events()), "the first steps")
    for detached in (["--detach"], []):
        refused = sweep(text, LONG, *grid, *detached)
        assert isinstance(refused.exception, RunError)
        assert f"The sweep {group} is running in another process" in str(refused.exception)
        assert f"`lstmterm stop {group}` stops it" in str(refused.exception)
    following = processes.start(out, "attach", group)
    until(lambda: run.id in following.err, "the run that is followed")
    stopped = command("stop", group)
    assert (stopped.exit_code, stopped.stderr) == (0, f"Stopped. {CONTINUES}\n")
    following.wait()
    assert following.process.exitcode == 0
    assert [each.status() for each in storage.known_runs()] == ["stopped"], "no other was started"
    assert "is not running" in command("stop", group).stderr

    assert sweep(text, LONG, *grid, "--detach").stdout.strip() == group
    assert [each.id for each in storage.known_runs()] == [run.id], "it was resumed"
    assert command("stop", group).exit_code == 0
    assert run.status() == "stopped"

    text.write_text("another text\n" * 400)
    refused = sweep(text, LONG, *grid).exception
    assert isinstance(refused, InputError), "bad input, also where a run is resumed"
    assert "has changed" in str(refused)
    assert run.status() == "stopped"


def test_what_the_background_refuses_is_said_before_it_returns(tmp_path: Path) -> None:
    (tmp_path / "short.txt").write_text("ab")
    grid = (tmp_path / "short.txt", 3, "--set", "hidden=4,6")
    refused = sweep(*grid, "--detach")
    assert (refused.return_value, refused.stdout) == (2, ""), "bad input"
    assert refused.stderr.startswith("lstmterm: The text has 2 characters, too few for"), refused.stderr
    assert isinstance(sweep(*grid).exception, InputError), "as in the foreground"
    assert not [*(paths.runs() / ".sweeps").iterdir()]


def starts_what_waits() -> None:
    """In place of a sweep in the background: a process that waits until the one that started it ends."""

    def spawn(_: Sequence[str], log: FileIO) -> subprocess.Popen[bytes]:
        words = [sys.executable, "-c", "print('waiting', flush=True); input()"]
        return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=log, stderr=log)

    setattr(launching, "_spawn", spawn)  # noqa: B010


def test_ctrl_c_while_it_starts_says_that_the_sweep_continues(text: Path, out: Path) -> None:
    words = ("sweep", text, "--set", "hidden=4,6", "--name", "mine", "--detach")
    process = processes.start(out, *words, trouble=processes.Trouble(broken=starts_what_waits))
    folder = paths.runs() / ".sweeps"
    until(lambda: any("waiting" in log.read_text() for log in folder.glob("*/log")), "a child that waits")
    process.send(signal.SIGINT)
    assert process.wait() == 130
    (group,) = [each.name for each in folder.iterdir()]
    said = "lstmterm: Interrupted. The sweep continues in the background. Stop it: lstmterm stop"
    assert process.err == f"{said} {group}\n"


def test_a_runs_name_comes_before_a_sweeps(text: Path) -> None:
    one = sweeps.SweepProcess("mine")
    assert sweeps.find("mine") is None
    with one.held():
        assert sweeps.find("mine") == one
    storage.new_run("mine")
    assert sweeps.find("mine") is None
