"""A run that trains for hours while the screen shows it, and the journal of one that trained for days."""

import json
import math
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import psutil

from lstmterm.runs import launching, recording, storage
from lstmterm.runs.events import Evaluated, Event, Sampled, Started, Step, Stopped
from lstmterm.runs.folder import Run
from tests import processes
from tests.patience import Patience, waited
from tests.trust.measuring import measured
from tests.ui.terminal import Terminal

PROMISE = (
    "Long runs stay small: two hours of training with the screen open, and 1,000,000 points of a journal, "
    "grow by less than 2 MB an hour, and the screen answers within 100 ms"
)
LONG = 120  # minutes of training

MOST_GROWTH = 2.0  # MB an hour
SLOWEST_KEY = 0.1  # seconds
WARM_UP = 0.25  # the share of the time before growth is measured
PAUSE = 30.0  # seconds between two looks
TRAINED = (
    "train", "harbour", "--overwrite", "--hidden", "64", "--embedding", "16", "--batch-size", "4",
    "--seq-length", "32", "--threads", "1", "--precision", "float32", "--device", "cpu",
    "--steps", "1000000000", "--evaluate-every", "5000", "--nice", "15",
)  # fmt: skip
LETTERS = "qzxjkvwqzxjkvwqzxjkv"  # no word of a sample
PATIENCE = 10.0  # seconds until a key counts as lost

POINTS = 1_000_000  # training losses in the long journal
EVALUATE_EVERY = 500  # of them
STEPS = 12  # that one of them stands for
MOST_MEMORY = 60  # MB that a command or a screen needs for a journal of `POINTS`, more than for a short one
COMMANDS = ("runs", "attach long", "plot long --width 100 --height 20")


@dataclass(frozen=True)
class Look:
    """What was seen at one moment: hours since the start, MB of both processes, seconds until the answers of keys."""

    hours: float
    screen: float
    training: float
    keys: Sequence[float]


def check(rounds: int) -> str:
    """Train for `rounds` minutes with the screen open; then read a long journal in every way."""
    return f"{_trained(rounds)}; {_replayed(POINTS)}"


def _trained(minutes: float) -> str:
    """Train with the screen open; returns what was seen."""
    with _home() as home, _training() as (run, child), _screen(home) as screen:
        screen.wait_for(r"step [\d,]+ ")
        looks = list(_looks(60.0 * minutes, screen, child))
        events = run.journal.read_bytes().count(b"\n")
    growing = [look for look in looks if look.hours >= WARM_UP * looks[-1].hours]
    grown = {
        "screen": _growth(growing, lambda look: look.screen),
        "training": _growth(growing, lambda look: look.training),
    }
    keys = [key for look in looks for key in look.keys]
    seen = (
        f"{minutes:g} minutes, {events:,} events: the screen grew by {grown['screen']:.1f} MB an hour "
        f"(to {looks[-1].screen:.0f} MB), training by {grown['training']:.1f} (to {looks[-1].training:.0f} MB); "
        f"{_shown(keys)}"
    )
    assert max(grown.values()) < MOST_GROWTH, seen
    assert statistics.median(keys) < SLOWEST_KEY, seen
    assert math.inf not in keys, seen
    return seen


def _replayed(points: int) -> str:
    """Read a journal of so many points with commands and in the screen; returns what was seen."""
    with _home() as home:
        _stopped_run("short", EVALUATE_EVERY)
        short = [measured(*command.replace("long", "short").split(), home=home) for command in COMMANDS]
        with _screen(home) as screen:
            screen.wait_for(f"step {STEPS * EVALUATE_EVERY:,} ")
            usual = _memory(psutil.Process(screen.pid))
        run = _stopped_run("long", points)
        run.summary.unlink()  # as of 0.1.0
        long = [measured(*command.split(), home=home) for command in COMMANDS]
        assert not any(command.code for command in long), [command.said for command in long]
        begun, reading, reading_it = time.monotonic(), list[float](), Patience(900)
        with _screen(home) as screen:
            first = time.monotonic() - begun
            while f"step {STEPS * points:,} " not in screen.look():
                reading += _type(screen)
                assert not reading_it.is_over(), screen.look()
            took = time.monotonic() - begun
            chart = _zoom(screen)
            memory = _memory(psutil.Process(screen.pid))
    more = [after.memory - before.memory for before, after in zip(short, long, strict=True)]
    seen = (
        f"{points:,} points in at most {max(command.seconds for command in long):.0f} s and {max(more)} MB more "
        f"by commands, in {took:.0f} s and {memory - usual:.0f} MB more in the screen, after a first frame in "
        f"{first:.1f} s; meanwhile {_shown(reading or [0.0])}; then in the chart {_shown(chart)}"
    )
    assert max(*more, memory - usual) < MOST_MEMORY, seen
    assert max(statistics.median(reading or [0.0]), statistics.median(chart)) < SLOWEST_KEY, seen
    return seen


def _growth(looks: Sequence[Look], memory: Callable[[Look], float]) -> float:
    """MB an hour of what stays: the line through the least of ten looks each, since evaluations need more for a moment."""
    least = [min(looks[i : i + 10], key=memory) for i in range(0, len(looks) - 9, 10)]
    return statistics.linear_regression(
        [look.hours for look in least], [memory(look) for look in least]
    ).slope


@contextmanager
def _home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, LSTMTERM_HOME=folder):
        yield Path(folder)


def _shown(keys: Sequence[float]) -> str:
    slow = sorted(keys)[int(0.95 * len(keys))]
    return (
        f"a key in {1000 * statistics.median(keys):.0f} ms, 95 % of {len(keys)} within {1000 * slow:.0f} ms"
    )


