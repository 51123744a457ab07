"""`--on-end`: a command at the end of a run, however it ends."""

import io
import shlex
import signal
import sys
from pathlib import Path

import pytest

from lstmterm import settings
from lstmterm.cli import lstmterm, run_end
from lstmterm.errors import InputError
from lstmterm.runs import storage
from tests import processes
from tests.processes import FAST, Trouble
from tests.recorded import FINISHED, STARTED, a_run

WRITES = (
    "import os, sys; open(sys.argv[1], 'a').write(os.environ['LSTMTERM_STATE'] + ' ' + sys.argv[2] + '\\n')"
)


@pytest.fixture
def told(tmp_path: Path) -> Path:
    """The file to which the command writes."""
    return tmp_path / "told"


def hook(told: Path) -> str:
    return shlex.join([sys.executable, "-c", WRITES, str(told), "$(a) ; b"])


def test_it_runs_when_a_run_finishes_stops_or_diverges(text: Path, out: Path, told: Path) -> None:
    def train(name: str, trouble: Trouble, *more: object) -> int | None:
        words = ("train", text, "--name", name, "--steps", 12, *FAST, *more, "--on-end", hook(told))
        return processes.run(out, *words, trouble=trouble).process.exitcode

    assert train("done", Trouble()) == 0
    assert train("halted", Trouble(signals={2: signal.SIGTERM})) == 143
    assert train("lost", Trouble(poison=True)) == 1
    assert told.read_text().splitlines() == [
        f"{state} $(a) ; b" for state in ("finished", "stopped", "diverged")
    ]
    again = processes.run(out, "resume", "done", "--on-end", hook(told))
    assert again.process.exitcode == 1
    assert len(told.read_text().splitlines()) == 3, "nothing was trained, so nothing ended"


def test_a_run_in_the_background_does_it_and_can_be_resumed_by_it(text: Path, out: Path, told: Path) -> None:
    words = ("train", text, "--name", "away", "--steps", 4, *FAST, "--detach", "--on-end", hook(told))
    assert processes.run(out, *words).process.exitcode == 0
    processes.until(told.exists, "the command at the end")
    assert told.read_text() == "finished $(a) ; b\n"


def test_the_settings_have_it_too_and_the_option_counts_more(told: Path) -> None:
    settings.save(settings.Settings(on_end=hook(told)))
    run = a_run("20250101-000000-alpha")
    for command, lines in ((None, 1), ("", 1), (hook(told), 2)):
        with run_end.RunEnd(command) as end:
            end.watch(run)
            a_run_goes_on()
        assert len(told.read_text().splitlines()) == lines


def a_run_goes_on() -> None:
    journal = storage.find("alpha").journal
    with journal.open("a") as more:
        more.writelines(f"{line}\n" for line in recorded())


def recorded() -> list[str]:
    from lstmterm.runs.events import to_json

    return [to_json(STARTED), to_json(FINISHED)]


@pytest.mark.parametrize(
    ("chosen", "begins"), [(True, "\x1b]777;notify;alpha;finished after 1 step,"), (False, "")]
)
def test_a_terminal_is_told_where_the_settings_say_so(
    chosen: bool, begins: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    settings.save(settings.Settings(notify=chosen))
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "foot")
    monkeypatch.delenv("TMUX", raising=False)
    run = a_run("20250101-000000-alpha")
    with run_end.RunEnd(None) as end:
        end.watch(run)
        a_run_goes_on()
    assert terminal.getvalue().startswith(begins)
    assert bool(terminal.getvalue()) == bool(begins)


def test_a_command_that_cannot_be_run_is_refused_before_anything_is_trained(text: Path) -> None:
    for more in ((), ("--detach",)):
        with pytest.raises(InputError, match="not a program that can be run"):
            lstmterm.main(
                ["train", str(text), "--on-end", "no-such-program-here", *more], standalone_mode=False
            )
    assert [run for run in storage.known_runs() if run.journal.exists()] == []
