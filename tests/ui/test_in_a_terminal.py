"""The whole of it in a real pseudo-terminal: runs outlive the screen, the screen leaves no traces."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from lstmterm.runs import folder, storage
from tests.patience import Patience
from tests.trust.terminals import left_behind
from tests.ui.terminal import Terminal

F2 = "\x1bOQ"
F3 = "\x1bOR"
CTRL = {letter: chr(ord(letter) - 96) for letter in "abcdefghijklmnopqrstuvwxyz"}


@pytest.fixture(autouse=True)
def calm() -> None:
    """Nothing is recorded here: this is the real thing."""


@pytest.fixture(autouse=True)
def end_runs() -> Iterator[None]:
    """No run is left behind."""
    yield
    for run in storage.all_runs():
        run.request_stop()
    end = time.monotonic() + 30
    while any(run.is_held() for run in storage.all_runs()) and time.monotonic() < end:
        time.sleep(0.1)


def start_training(screen: Terminal, length: str = "3 minutes") -> None:
    """Choose the text, say the time, start."""
    screen.wait_for(r"New model")
    screen.send(CTRL["o"])
    screen.wait_for(r"Choose a text[\s\S]*A town by the sea")
    screen.send("harb")
    screen.look(0.5)
    screen.send("\r")
    screen.wait_until_gone("esc cancel")
    screen.wait_for(r"Text\s+harbour[\s\S]*distinct")
    screen.send("\t\t\t" + CTRL["u"])
    screen.wait_for("Give a time")
    screen.send(length)
    screen.wait_for(rf"Time +{length}")
    screen.send(CTRL["s"])
    screen.wait_for(r"● harbour")


def test_a_day_with_the_screen(home: Path) -> None:
    """Open, choose a text, train, watch the loss fall, write, quit, reopen, stop, resume."""
    screen = Terminal.screen(home)
    start_training(screen)
    first = float(screen.wait_for(r"train (\d\.\d{3})", 90)[1])
    assert first > 2.5
    waiting = Patience(90)
    while float(screen.wait_for(r"train (\d\.\d{3})")[1]) > first - 0.4:
        assert not waiting.is_over(), screen.look()
    screen.wait_for(r"◆ best +\d\.\d{3}", 120)
    screen.send(F3)
    screen.wait_for(r"in training")
    screen.send("The harbour\r")
    screen.wait_for(r"\d+( characters)? · \d+/s")
    screen.send(CTRL["q"])
    assert screen.wait_for_end() == 0
    assert screen.raw.rstrip().endswith(b"\x1b[?1049l") or b"\x1b[?1049l" in screen.raw[-200:]

    (run,) = storage.all_runs()
    assert run.status() == "running"

    again = Terminal.screen(home)
    again.wait_for(r"The harbour")  # the last tab and its text are there again
    again.send(F2)
    again.wait_for(r"● harbour \d+%")
    again.wait_for(r"train \d\.\d{3}")
    again.send(CTRL["t"])
    again.wait_for(r"■ harbour +stopped", 60)
    assert run.status() == "stopped"
    again.send(CTRL["r"])
    again.wait_for(r"● harbour \d+%", 60)
    end = time.monotonic() + 60
    while not run.is_held():
        assert time.monotonic() < end
        again.look(0.2)
    again.send(CTRL["q"])
    assert again.wait_for_end() == 0
    assert run.is_held()


def test_closing_the_screen_says_that_a_run_continues_and_how_to_come_back(home: Path) -> None:
    screen = Terminal.screen(home)
    start_training(screen)
    wait_for_run(screen)
    screen.send("\x1bq")  # alt+q, where ^q is taken
    assert screen.wait_for_end() == 0
    said = screen.raw.decode("utf-8", "replace").partition("\x1b[?1049l")[2]
    assert "harbour continues training. `lstmterm` shows it again, `lstmterm attach harbour` follows" in said


def test_the_screen_is_whole_again_after_the_shell_had_the_terminal(home: Path) -> None:
    screen = Terminal(["/bin/bash", "--norc", "-i"], home)
    screen.send(f"{sys.executable} -m lstmterm\r")
    screen.wait_for(r"New model[\s\S]*distinct")
    screen.send("\x1b1")  # alt+1, where F1 is taken
    screen.wait_for("esc close")
    screen.send("\x1b")
    screen.wait_until_gone("esc close")
    screen.send(CTRL["z"])
    screen.look(1.0)
    screen.send("echo back-$((40 + 2))\r")
    deadline = time.monotonic() + 20
    while b"back-42" not in screen.raw:
        assert time.monotonic() < deadline, screen.look()
        screen.look(0.2)
    screen.cells = [[" "] * screen.columns for _ in range(screen.rows)]
    screen.send("fg\r")
    screen.wait_for(r"New model[\s\S]*Text +harbour[\s\S]*Name[\s\S]*Time[\s\S]*Start")
    screen.send(CTRL["q"])
    while screen.raw.count(b"\x1b[?1049l") < 2:
        assert time.monotonic() < deadline + 20, screen.look()
        screen.look(0.2)
    screen.close()


def test_killing_the_screen_leaves_the_run_and_a_terminal_to_use(home: Path) -> None:
    """`kill -9`: the run goes on, and the shell that the screen was started in answers."""
    screen = Terminal(["/bin/sh", "-i"], home)
    screen.look(0.5)
    screen.send(f"{sys.executable} -m lstmterm\r")
    start_training(screen)
    (run,) = wait_for_run(screen)
    (child,) = (p for p in psutil.Process(screen.pid).children() if "lstmterm" in " ".join(p.cmdline()))
    child.kill()
    screen.look(1.0)
    screen.send("\n\nstty sane\n")  # as `reset` would; in raw mode a line ends with ^J
    screen.look(1.0)
    screen.send("echo still-$((40 + 2))\r")
    deadline = time.monotonic() + 20
    while b"still-42" not in screen.raw:
        assert time.monotonic() < deadline, screen.look()
        screen.look(0.2)
    size = run.journal.stat().st_size if run.journal.exists() else 0
    wait_until_it_grows(run, size)
    screen.close()


def test_a_dropped_terminal_ends_the_screen_and_not_the_run(home: Path) -> None:
    screen = Terminal.screen(home)
    start_training(screen)
    (run,) = wait_for_run(screen)
    process = psutil.Process(screen.pid)
    screen.close()
    found = None
    end = time.monotonic() + 20
    while time.monotonic() < end and not (found := os.waitpid(screen.pid, os.WNOHANG))[0]:
        time.sleep(0.1)
    assert found is not None
    assert found[0] == screen.pid, f"the screen still runs, at {process.cpu_percent(1.0)} % of a core"
    wait_until_it_grows(run, run.journal.stat().st_size if run.journal.exists() else 0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_screen_that_a_signal_ends_leaves_the_terminal_as_it_was(
    home: Path, number: signal.Signals
) -> None:
    screen = Terminal.screen(home)
    screen.wait_for("New model")
    os.kill(screen.pid, number)
    assert screen.wait_for_end() == 128 + number
    assert left_behind(screen) == []


def test_a_screen_without_a_terminal_ends_also_when_it_is_not_told(home: Path) -> None:
    """The shell hides the hang-up; reading a terminal that is gone would go on for ever, at full speed."""
    screen = Terminal(["sh", "-c", f"trap '' HUP; exec {sys.executable} -m lstmterm"], home)
    screen.wait_for("New model")
    screen.close()
    end = time.monotonic() + 20
    while not (found := os.waitpid(screen.pid, os.WNOHANG))[0]:
        assert time.monotonic() < end, "the screen still runs"
        time.sleep(0.1)
    assert os.waitstatus_to_exitcode(found[1]) == 129


def wait_for_run(screen: Terminal) -> list[folder.Run]:
    """The run that was started, once its process holds it."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        held = [run for run in storage.all_runs() if run.is_held()]
        if held:
            return held
        screen.look(0.2)
    raise AssertionError("no run took its lock")


def wait_until_it_grows(run: folder.Run, size: int) -> None:
    """The run's journal goes on."""
    end = time.monotonic() + 60
    while not run.journal.exists() or run.journal.stat().st_size <= size:
        assert time.monotonic() < end, run.log.read_text()
        time.sleep(0.2)
    assert run.status() == "running"


def test_a_pasted_text_is_text_with_escapes_control_keys_and_wrong_bytes_in_it(home: Path) -> None:
    screen = Terminal.screen(home)
    screen.wait_for(r"New model")
    screen.send(F3)
    screen.wait_for("Type a prompt…")
    os.write(screen.master, b"\xe9\x1b[200~one\x1b[31m\x11\r\ntwo\xff\\n\x0c\x1b[201~")
    screen.wait_for(r"\ufffdone␛\[31m␑\s[\s\S]*two\ufffd\\n␌")
    screen.send(CTRL["q"])
    assert screen.wait_for_end() == 0
