"""Files that could run code when they are read."""

import ast
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

import lstmterm
from tests.trust.terminals import TINY

PROMISE = "Nothing is unpickled, and nothing is written that would have to be"
LONG = 1

ROOT = Path(lstmterm.__file__).parents[1]
REFUSED = (
    "import pickle", "from pickle import loads", "import torch\ntorch.load('f')", "from torch import load", "import torch as t\nt.load('f')",
    "import torch\ntorch.save({}, 'f')", "import numpy as np\nnp.load('f', allow_pickle=True)", "import numpy as np\nnp.save('f', 1)",
    "import marshal", "import shelve", "import dill", "import joblib",
)  # fmt: skip


def check(rounds: int) -> str:
    """Lint the code and what must be refused; look at every file that training writes."""
    pytest.importorskip("ruff")
    for code in REFUSED:
        assert _lint("-", "--stdin-filename", str(ROOT / "lstmterm" / "new.py"), code=code), (
            f"allowed: {code}"
        )
    assert _lint(str(ROOT / "lstmterm"), str(ROOT / "tests")) == ""
    files = sorted((ROOT / "lstmterm").rglob("*.py"))
    for path in files:
        tree = ast.parse(path.read_text("utf-8"))
        named = [
            node for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == "allow_pickle"
        ]
        assert not named, f"{path} names allow_pickle"
    written = sum(_files_of_a_run() for _ in range(rounds))
    return (
        f"{len(REFUSED)} ways refused by the linter, {len(files)} files of code and {written} of a run clean"
    )


def _lint(*arguments: str, code: str = "") -> str:
    """What the lint rules against pickle find."""
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--quiet",
        "--select",
        "TID251,S301,S302",
        *arguments,
    ]
    return subprocess.run(command, input=code, cwd=ROOT, check=False, capture_output=True, text=True).stdout


def _files_of_a_run() -> int:
    """Train a model, and check that no file is a pickle or holds one; returns how many there are."""
    with tempfile.TemporaryDirectory() as home:
        train = [sys.executable, "-m", "lstmterm", "train", "harbour", *TINY, "--steps", "4", "--quiet"]
        environment = {"LSTMTERM_HOME": home, "PYTHONPATH": str(ROOT), "PATH": ""}
        subprocess.run(train, env=environment, check=True, timeout=300)
        files = [path for path in Path(home).rglob("*") if path.is_file() and path.stat().st_size]
        for path in files:
            start = path.read_bytes()[:2]
            assert start != b"PK", f"{path.name} is an archive, as torch.save writes"
            assert not (start[0] == 0x80 and start[1] <= 5), f"{path.name} is a pickle"
        names = {path.name for path in files}
        assert {"state.safetensors", "harbour.safetensors"} <= names, names
    return len(files)


def test_no_pickle() -> None:
    check(1)
