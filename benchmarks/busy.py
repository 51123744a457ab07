"""What a run loses beside other programs: its speed alone, beside busy loops, niced, and beside another run.

Each row is a run of its own: the command that a person types, in steps, with the threads it chooses itself
or a number set by hand. Its speed is the median of its journal after the first seconds.

    python benchmarks/busy.py [--seconds 20] [--rounds 3]
"""

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

MODEL = ["--layers", "1", "--hidden", "384", "--batch-size", "64", "--seq-length", "64", "--device", "cpu"]
LENGTH = ["--steps", "1000000", "--evaluate-every", "1000000", "--precision", "float32"]
SETTLING = 6.0  # seconds of a run that are not counted: it watches its speed first
LOOP = "while True: pass"

# What is measured: a title, busy loops, and the options of each of the runs.
ROWS: list[tuple[str, int, list[list[str]]]] = [
    ("alone", 0, [[]]),
    ("alone, 1 thread", 0, [["--threads", "1"]]),
    ("beside 1 loop", 1, [[]]),
    ("beside 2 loops", 2, [[]]),
    ("beside 1 loop, 2 threads", 1, [["--threads", "2"]]),
    ("beside 1 loop, niced", 1, [["--nice", "10"]]),
    ("two runs at once", 0, [[], []]),
]


@contextlib.contextmanager
def busy(loops: int) -> Iterator[None]:
    """Keep as many processors busy."""
    children = [subprocess.Popen([sys.executable, "-c", LOOP]) for _ in range(loops)]
    try:
        yield
    finally:
        for child in children:
            child.kill()
            child.wait()


def speeds(text: Path, runs: Sequence[Sequence[str]], seconds: float, home: Path) -> list[float]:
    """Characters a second of runs that train at the same time for `seconds`."""
    children: list[tuple[subprocess.Popen[bytes], Path]] = []
    for number, options in enumerate(runs):
        output = home / f"{time.time_ns()}.jsonl"
        words = [
            "train",
            str(text),
            "--name",
            f"busy{number}-{time.time_ns()}",
            "--json",
            *MODEL,
            *LENGTH,
            *options,
        ]
        with open(output, "wb") as stdout:
            child = subprocess.Popen(
                [sys.executable, "-P", "-m", "lstmterm", *words],
                stdout=stdout,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "LSTMTERM_HOME": str(home)},
            )
        children.append((child, output))
    deadline = time.monotonic() + 60
    while not all('"step"' in output.read_text() for _, output in children):
        if time.monotonic() > deadline:
            raise TimeoutError("a run did not make its first steps within a minute")
        time.sleep(0.1)
    time.sleep(seconds)
    found: list[float] = []
    for child, output in children:
        child.kill()
        child.wait()
        lines = output.read_text().splitlines(keepends=True)
        steps = [
            event for line in lines if line.endswith("\n") and (event := json.loads(line))["event"] == "step"
        ]
        since = steps[0]["time"] + min(SETTLING, seconds / 3)
        late = [event for event in steps if event["time"] > since] or steps[-1:]
        characters = sum(event["steps"] for event in late) * 64 * 64
        found.append(characters / sum(event["steps"] * 64 * 64 / event["chars_per_second"] for event in late))
    return found


@click.command()
@click.option(
    "--text", type=click.Path(exists=True, path_type=Path), default=None, help="A text to train on."
)
@click.option("--seconds", default=20.0, help="How long each run trains.")
@click.option("--rounds", default=3, help="How often everything is measured; medians count.")
def main(text: Path | None, seconds: float, rounds: int) -> None:
    """Print the table."""
    text = text or Path(__file__).parents[1] / "corpora" / "harbour.txt"
    found: dict[str, list[float]] = {title: [] for title, _, _ in ROWS}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(rounds):
            for title, loops, runs in ROWS:
                with busy(loops):
                    found[title].append(sum(speeds(text, runs, seconds, Path(folder))))
    alone = statistics.median(found["alone"])
    print(f"{'1x384, 64 x 64, float32':28} characters/s   of alone")
    for title, values in found.items():
        middle = statistics.median(values)
        print(
            f"{title:28} {middle:12,.0f} {middle / alone:10.0%}   ({min(values):,.0f} to {max(values):,.0f})"
        )


if __name__ == "__main__":
    main()
