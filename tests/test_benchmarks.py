"""The measurements in `benchmarks/` start, and the README's pictures can be drawn again."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from lstmterm.nn.device import precisions

ROOT = Path(__file__).parents[1]
PROGRAMS = sorted((ROOT / "benchmarks").glob("*.py"))


def run(program: Path, *words: str) -> str:
    """What a measurement prints."""
    done = subprocess.run(
        [sys.executable, str(program), *words],
        check=False, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.stem)
def test_a_measurement_imports_all_that_it_names(program: Path) -> None:
    assert "usage:" in run(program, "--help").lower()


def test_every_tab_is_drawn_for_the_documentation(tmp_path: Path) -> None:
    tiny = ("--steps", "60", "--hidden", "16")
    run(ROOT / "benchmarks" / "screenshots.py", "--folder", str(tmp_path), "--", *tiny)
    shown = {
        "train": "training",
        "generate": "MASTER",
        "tagger": "Probabilities",
        "library": "shakespeare",
        "report": "DET",
        "help": "Train",
    }
    assert {path.name for path in tmp_path.iterdir()} == {f"{name}.svg" for name in shown}
    for name, word in shown.items():
        assert word in (tmp_path / f"{name}.svg").read_text("utf-8")


def test_the_table_of_a_gpu_is_made_with_tiny_sizes_on_the_cpu() -> None:
    table = run(ROOT / "benchmarks" / "gpu.py", "--device", "cpu", "--tiny")
    rows = [line.split(" | ") for line in table.splitlines() if line.startswith("| ")][2:]
    assert len(rows) == 2 * len(precisions(torch.device("cpu")))
    assert "fails" not in table
    assert all(float(row[3].replace(",", "")) > 0 for row in rows)
