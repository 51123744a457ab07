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


def test_ngrams_of_a_short_text_are_planned_and_those_of_a_long_one_refused_before_a_run_begins(
    text: Path, out: Path, tmp_path: Path
) -> None:
    shares: dict[str, float] = {}
    for name, more in {"planned": [], "set": ["--ngram-share", 0.2], "none": ["--ngram-share", 0]}.items():
        words = ["train", text, "--name", name, *FAST, "--steps", 5, *more]
        assert processes.run(out, *words).process.exitcode == 0
        shares[name] = storage.find(name).spec["ensemble"]["ngram_share"]
    assert shares == {"planned": 0.5, "set": 0.2, "none": 0.0}
    words = [
        "train",
        text,
        "--from",
        "none",
        "--name",
        "onward",
        *FAST[FAST.index("--batch-size") :],
        "--steps",
        5,
    ]
    assert processes.run(out, *words).process.exitcode == 0
    spec = storage.find("onward").spec
    assert (spec["ensemble"]["ngram_share"], spec["training"]["learning_rate"]) == (0.0, 5e-3)
    long = tmp_path / "long.txt"
    long.write_text("a tide, a boat, a rope. " * 150_000)
    refused = processes.run(out, "train", long, *FAST, "--steps", 5, "--ngram-share", 0.5)
    assert refused.process.exitcode == 2
    assert "--ngram-share is for short texts, of at most 3,000,000 characters" in refused.err
    assert {run.name for run in storage.all_runs()} == {*shares, "onward"}
