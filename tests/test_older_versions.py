"""Model files and runs that 0.1.0 wrote still open."""

import shutil
import signal
from pathlib import Path

import pytest

from lstmterm import paths
from lstmterm.models import library, model_file
from lstmterm.runs import storage
from lstmterm.spec.kinds import spec_from_dict, upgraded
from lstmterm.tagging import ciphers
from tests import processes
from tests.processes import Trouble

KEPT = Path(__file__).parent / "data" / "0.1.0"


@pytest.fixture
def kept(home: Path) -> Path:
    """A home with the models and runs of 0.1.0."""
    shutil.copytree(KEPT / "models", paths.models())
    shutil.copytree(KEPT / "runs", paths.runs())
    return home


def test_a_spec_of_format_1_gets_the_names_of_now() -> None:
    old = {
        "format": 1,
        "model": {"noise": 0.05, "hidden": 8},
        "streams": {"streams": 4, "window": 16},
        "training": {"steps": 2},
    }
    assert upgraded(old) == {
        "format": 2,
        "model": {"token_dropout": 0.05, "hidden": 8},
        "batches": {"batch_size": 4, "seq_length": 16},
        "training": {"steps": 2},
    }
    assert upgraded(upgraded(old)) == upgraded(old)


@pytest.mark.parametrize("cipher", ["rot13", "caesar:3", "vigenere:A-B"])
def test_a_cipher_of_format_1_has_a_dash_among_its_letters(cipher: str) -> None:
    new = upgraded({"format": 1, "data": {"source": cipher, "level": "char"}})["data"]
    name, colon, key = cipher.partition(":")
    assert new == {"source": f"{name}-dash{colon}{key}", "level": "char"}
    assert ciphers.parse(new["source"])


def run(folder: Path, *words: str) -> processes.Process:
    return processes.run(folder / "output", *words)


@pytest.mark.parametrize("name", ["old-char", "old-tagger"])
def test_models_open(kept: Path, name: str) -> None:
    loaded = model_file.load(library.find(name).path)
    assert spec_from_dict(dict(loaded.card.spec)).name == name
    assert run(kept, "show", name).wait() == 0


def test_a_model_writes_and_says_how_it_was_trained(kept: Path) -> None:
    assert len(run(kept, "generate", "old-char", "--length", "50", "--seed", "1").out) >= 50
    assert "--batch-size 4" in run(kept, "show", "old-char").out


def test_a_tagger_tags(kept: Path, tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text("The gull sings.\n")
    assert "gull" in run(kept, "tag", "old-tagger", str(text)).out


@pytest.mark.parametrize(("name", "step"), [("old-run", 1541), ("old-tagger-run", 1096)])
def test_runs_are_listed_and_resume(kept: Path, name: str, step: int) -> None:
    assert name in run(kept, "runs").out
    found = storage.find(name)
    assert found.status() == "stopped"
    stop = Trouble(signals={step + 3: signal.SIGINT})
    resumed = processes.run(kept / "output", "resume", found.id, "--json", trouble=stop)
    assert resumed.wait() == 130, resumed.err
    assert (resumed.events[0]["event"], resumed.events[0]["step"]) == ("resumed", step)
    assert '"batch_size"' in (found.folder / "spec.json").read_text() or name == "old-tagger-run"


@pytest.mark.parametrize(
    ("old", "new"), [("streams", "batch-size"), ("window", "seq-length"), ("noise", "token-dropout")]
)
def test_a_renamed_option_is_refused_with_its_new_name(home: Path, old: str, new: str) -> None:
    refused = run(home, "train", "harbour", f"--{old}", "4")
    assert refused.wait() == 2
    assert f"--{old} is now called --{new}." in refused.err
