"""How soon the screen is there, how soon a key shows its effect, and how much memory a long text takes.

All is measured in a real pseudo-terminal, from outside: the first frame from the start of the
process to the first panel on the terminal, a key from its bytes going in to its letter coming out.

    python benchmarks/screen.py keys     # in Train, while a run uses every core
    python benchmarks/screen.py write    # in Generate: 1,000,000 characters, and keys beside a run
"""

import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).parents[1]))

from lstmterm.ui import session
from tests.ui.terminal import Terminal

WRITTEN = 1_000_000  # characters
STARTS = 7
KEYS = 120
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def first_frame(home: Path) -> float:
    """Seconds from the start of the process to the form on the terminal."""
    began = time.perf_counter()
    screen = Terminal.screen(home, columns=120, rows=36)
    while "New model" not in screen.look(0.005):
        if time.perf_counter() - began > 60:
            raise TimeoutError(screen.look())
    took = time.perf_counter() - began
    screen.look(0.5)
    leave(screen)
    return took


def key_latencies(home: Path) -> list[float]:
    """Seconds from each of `KEYS` keys to its letter in the name's field, while a run goes on."""
    screen = Terminal.screen(home, columns=120, rows=36)
    screen.wait_for(r"● harbour \d+%")
    screen.wait_for(r"distinct")
    screen.send("\t\t")  # to the name
    screen.look(1.0)
    found: list[float] = []
    for i in range(KEYS):
        letter = LETTERS[i % len(LETTERS)]
        typed = "".join(LETTERS[j % len(LETTERS)] for j in range(i - i % 20, i + 1))
        found.append(until_shown(screen, letter, lambda screen, typed=typed: f" {typed} " in screen))
        if i % 20 == 19:
            screen.send("\x15")  # empties the field
            screen.look(0.3)
        screen.look(0.05)
    leave(screen)
    return found


def train(home: Path) -> subprocess.Popen[bytes]:
    """A run on all cores, in a session of its own and niced, as the screen's own runs are."""
    environment = os.environ | {"LSTMTERM_HOME": str(home), "PYTHONPATH": str(Path(__file__).parents[1])}
    command = [
        sys.executable,
        "-m",
        "lstmterm",
        "train",
        "harbour",
        "--minutes",
        "5",
        "--nice",
        "10",
        "--quiet",
    ]
    return subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


def writing(home: Path, length: int | None = None) -> Terminal:
    """The Generate tab, in which `shakespeare` writes at full speed."""
    settings = {"speed": "full", "seed": "1", "length": "" if length is None else str(length)}
    with at_home(home):
        session.save(session.Session(tab="generate", models=("shakespeare",), settings=settings))
    screen = Terminal.screen(home, columns=120, rows=36)
    screen.wait_for("Type a prompt and press Enter")
    screen.look(1.0)
    screen.send("ROMEO:\r")
    screen.wait_for(r"writing ·")
    return screen


def prompt_latencies(screen: Terminal) -> list[float]:
    """Seconds from each of `KEYS` keys to its letter in the prompt."""
    found = list[float]()
    typed = ""
    for i in range(KEYS):
        typed += LETTERS[i % len(LETTERS)]
        found.append(until_shown(screen, typed[-1], lambda screen, typed=typed: typed in screen))
        if len(typed) == 20:
            screen.send("\x15")  # empties the prompt
            typed = ""
            screen.look(0.3)
        screen.look(0.05)
    return found


def page_latencies(screen: Terminal) -> list[float]:
    """Seconds from each of `KEYS` page keys to another text on the page."""
    found = list[float]()
    for i in range(KEYS):
        before = screen.look(0.05)
        key = "\x1b[5~" if i < KEYS * 2 // 3 else "\x1b[6~"
        found.append(until_shown(screen, key, lambda screen, before=before: screen != before))
    return found


def until_shown(screen: Terminal, key: str, shown: Callable[[str], bool]) -> float:
    """Seconds from a key to what it does on the terminal. Raises `TimeoutError` after 5."""
    began = time.perf_counter()
    screen.send(key)
    while not shown(screen.look(0.002)):
        if time.perf_counter() - began > 5:
            raise TimeoutError(screen.look())
    return time.perf_counter() - began


def peak(process: int) -> int:
    """The most memory that a process had, bytes (Linux)."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return 1024 * next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))


def leave(screen: Terminal) -> None:
    """Quit."""
    screen.send("\x11")
    screen.wait_for_end()
    screen.close()


def in_words(latencies: list[float]) -> str:
    """The median, the 95th percentile and the slowest."""
    ms = sorted(1000 * seconds for seconds in latencies)
    at = {share: ms[min(int(share * len(ms)), len(ms) - 1)] for share in (0.5, 0.95)}
    return f"median {at[0.5]:.0f} ms, 95th percentile {at[0.95]:.0f} ms, slowest {ms[-1]:.0f} ms of {len(ms)}"


@contextlib.contextmanager
def at_home(home: Path) -> Iterator[None]:
    """A block in which this process has that home."""
    before = os.environ.get("LSTMTERM_HOME")
    os.environ["LSTMTERM_HOME"] = str(home)
    try:
        yield
    finally:
        del os.environ["LSTMTERM_HOME"]
        if before is not None:
            os.environ["LSTMTERM_HOME"] = before


@click.group()
def main() -> None:
    """Benchmarks of the screen."""


@contextlib.contextmanager
def new_home() -> Iterator[Path]:
    """A home for one benchmark."""
    home = Path(tempfile.mkdtemp(prefix="lstmterm-benchmark-"))
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextlib.contextmanager
def training(home: Path) -> Iterator[None]:
    """A run that has begun to use the cores."""
    run = train(home)
    try:
        time.sleep(12)
        yield
    finally:
        run.terminate()
        run.wait()


@main.command()
def keys() -> None:
    """The first frame; then keys in Train's form while a run goes on."""
    with new_home() as home:
        first_frame(home)  # compiles what was never run
        starts = [first_frame(home) for _ in range(STARTS)]
        print(
            f"first frame: median {statistics.median(starts):.3f} s, slowest {max(starts):.3f} s of {STARTS}"
        )
        with training(home):
            print(f"a key, while a run uses {os.cpu_count()} cores: {in_words(key_latencies(home))}")


@main.command()
@click.option("--characters", default=WRITTEN, show_default=True, help="How long the text becomes.")
def write(characters: int) -> None:
    """The memory of a long text and the page keys in it; then keys in a text being written."""
    with new_home() as home:
        screen = writing(home, length=characters)
        began = time.perf_counter()
        screen.wait_until_gone(r"writing ·", seconds=3600)
        seconds = time.perf_counter() - began
        print(f"{characters:,} characters in {seconds:.0f} s; peak memory {peak(screen.pid) / 1e6:.0f} MB")
        print(f"page up and down in them: {in_words(page_latencies(screen))}")
        leave(screen)
    with new_home() as home, training(home):
        screen = writing(home)
        print(f"a key while a model writes at full speed, beside a run: {in_words(prompt_latencies(screen))}")
        leave(screen)


if __name__ == "__main__":
    main()
