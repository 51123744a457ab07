"""A torch that is installed and cannot be loaded: everything but training works, and training says why not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lstmterm.runs import storage
from tests.ui.terminal import Terminal

ROOT = Path(__file__).parents[1]
BROKEN = {
    "a library is missing": ('raise OSError("libcudart.so.12: cannot open")', "libcudart.so.12: cannot open"),
    "made for another Python": ('raise ImportError("undefined symbol: _Py")', "undefined symbol: _Py"),
    "a package of its own is missing": ("import no_such_module", "No module named 'no_such_module'"),
    "made for another numpy": ('raise RuntimeError("API version 0x10")', "API version 0x10"),
    "uninstalled by half": (None, "has no attribute 'Tensor'"),
}
SENTENCE = "Training needs torch, which cannot be loaded here ("


def break_torch(folder: Path, code: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a torch of this code, or an empty folder of its name, before the real one."""
    (folder / "torch").mkdir(parents=True)
    (folder / "torch" / "__init__.py").write_text(code or "")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, (folder, ROOT))))


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """A command's exit code and output."""
    command = [sys.executable, "-m", "lstmterm", *words]
    return subprocess.run(command, env=os.environ, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("how", BROKEN)
def test_training_says_in_one_sentence_that_torch_is_broken(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, why = BROKEN[how]
    break_torch(tmp_path, code, monkeypatch)
    ended = run("train", "harbour", "--steps", "1")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"lstmterm: {SENTENCE}")
    assert why in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert storage.all_runs() == []


def test_a_sweep_says_it_before_any_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    break_torch(tmp_path, BROKEN["made for another Python"][0], monkeypatch)
    for more in ([], ["--detach"]):
        ended = run("sweep", "harbour", "--steps", "1", "--set", "hidden=4,6", *more)
        assert (ended.returncode, ended.stdout) == (2, "")
        assert ended.stderr.startswith(f"lstmterm: {SENTENCE}")
        assert len(ended.stderr.splitlines()) == 1
        assert storage.all_runs() == []


def test_everything_else_works_and_doctor_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_torch(tmp_path, BROKEN["a library is missing"][0], monkeypatch)
    for words in (["generate", "shakespeare", "--length", "5"], ["models"], ["runs"]):
        assert run(*words).returncode == 0, words
    said = run("doctor")
    assert said.returncode == 0
    assert "cannot be loaded" in said.stdout
    assert SENTENCE in said.stdout
    ended = run("train", "harbour", "--steps", "1", "--detach")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert SENTENCE in ended.stderr
    assert storage.all_runs() == []


def test_the_screen_opens_and_start_says_it(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_torch(tmp_path / "broken", BROKEN["a library is missing"][0], monkeypatch)
    terminal = Terminal([sys.executable, "-P", "-m", "lstmterm"], home)
    try:
        terminal.wait_for("Training needs torch")
        terminal.send("\x13")  # ^s
        terminal.wait_for("harbour +failed")
        terminal.send("\x1b3")  # Generate
        terminal.wait_for("shakespeare")
        terminal.send("\x11")
        assert terminal.wait_for_end() == 0
    finally:
        terminal.close()
