"""A model of the library adapts to a text: which rule it uses, what it reaches, and what is saved."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from lstmterm.cli import lstmterm
from lstmterm.corpora.corpus import open_corpus
from lstmterm.errors import InputError
from lstmterm.infer.adapt import DEFAULTS
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.score import score
from lstmterm.models import library, model_file
from tests.character_models import TorchModel

LINES = "".join(f"{i % 7} gulls over the harbour, {i % 3} boats below them.\n" for i in range(60))


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "gulls.txt"
    path.write_text(LINES, encoding="utf-8")
    return path


def _run(*words: str) -> Any:
    return CliRunner().invoke(lstmterm, ["score", *words])


def _trained_on(text: Path, name: str = "own") -> TorchModel:
    """A model in the library that says it was trained on `text`, its last 1,000 characters held out."""
    corpus = open_corpus(str(text))
    n = len(corpus)
    model = TorchModel(vocabulary=corpus.vocabulary)
    model.publish(
        name,
        spec={"text": {"source": str(text), "name": "gulls", "level": "char", "val": 0.1}},
        corpus={"name": "gulls", "source": str(text), "sha256": corpus.sha256, "chars": n},
        split={"train": [0, n - 1000], "val": [n - 1000, n], "test": [n, n]},
        metrics={"val_loss": 1.25},
        steps=7,
    )
    return model


def test_it_prints_what_it_reached_and_leaves_the_model_alone(text: Path) -> None:
    path = TorchModel().publish("bard")
    before = path.read_bytes()
    plain = json.loads(_run("bard", str(text), "--json").stdout)
    done = _run("bard", str(text), "--adapt", "--json")
    figures = json.loads(done.stdout)
    assert figures["nats_per_char"] < plain["nats_per_char"] - 0.5
    assert figures["chars"] == plain["chars"] == len(LINES) - 1
    assert figures["adapted"]["rule"] == "sgd"
    assert "with sgd because the text that bard was trained on was not found" in done.stderr
    assert path.read_bytes() == before
    still = json.loads(_run("bard", str(text), "--adapt", "--adapt-rate", "0", "--json").stdout)
    assert still["nats_per_char"] == pytest.approx(plain["nats_per_char"], abs=1e-5)
    each = _run("bard", str(text), "--adapt", "--per-char", "--json", "--quiet").stdout.splitlines()
    nats = [json.loads(line)["nats"] for line in each]
    assert nats[0] is None
    assert np.mean(nats[1:]) == pytest.approx(figures["nats_per_char"], abs=1e-5)


def test_rms_if_the_training_text_is_available(text: Path) -> None:
    _trained_on(text)
    done = _run("own", "--split", "val", "--adapt", "--json")
    figures = json.loads(done.stdout)
    assert (figures["adapted"]["rule"], figures["chars"]) == ("rms", 999)
    assert "with rms, scaled by gradients on gulls" in done.stderr
    words = ("--adapt", "--adapt-rule", "sgd", "--adapt-seq-length", "7", "--json")
    chosen = json.loads(_run("own", "--split", "val", *words).stdout)["adapted"]
    assert chosen == {"rule": "sgd", "rate": DEFAULTS["sgd"].rate, "window": 7, "decay": 0.0}

    other = text.with_name("other.txt")
    other.write_text(LINES[:500], encoding="utf-8")
    text.write_text(LINES.replace("gulls", "terns"), encoding="utf-8")  # no longer the training text
    (text.parent / "home" / "cache").rename(text.parent / "gone")
    assert json.loads(_run("own", str(other), "--adapt", "--json").stdout)["adapted"]["rule"] == "sgd"
    refused = _run("own", str(other), "--adapt", "--adapt-rule", "rms")
    assert isinstance(refused.exception, InputError)
    assert "use --adapt-rule sgd" in str(refused.exception)


def test_the_adapted_model_is_saved_and_records_what_it_is(text: Path) -> None:
    _trained_on(text)
    own = library.find("own").path
    before = own.read_bytes()
    done = _run("own", str(text), "--adapt", "--save", "gulls", "--json")
    assert own.read_bytes() == before
    loaded = model_file.load(library.find("gulls").path)
    meta, figures = loaded.card.metadata, json.loads(done.stdout)
    assert (meta["name"], meta["complete"], meta["kind"]) == ("gulls", True, "charlm")
    assert meta["metrics"] == {"loss_while_adapting": pytest.approx(figures["nats_per_char"])}
    assert meta["adapted"] == {
        "from": "own", "text": "gulls", "sha256": open_corpus(str(text)).sha256, "chars": len(LINES),
        **figures["adapted"],
    }  # fmt: skip
    for stale in ("steps", "seed"):  # these belong to the training of the other model
        assert stale not in meta
    plain = score(CharLSTM.from_tensors(loaded.tensors), loaded.card.vocabulary.encode(LINES)).nats_per_char
    assert plain < figures["nats_per_char"]  # it has learned all of it
    assert "was trained on" in str(_run("gulls", "--split", "val").exception)  # it may have seen every split
    again = _run("gulls", str(text), "--adapt", "--json")  # and it adapts further
    assert json.loads(again.stdout)["adapted"]["rule"] == "rms"

    card = CliRunner().invoke(lstmterm, ["show", "gulls"]).stdout
    assert f"adapted\tfrom own, to gulls, {len(LINES):,} characters" in card
    assert "\ncommand\t" not in card

    taken = _run("own", str(text), "--adapt", "--save", "gulls")
    assert "--overwrite" in str(taken.exception)
    assert taken.stdout == ""
    assert _run("own", str(text), "--adapt", "--save", "gulls", "--overwrite", "--quiet").exit_code == 0
