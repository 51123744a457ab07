"""The screen over recorded runs, a fixed clock, and a small model; nothing here needs torch."""

import asyncio
import contextlib
import inspect
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from lstmterm import paths
from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.models import library
from lstmterm.planning.load import Load, Observer
from lstmterm.runs import ids, storage
from lstmterm.runs.events import Event, Started
from lstmterm.runs.folder import Run
from lstmterm.ui.app import LstmTerm
from lstmterm.ui.generate import copies, writer
from tests import patience
from tests.patience import Patience
from tests.random_models import random_tensors
from tests.ui import textual_private
from tests.ui.journals import NOW, learning, write

PATIENCE = 600.0  # seconds in which a test is done on the busiest machine, or it hangs
SYMBOLS = "\n abcdefghijklmnopqrstuvwxyzT"


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """A test that is a coroutine runs in an event loop of its own."""
    if not inspect.iscoroutinefunction(pyfuncitem.function):
        return None
    arguments = {
        name: pyfuncitem.funcargs[name] for name in inspect.signature(pyfuncitem.function).parameters
    }
    asyncio.run(asyncio.wait_for(pyfuncitem.function(**arguments), PATIENCE))
    return True


@pytest.fixture(scope="session", autouse=True)
def quick() -> Iterator[None]:
    """Parse style sheets once and wait briefly, in all tests of the screen."""
    with (
        textual_private.style_sheets_parsed_once(),
        textual_private.short_waits(),
        textual_private.waits_for_what_is_busy(),
    ):
        yield


@pytest.fixture(autouse=True)
def calm(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """A calm screen in every test."""
    keep_calm(monkeypatch, home)


def keep_calm(patch: pytest.MonkeyPatch, home: Path) -> None:
    """Nothing blinks, moves or waits for the user's fingers, and no model is shipped.

    The machine is measured, and another program uses half of it.
    """
    patch.setattr(Input, "cursor_blink", False)
    patch.setattr(TextArea.cursor_blink, "_default", False)
    patch.setattr(paths, "shipped_models", lambda: home / "shipped")
    patch.setenv("TEXTUAL_ANIMATIONS", "none")
    patch.setattr(writer, "CALM", 0.0)
    patch.setattr(copies, "_PAUSE", 0.05)
    patch.setattr(Observer, "look", lambda _: Load(0.48, 0.45, 1_230_000_000, 5_100_000_000, 8_200_000_000))
    paths.calibration().parent.mkdir(parents=True)
    machine = {"device": "cpu", "threads": 2, "precision": "float32", "chars_per_second": 60000.0}
    paths.calibration().write_text(json.dumps({"here": machine}))


def keep_run(run_id: str, found: list[Event], age: float = 60.0) -> Run:
    """A run on disk, last written to `age` seconds before the clock."""
    folder = paths.runs() / run_id
    began = ids.began(run_id)
    journal = write(folder, [replace(e, began=began) if isinstance(e, Started) else e for e in found])
    spec = {
        "task": "charlm",
        "name": ids.name_in(run_id),
        "text": {"name": "harbour"},
        "model": {"layers": 1, "hidden": 384},
        "batches": {"batch_size": 16, "seq_length": 48},
        "training": {"steps": 9800, "minutes": 3.0, "optimizer": "adamw", "learning_rate": 0.005, "seed": 1},
    }
    (folder / "spec.json").write_text(json.dumps(spec))
    (folder / "state.safetensors").touch()
    (folder / "log").write_text("reading\ntraining\n")
    os.utime(journal, (NOW - age, NOW - age))
    return Run(run_id, folder)


@pytest.fixture
def recorded() -> Iterator[None]:
    """One run of every kind: running, finished, stopped, failed, broken off."""
    with keep_runs():
        yield


@contextlib.contextmanager
def keep_runs() -> Iterator[None]:
    """One run of every kind on disk; one of them is held while the context lasts."""
    running = keep_run("20250131-142230-harbour", learning(), 1)
    keep_run(
        "20250131-130000-bard", learning(model="bard", done=1, ending="finished", overfits=True, seed=3), 3900
    )
    keep_run("20250131-120000-evil[red]", learning(model="evil", done=0.3, ending="stopped", seed=4), 8000)
    keep_run("20250131-110000-python", learning(done=0.1, ending="failed", seed=5), 12_000)
    keep_run("20250130-110000-tides", learning(done=0.6, seed=6), 95_000)
    with running.held():
        yield


class Child:
    """A child process that goes on, or that has ended."""

    def __init__(self, code: int | None = None) -> None:
        self.code = code

    def poll(self) -> int | None:
        return self.code


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[list[str], str]]]:
    """What was started instead of children."""
    found: list[tuple[list[str], str]] = []

    def launch(arguments: list[str], run_id: str) -> Child:
        found.append((list(arguments), run_id))
        held.enter_context(storage.run_of(run_id).started())
        return Child()

    monkeypatch.setattr("lstmterm.runs.launching.launch", launch)
    with contextlib.ExitStack() as held:
        yield found


def keep_model(
    name: str = "tiny", *, loss: float = 1.5, seed: int = 1, complete: bool = True, layers: int = 1
) -> Path:
    """A model of eight hidden units that writes letters; publishing again replaces it."""
    more = {
        "complete": complete,
        "corpus": {"name": "harbour", "sha256": "0" * 64, "chars": 72_507, "source": "harbour"},
        "metrics": {"val_loss": loss, "val_loss_reset": loss + 0.05},
    }
    return publish_random(name, Vocabulary(SYMBOLS), layers, seed, **more)


def publish_random(name: str, vocabulary: Vocabulary, layers: int = 1, seed: int = 1, **more: object) -> Path:
    """The file of a model with random weights, in the library."""
    symbols = len(vocabulary)
    metadata = {
        "kind": "charlm",
        "name": name,
        "complete": True,
        "sizes": {"layers": layers, "hidden": 8, "embedding": 4, "vocabulary": symbols, "parameters": 700},
        "vocabulary": vocabulary.to_dict(),
        "seed": 1,
        "created": "2025-01-31T14:20:00+00:00",
        **more,
    }
    return library.publish(name, random_tensors(symbols, layers, seed), metadata, overwrite=True)


async def settle(pilot: Pilot[None], rounds: int = 2) -> None:
    """Let the follower look once, by hand, and everything that follows from it happen."""
    app = pilot.app
    assert isinstance(app, LstmTerm)
    for _ in range(rounds):
        app.services.follower.list_runs()
        app.services.follower.read_journals()
        await idle(pilot)


async def idle(pilot: Pilot[None]) -> None:
    """Wait until no worker thread is running, and the screen is laid out."""
    for _ in range(2):
        await pilot.pause()
        await until(pilot, lambda: not textual_private.thread_is_running(pilot.app))
    await until(pilot, lambda: textual_private.is_laid_out(pilot.app))


async def until(pilot: Pilot[None], true: Callable[[], object], seconds: float = patience.LONG) -> None:
    """Wait for something to become true, and then until the screen shows it.

    A dialog is the application's screen before it is laid out; `pause` lays it out.
    """
    waiting = Patience(seconds)
    while not waiting.is_over():
        if true():
            return await pilot.pause()
        await pilot.pause(0.005)
    raise AssertionError("it did not become true")


def screen_text(app: App[None]) -> str:
    """What is on the screen, line by line."""
    return "\n".join(strip.text for strip in textual_private.strips(app)[: app.size.height])


def make_app() -> LstmTerm:
    """The screen at the fixed clock, its follower led by hand."""
    return LstmTerm(clock=lambda: NOW, follow=False)
