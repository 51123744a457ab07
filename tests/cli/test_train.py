"""`lstmterm train`, in processes of its own."""

import stat
from pathlib import Path

import pytest

from lstmterm import paths, settings
from lstmterm.models import library, model_file
from lstmterm.runs import storage
from tests import processes
from tests.processes import FAST, Trouble


def test_starting_from_a_model(text: Path, out: Path) -> None:
    assert processes.run(out, "train", text, "--name", "a", *FAST, "--steps", 60).process.exitcode == 0
    unshaped = FAST[FAST.index("--batch-size") :]  # the shape is the earlier model's, without being said
    onward = processes.run(
        out, "train", text, "--from", "a", "--name", "b", *unshaped, "--steps", 5, "--json"
    )
    assert onward.process.exitcode == 0, onward.err
    losses = [e["loss"] for e in onward.events if e["event"] == "step"]
    card = model_file.describe(library.find("a").path)
    assert losses[0] == pytest.approx(card.metrics["val_loss"], abs=0.4)
    other = processes.run(out, "train", text, "--from", "a", "--name", "c", "--hidden", 99, "--steps", 5)
    assert other.process.exitcode == 2
    assert "--hidden is 99" in other.err


def test_a_diverged_run_fails_with_code_1(text: Path, out: Path) -> None:
    failed = processes.run(
        out, "train", text, "--name", "a", *FAST, "--steps", 20, trouble=Trouble(poison=True)
    )
    assert failed.process.exitcode == 1
    assert "(--lr)" in failed.err
    assert "Traceback" not in failed.err
    assert storage.find("a").status() == "failed"


def test_everything_that_is_kept_is_for_the_user_alone(text: Path, out: Path, home: Path) -> None:
    for words in (["train", text, *FAST, "--steps", 5], ["corpora", "add", text, "--name", "mine"]):
        assert processes.run(out, *words).process.exitcode == 0
    settings.save(settings.Settings())
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in [home, *home.rglob("*")]}
    assert {paths.runs(), paths.models(), paths.corpora(), paths.encoded(), paths.settings()} <= modes.keys()
    assert {path for path, mode in modes.items() if mode != (0o700 if path.is_dir() else 0o600)} == set()