def _stopped_run(name: str, points: int) -> Run:
    """A run whose journal has so many training losses, recorded as training is."""
    spec = {
        "task": "charlm", "name": name, "text": {"name": "harbour"}, "model": {"layers": 1, "hidden": 384},
        "batches": {"batch_size": 16, "seq_length": 48}, "training": {"steps": 2 * STEPS * points},
    }  # fmt: skip
    run = storage.create(storage.new_run(name).id, json.dumps(spec))
    with storage.writing(run):
        for _ in recording.record(run, _events(run.id, name, points)):
            pass
    return run


def _events(run: str, name: str, points: int) -> Iterator[Event]:
    """A run that learns; `points` training losses, and sometimes an evaluation with a sample."""
    yield Started(
        step=0, time=0, run=run, task="charlm", model=name, corpus="harbour", steps=2 * STEPS * points,
        steps_per_epoch=1310.5, units_per_step=768, parameters=731_970, device="cpu", precision="float32", threads=1,
    )  # fmt: skip
    chance = random.Random(points)
    for point in range(1, points + 1):
        step, now, loss = STEPS * point, point / 4, 1.3 + 2 * math.exp(-5 * point / points)
        yield Step(
            step=step, time=now, steps=STEPS, loss=loss + chance.gauss(0, 0.05), epoch=step / 1310.5,
            chars_per_second=70_000 + chance.gauss(0, 1500), learning_rate=2e-3, gradient_norm=chance.random(),
        )  # fmt: skip
        if point % EVALUATE_EVERY == 0:
            yield Evaluated(step=step, time=now, val_loss=loss + 0.05, train_loss=loss, best=True)
            text = "".join(chance.choices("etaoin shrdlu", k=300))
            yield Sampled(step=step, time=now, prompt="The", text=text, seed=1, temperature=0.8)
    yield Stopped(step=STEPS * points, time=points / 4, reason="a request")


@contextmanager
def _training() -> Iterator[tuple[Run, psutil.Process]]:
    """A run in the background, as the screen starts it."""
    run = storage.new_run("harbour")
    child = launching.launch([*TRAINED, "--run-id", run.id], run.id)
    try:
        yield run, psutil.Process(child.pid)
        assert child.poll() is None, run.log.read_text()
    finally:
        child.terminate()
        processes.until(lambda: child.poll() is not None, "the end of training")


@contextmanager
def _screen(home: Path) -> Iterator[Terminal]:
    """The Train tab with the newest run, the focus on the name of a new model."""
    screen = Terminal.screen(home, columns=120, rows=36)
    try:
        screen.wait_for(r"distinct")  # the text is read, and the focus is where it begins
        _click(screen, "Name  ", 0, 8)
        screen.send("\x15q")
        screen.wait_for(r"Name +q ")
        screen.send("\x15")
        yield screen
        screen.send("\x11")
        assert screen.wait_for_end() == 0
    finally:
        screen.close()


def _looks(seconds: float, screen: Terminal, training: psutil.Process) -> Iterator[Look]:
    """Look at both processes every `PAUSE` seconds; a line for each look goes to stderr."""
    begun, shown = time.monotonic(), psutil.Process(screen.pid)
    while (passed := time.monotonic() - begun) < seconds:
        keys = _type(screen)
        look = Look(passed / 3600, _memory(shown), _memory(training), keys)
        yield look
        slow = 1000 * max(keys)
        print(f"{passed:.0f} s: {look.screen:.2f} MB, {look.training:.2f} MB, {slow:.0f} ms", file=sys.stderr)
        pause = min(PAUSE, seconds / 20)
        while (left := begun + passed + pause - time.monotonic()) > 0:
            screen.look(min(left, 1.0))
            screen.forget()


def _type(screen: Terminal) -> list[float]:
    """The times from each letter that is typed into the name to its being on the screen."""
    found: list[float] = []
    for at, letter in enumerate(LETTERS):
        typed = f" {LETTERS[: at + 1]} "
        found.append(_answered(screen, letter, lambda text, typed=typed: typed in text))
        screen.look(0.05)
        if found[-1] == math.inf:
            break
    screen.send("\x15")  # empties the field
    screen.look(0.3)
    return found


def _zoom(screen: Terminal) -> list[float]:
    """The times from each key that zooms in the chart, or out again, to its drawing."""
    _click(screen, "Loss ·", 4, 12)
    screen.wait_for(r"Zoom")  # a key of the chart
    found: list[float] = []
    for key in "+++---" * 3:
        before = screen.look(0.05)
        found.append(_answered(screen, key, lambda text, before=before: text != before))
        screen.look(0.15)
    return found


def _click(screen: Terminal, beside: str, down: int, right: int) -> None:
    """Click so many lines below the first of these words, and so many columns right of where they begin."""
    lines = screen.look().splitlines()
    line = next(at for at, line in enumerate(lines) if beside in line)
    place = f"{lines[line].index(beside) + 1 + right};{line + 1 + down}"
    screen.send(f"\x1b[<0;{place}M\x1b[<0;{place}m")


def _answered(screen: Terminal, key: str, shows: Callable[[str], bool]) -> float:
    """Seconds from a key to its answer, without those in which the screen waited for a processor; infinite for none."""
    begun, before, waiting = time.monotonic(), waited(screen.pid), Patience(PATIENCE)
    screen.send(key)
    while not shows(screen.look(0.002)):
        if waiting.is_over():
            print(f"no answer to {key!r}:\n{screen.look()}", file=sys.stderr)
            return math.inf
    return max(time.monotonic() - begun - (waited(screen.pid) - before), 0.0)


def _memory(process: psutil.Process) -> float:
    """The MB that a process has for itself."""
    return process.memory_full_info().uss / 1e6


def test_long_runs_stay_small() -> None:
    _replayed(20_000)
