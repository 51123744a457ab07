"""How soon the screen is there, and how soon a key shows its effect while a run uses every core.

Both are measured in a real pseudo-terminal, from outside: the first frame from the start of the
process to the first panel on the terminal, a key from its bytes going in to its letter coming out.

    python benchmarks/screen.py
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.ui.terminal import Terminal

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
    screen.send("\x11")
    screen.wait_for_end()
    screen.close()
    return took


def key_latencies(home: Path) -> list[float]:
    """Seconds from each of `KEYS` keys to its letter in the name's field, while a run goes on."""
    screen = Terminal.screen(home, columns=120, rows=36)
    screen.wait_for(r"● harbour \d+%")
    screen.wait_for(r"distinct")
    screen.send("\t")  # to the name
    screen.look(1.0)
    found: list[float] = []
    for i in range(KEYS):
        letter = LETTERS[i % len(LETTERS)]
        typed = "".join(LETTERS[j % len(LETTERS)] for j in range(i - i % 20, i + 1))
        began = time.perf_counter()
        screen.send(letter)
        while f" {typed} " not in screen.look(0.002):
            if time.perf_counter() - began > 5:
                raise TimeoutError(screen.look())
        found.append(time.perf_counter() - began)
        if i % 20 == 19:
            screen.send("\x15")  # empties the field
            screen.look(0.3)
        screen.look(0.05)
    screen.send("\x11")
    screen.wait_for_end()
    screen.close()
    return found


def train(home: Path) -> subprocess.Popen[bytes]:
    """A run on all cores, niced as the screen's own runs are."""
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
    return subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@click.command()
def main() -> None:
    """Print both figures."""
    home = Path(tempfile.mkdtemp(prefix="lstmterm-benchmark-"))
    try:
        first_frame(home)  # compiles what was never run
        starts = [first_frame(home) for _ in range(STARTS)]
        print(
            f"first frame: median {statistics.median(starts):.3f} s, slowest {max(starts):.3f} s of {STARTS}"
        )
        run = train(home)
        try:
            time.sleep(12)
            keys = sorted(key_latencies(home))
        finally:
            run.terminate()
            run.wait()
        at = {share: keys[min(int(share * len(keys)), len(keys) - 1)] * 1000 for share in (0.5, 0.95)}
        print(
            f"a key, while a run uses {os.cpu_count()} cores: median {at[0.5]:.0f} ms, "
            f"95th percentile {at[0.95]:.0f} ms, slowest {keys[-1] * 1000:.0f} ms of {KEYS}"
        )
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
