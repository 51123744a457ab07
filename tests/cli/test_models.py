"""The commands of the model library."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from click.testing import CliRunner

from lstmterm import paths
from lstmterm.cli import lstmterm
from lstmterm.corpora.corpus import open_corpus
from lstmterm.errors import InputError
from lstmterm.models import library
from tests.character_models import TorchModel
from tests.corpora.files import write
from tests.small import small_text
from tests.ui.tagger_models import keep_tagger


@pytest.fixture(autouse=True)
def _shipped(shipped: Path) -> None:
    """No test depends on what ships."""


def _run(*words: str) -> Any:
    return CliRunner().invoke(lstmterm, words)


def test_the_list_shows_figures_and_what_is_broken(shipped: Path) -> None:
    assert "No models yet" in _run("models").stderr
    TorchModel(hidden=4).publish("bard", metrics={"val_loss": 1.5}, corpus={"name": "\x1b[31mplays[/bold]"})
    TorchModel(hidden=4).publish("young", complete=False)
    (paths.models() / "broken.safetensors").write_bytes(b"no model")
    result = _run("models")
    assert result.exit_code == 0
    row = next(line for line in result.stdout.splitlines() if line.startswith("bard"))
    for part in ("charlm", "1x4", "1.5000", "2.164", "␛[31mplays[/bold]", "yours"):
        assert part in row
    assert "\x1b" not in result.output
    assert "young (unfinished)" in result.stdout
    assert any(line.split("\t")[:2] == ["broken", "not a model"] for line in result.stdout.splitlines())
    assert "broken.safetensors is not a model" in result.stderr.replace("\n", "")
    records = {r["name"]: r for r in map(json.loads, _run("models", "--json").stdout.splitlines())}
    assert records["bard"]["metrics"] == {"val_loss": 1.5}
    assert "is not a model" in records["broken"]["problem"]


def test_show_tells_how_it_was_made_and_its_json_is_the_header() -> None:
    from lstmterm.spec.character import CharBatchPart, CharModelPart, CharSpec, TextPart
    from lstmterm.spec.training import TrainingPart

    spec = CharSpec(
        text=TextPart(source="/texts/my plays.txt", name="plays", nfc=True),
        model=CharModelPart(hidden=32),
        batches=CharBatchPart(batch_size=8),
        training=TrainingPart(steps=100, evaluate_every=10, learning_rate=0.00123456789),
        name="bard",
    )
    TorchModel().publish("bard", spec=spec.to_dict(), split={"val": [90, 100]}, metrics={"val_loss": 1.5})
    shown = " ".join(_run("show", "bard").stdout.split())
    assert "lstmterm train '/texts/my plays.txt' --name bard" in shown
    for part in (
        "--nfc",
        "--hidden 32",
        "--batch-size 8",
        "--steps 100",
        "--lr 0.00123456789",
        "90 to 100 (10)",
    ):
        assert part in shown
    assert "1.5000 nats, 2.1640 bits" in shown
    header = json.loads(_run("show", "bard", "--json").stdout)
    assert header["spec"] == spec.to_dict()


def test_show_compares_the_loss_with_all_baselines(tmp_path: Path) -> None:
    text = write(tmp_path, small_text(20_000))
    corpus = open_corpus(text)
    old = {"unigram": 2.9, "bigram": 1.1, "trigram": 0.6}
    facts = {
        "split": {"train": [0, 18_000], "val": [18_000, 19_000], "test": [19_000, 20_000]},
        "metrics": {"val_loss": 0.4},
        "baselines": old,
    }
    source = {"name": "it", "sha256": corpus.sha256, "source": text, "chars": 20_000}
    elsewhere = source | {"source": str(tmp_path / "none.txt"), "sha256": "0" * 64}
    for name, where, verdict in (
        ("here", source, "It is better than any n-gram by"),
        ("gone", elsewhere, "It beats the trigram baseline."),
    ):
        TorchModel(vocabulary=corpus.vocabulary).publish(name, corpus=where, **facts)
        shown = dict(line.split("\t", 1) for line in _run("show", name).stdout.splitlines())
        assert shown["verdict"].startswith(verdict)
        assert ("6-gram" in shown["baselines"]) is (name == "here")
        assert shown["baselines"].endswith(" bits")
    assert json.loads(_run("show", "here", "--json").stdout)["baselines"] == old


def test_library_commands_work_and_say_what_they_did(tmp_path: Path) -> None:
    TorchModel(hidden=4).publish("one")
    copy = str(tmp_path / "copy.safetensors")
    for words in (("rename", "one", "two"), ("export", "two", copy), ("import", copy, "--name", "three")):
        result = _run(*words)
        assert (result.exit_code, result.stdout) == (0, "")
        assert words[-1] in result.stderr
    assert isinstance(_run("remove", "two", "nothing").exception, InputError)
    assert [e.name for e in library.library()] == ["three", "two"]  # all or none
    assert _run("remove", "two", "three").exit_code == 0
    assert library.library() == []


def _cut(raw: bytes, change: Callable[[dict[str, np.ndarray]], object]) -> bytes:
    """A model file with other tensors."""
    tensors = safetensors.numpy.load(raw)
    change(tensors)
    length = int.from_bytes(raw[:8], "little")
    return safetensors.numpy.save(tensors, metadata=json.loads(raw[8 : 8 + length])["__metadata__"])


DAMAGES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "a tensor missing": (
        lambda raw: _cut(raw, lambda tensors: tensors.pop("output.bias")),
        "'output.bias' is missing",
    ),
    "another shape": (
        lambda raw: _cut(raw, lambda tensors: tensors.update({"output.bias": np.zeros(9, np.float32)})),
        "'output.bias' is 9 but should be",
    ),
    "a row too few": (
        lambda raw: _cut(raw, lambda t: t.update({"embedding.weight": t["embedding.weight"][1:]})),
        "'embedding.weight' is",
    ),
    "an appended byte": (lambda raw: raw + b"\0", "1 bytes follow its last tensor"),
    "a NaN": (
        lambda raw: _cut(raw, lambda t: t["output.bias"].fill(np.nan)),
        "weights that are not finite",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("kind", ["charlm", "tagger"])
def test_every_command_gives_the_same_verdict_on_a_damaged_file(
    kind: str, damage: str, tmp_path: Path
) -> None:
    if kind == "tagger":
        good = keep_tagger("good", {"the": "DET", "sea": "NOUN"})
        uses = (("tag", "{}", str(tmp_path / "text")), ("evaluate", "{}", str(tmp_path / "text")))
    else:
        good = TorchModel(hidden=4).publish("good")
        uses = (("generate", "{}"), ("score", "{}", str(tmp_path / "text")))
    (tmp_path / "text").write_text("the sea")
    make, message = DAMAGES[damage]
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(make(good.read_bytes()))
    for words in (("show", "{}"), ("import", "{}", "--name", "new"), *uses):
        error = _run(*(word.format(bad) for word in words)).exception
        assert isinstance(error, InputError), words
        assert message in str(error), words
        assert str(error).startswith(f"{bad} is damaged: "), words
    assert [entry.name for entry in library.library()] == ["good"]


@pytest.mark.parametrize(
    "command",
    ["train TEXT --name NAME --steps 1", "train TEXT --from mine --name NAME --steps 1", "import FILE --name NAME",
     "train-tagger rot13 --name NAME --steps 1", "rename mine NAME",
     "train-tagger harbour-tags --folds 3 --name NAME --steps 1", "score mine TEXT --adapt --save NAME"],
)  # fmt: skip
def test_every_command_that_adds_a_model_refuses_the_name_of_one_that_ships(
    command: str, shipped: Path, tmp_path: Path
) -> None:
    shipped.mkdir(exist_ok=True)
    TorchModel(hidden=4).publish("mine")
    library.export("mine", shipped / "included.safetensors")
    there = {"TEXT": write(tmp_path, small_text(4000)), "FILE": str(paths.model("mine"))}
    words = [{**there, "NAME": "included"}.get(word, word) for word in command.split()]
    error = _run(*words).exception
    assert isinstance(error, InputError), error
    assert str(error) == (
        "The model 'included' ships with lstmterm, and yours would hide it; choose another name "
        "(--overwrite hides it)."
    )
    assert [entry.name for entry in library.library()] == ["included", "mine"]
