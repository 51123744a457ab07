"""Terminals that go away while the program runs in them."""

import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from unittest import mock

from lstmterm.nn import saved_state
from lstmterm.runs import storage
from lstmterm.runs.events import Step
from lstmterm.runs.folder import Run
from tests.patience import Patience
from tests.trust.terminals import LONG_RUN, PROGRAM, program, together
from tests.ui.terminal import Terminal

PROMISE = "A lost connection ends no run, loses no step, and leaves no screen and no spinning process behind"
LONG = 50  # dropped terminals

PATIENCE = 15.0  # seconds within which a program without its terminal ends
SHELL = "exec " + " ".join(f"'{word}'" for word in PROGRAM)
PLACES = ("screen", "screen that is not told", "attached", "training in the foreground")


def check(rounds: int) -> str:
    """Drop `rounds` terminals while a run trains in the background."""
    moments = random.Random(3)
    delays = [moments.uniform(0.0, 3.0) for _ in range(rounds)]
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, LSTMTERM_HOME=folder):
        home = Path(folder)
        started = [sys.executable, "-m", "lstmterm", "train", *LONG_RUN, "--name", "kept", "--detach"]
        subprocess.run(started, check=True, capture_output=True)
        kept = storage.find("kept")
        try:
            seen = Counter(together(lambda n: _drop(PLACES[n % len(PLACES)], n, delays[n], home), rounds))
            before = _steps(kept)
            while _steps(kept) == before:
                assert kept.status() == "running", kept.log.read_text()
                time.sleep(0.1)
        finally:
            kept.request_stop()
            while kept.is_held():
                time.sleep(0.1)
        assert saved_state.read(kept.folder / "state.safetensors")[1]["step"] == _steps(kept)
    places = ", ".join(f"{count} {place}" for place, count in seen.items())
    return (
        f"{rounds} dropped ({places}): all ended, the run went on for {before:,} steps, and none is missing"
    )


def _drop(place: str, number: int, delay: float, home: Path) -> str:
    """Start a program, drop its terminal, and wait until the program ended; returns the place."""
    if place == "screen that is not told":
        terminal = Terminal(["sh", "-c", f"trap '' HUP; {SHELL}"], home)
    elif place == "attached":
        terminal = program("attach", "kept", home=home)
    elif place == "screen":
        terminal = program(home=home)
    else:
        terminal = program("train", *LONG_RUN, "--name", f"dropped{number}", home=home)
        terminal.wait_for(r"step \d")
    if place == "screen that is not told":
        terminal.wait_for("New model")
    terminal.look(delay)
    terminal.close()
    waiting = Patience(PATIENCE)
    while not (found := os.waitpid(terminal.pid, os.WNOHANG))[0]:
        assert not waiting.is_over(), (
            f"the {place} did not end when its terminal was dropped after {delay:.2f} s"
        )
        time.sleep(0.05)
    code = os.waitstatus_to_exitcode(found[1])
    assert code in (129, -1), f"the {place} ended with {code}"  # -1: before the program's first line
    if place == "training in the foreground":
        run = storage.find(f"dropped{number}")
        assert run.status() == "stopped", run.status()
        assert saved_state.read(run.folder / "state.safetensors")[1]["step"] == _steps(run)
    return place


def _steps(run: Run) -> int:
    """The steps in a run's journal, which must follow on one another."""
    last = 0
    for event in run.events():
        if isinstance(event, Step):
            assert event.step - event.steps == last, f"steps are missing after {last}"
            last = event.step
    return last


def test_connections() -> None:
    check(4)
