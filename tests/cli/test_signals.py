"""Signals ask a run to save and stop."""

import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest

from lstmterm.cli.signals import StopSignals
from lstmterm.nn import saved_state
from lstmterm.runs import storage
from lstmterm.runs.events import Started
from tests import processes
from tests.cli.test_background import command
from tests.cli.training import LONG, training, trains
from tests.processes import Trouble


def send(number: signal.Signals) -> None:
    """Send this process a signal, and let it arrive."""
    os.kill(os.getpid(), number)
    time.sleep(0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_is_remembered_and_handlers_are_restored(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    signals = StopSignals()
    with signals:
        assert (signals.reason, signals.exit_code) == (None, 0)
        send(number)
        assert (signals.reason, signals.exit_code) == (number.name, 128 + number)
    assert signal.getsignal(number) == before


def test_a_second_interrupt_is_raised_and_a_second_request_is_not() -> None:
    with StopSignals() as signals:
        send(signal.SIGTERM)
        send(signal.SIGTERM)
        assert signals.exit_code == 128 + signal.SIGTERM
        with pytest.raises(KeyboardInterrupt):
            send(signal.SIGINT)


def test_an_ignored_signal_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with StopSignals() as signals:
            send(signal.SIGHUP)
            assert signals.reason is None
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_outside_the_main_thread_no_handler_is_changed() -> None:
    before = signal.getsignal(signal.SIGTERM)
    seen = []

    def listen() -> None:
        with StopSignals():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=listen)
    thread.start()
    thread.join()
    assert seen == [before]


def test_one_interrupt_saves_and_says_how_to_resume(text: Path, out: Path) -> None:
    process = training(out, text, "a")
    process.send(signal.SIGINT)
    assert process.wait() == 130
    run = storage.find("a")
    assert run.status() == "stopped"
    assert f"lstmterm resume {run.id}" in process.err
    last = [*run.events()][-1]
    assert saved_state.read(run.folder / "state.safetensors")[1]["step"] == last.step > 0


def test_a_second_interrupt_ends_the_process_at_once(text: Path, out: Path) -> None:
    """Also in the middle of a long step."""
    stuck = Trouble(seconds_a_step=30, save_every=1)
    process = processes.start(out, "train", text, "--name", "a", *LONG, trouble=stuck)
    processes.until(
        lambda: any(isinstance(e, Started) for r in storage.all_runs() for e in r.events()),
        "a start",
    )
    time.sleep(0.5)
    process.send(signal.SIGINT)
    time.sleep(0.2)
    assert process.process.exitcode is None
    process.send(signal.SIGINT)
    start = time.monotonic()
    assert process.wait() == 130
    assert time.monotonic() - start < 5
    run = storage.find("a")
    assert run.status() == "interrupted"
    assert saved_state.read(run.folder / "state.safetensors")[1]["step"] == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_other_signals_save_too(text: Path, out: Path, number: signal.Signals, code: int) -> None:
    process = training(out, text, "a")
    process.send(number)
    assert process.wait() == code
    assert storage.find("a").status() == "stopped"


def test_a_run_under_nohup_ignores_a_hangup(text: Path, out: Path) -> None:
    out.mkdir()
    log = open(out / "log", "wb")  # noqa: SIM115
    process = subprocess.Popen(
        ["nohup", *command("train", text, "--name", "a", *LONG)],
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    processes.until(lambda: trains("a") or process.poll() is not None, "steps")
    process.send_signal(signal.SIGHUP)
    time.sleep(0.5)
    assert process.poll() is None
    assert storage.find("a").status() == "running"
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 143
    log.close()
