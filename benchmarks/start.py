"""How soon a run makes its first step, on a machine that was measured before and on a new one.

Seconds from the start of the command that a person types to the first step in its output. Beside them stand those of a
process that only imports torch, and one that also makes an optimizer: no program that trains with torch is faster.

    python benchmarks/start.py tinyshakespeare.txt [--rounds 5]
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import click

TORCH = "import torch"
OPTIMIZER = "import torch; torch.optim.AdamW([torch.zeros(2, requires_grad=True)])"


def seconds_of(code: str) -> float:
    """How long a process takes to run some code."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - began


def first_step(text: Path, home: Path) -> float:
    """Seconds to the first step of a run of a minute, which is killed then."""
    words = ["train", str(text), "--minutes", "1", "--name", "start", "--overwrite", "--json"]
    environment: Mapping[str, str] = {**os.environ, "LSTMTERM_HOME": str(home)}
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "lstmterm", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    ) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if json.loads(line)["event"] == "step":
                took = time.perf_counter() - began
                child.kill()
                return took
    raise RuntimeError("the run ended without a step")


@click.command()
@click.argument("text", type=click.Path(exists=True, path_type=Path))
@click.option("--rounds", default=5, show_default=True, help="How often everything is measured.")
def main(text: Path, rounds: int) -> None:
    """Print how soon a run trains on TEXT."""
    found: dict[str, list[float]] = {}
    for _ in range(rounds):
        found.setdefault("import torch", []).append(seconds_of(TORCH))
        found.setdefault("import torch, make an optimizer", []).append(seconds_of(OPTIMIZER))
        with tempfile.TemporaryDirectory() as home:
            found.setdefault("first step, new machine", []).append(first_step(text, Path(home)))
            found.setdefault("first step, known machine", []).append(first_step(text, Path(home)))
    for what, seconds in found.items():
        print(
            f"{what:36} median {statistics.median(seconds):5.2f} s  ({min(seconds):.2f} to {max(seconds):.2f})"
        )


if __name__ == "__main__":
    main()
