"""Model files: written whole, read with suspicion, kept in a library."""

import json
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from click.testing import CliRunner

from lstmterm import paths
from lstmterm.cli import lstmterm
from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.errors import InputError
from lstmterm.models import library, model_file
from tests.character_models import LETTERS, TorchModel


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of shipped models of our own."""
    folder = tmp_path / "shipped"
    monkeypatch.setattr(paths, "shipped_models", lambda: folder)
    return folder


@pytest.fixture(autouse=True)
def _shipped(shipped: Path) -> None:
    """No test depends on what ships."""


def _run(*words: str) -> Any:
    return CliRunner().invoke(lstmterm, words)


# --- files -----------------------------------------------------------------------------------


@pytest.mark.parametrize("learned", [False, True])
def test_a_model_comes_back_as_it_was_written(learned: bool) -> None:
    model = TorchModel(2, 24, 0, learned=learned)
    path = model.publish("round", seed=3, metrics={"val_loss": 1.25, "test_loss": None})
    loaded = model_file.load(path)
    assert loaded.tensors.keys() == model.tensors().keys()
    for name, tensor in model.tensors().items():
        np.testing.assert_array_equal(loaded.tensors[name], tensor)
        assert loaded.tensors[name].dtype == np.float32
    card = model_file.describe(path)
    assert card == loaded.card
    assert (card.kind, card.name, card.complete, card.vocabulary) == ("charlm", "round", True, LETTERS)
    assert card.metrics == {"val_loss": 1.25}
    assert card.metadata["seed"] == 3
    assert path == paths.models() / "round.safetensors"
    assert os.listdir(path.parent) == ["round.safetensors"]


def test_half_precision_is_read_as_float32(tmp_path: Path) -> None:
    model = TorchModel()
    halves = {name: tensor.astype(np.float16) for name, tensor in model.tensors().items()}
    model_file.write(tmp_path / "half.safetensors", halves, model.metadata())
    loaded = model_file.load(tmp_path / "half.safetensors")
    for name, tensor in halves.items():
        assert loaded.tensors[name].dtype == np.float32
        np.testing.assert_array_equal(loaded.tensors[name], tensor.astype(np.float32))


def test_byte_vocabularies_and_odd_characters_survive(tmp_path: Path) -> None:
    for vocabulary in (Vocabulary.bytes(), Vocabulary('\x1b\u202e"\\\ud800é☃\n')):
        model = TorchModel(vocabulary=vocabulary, hidden=4)
        model_file.write(tmp_path / "odd.safetensors", model.tensors(), model.metadata())
        assert model_file.load(tmp_path / "odd.safetensors").card.vocabulary == vocabulary


def _header(raw: bytes) -> tuple[dict[str, Any], bytes]:
    length = int.from_bytes(raw[:8], "little")
    return json.loads(raw[8 : 8 + length]), raw[8 + length :]


def _file(header: dict[str, Any], data: bytes) -> bytes:
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def _with_header(change: Callable[[dict[str, Any]], Any]) -> Callable[[bytes], bytes]:
    def damage(raw: bytes) -> bytes:
        header, data = _header(raw)
        change(header)
        return _file(header, data)

    return damage


def _with_metadata(**values: Any) -> Callable[[bytes], bytes]:
    def change(header: dict[str, Any]) -> None:
        metadata = json.loads(header["__metadata__"]["lstmterm"]) | values
        header["__metadata__"]["lstmterm"] = json.dumps(metadata)

    return _with_header(change)


DAMAGES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda raw: b"", "is not a model"),
    "a text": (lambda raw: b"To be, or not to be, that is the question" * 9, "is not a model"),
    "a zip": (lambda raw: b"PK\x03\x04" + raw, "is not a model"),
    "cut in its data": (lambda raw: raw[:-1], "is cut short"),
    "cut in its header": (lambda raw: raw[:200], "is cut short"),
    "cut at its length": (lambda raw: raw[:8], "is not a model"),
    "a huge header": (lambda raw: b"\xff" * 7 + b"\x7f" + raw[8:], "is not a model"),
    "a long header": (lambda raw: struct.pack("<Q", 10**7) + raw[8:], "is cut short"),
    "no JSON": (lambda raw: raw[:9] + b"[" * 80 + raw[89:], "is damaged"),
    "deep JSON": (lambda raw: struct.pack("<Q", 200_001) + b"{" + b"[" * 200_000, "is damaged"),
    "no model of ours": (_with_header(lambda h: h.pop("__metadata__")), "not a model of lstmterm"),
    "metadata of another": (
        _with_header(lambda h: h.update(__metadata__={"a": "b"})),
        "not a model of lstmterm",
    ),
    "metadata no JSON": (_with_header(lambda h: h["__metadata__"].update(lstmterm="{")), "is damaged"),
    "metadata a list": (_with_header(lambda h: h["__metadata__"].update(lstmterm="[]")), "is damaged"),
    "a newer format": (_with_metadata(format=2), "newer lstmterm"),
    "no format": (_with_metadata(format="1"), "names no format"),
    "another kind": (_with_metadata(kind="\x1b[2Jgpt"), "unknown kind"),
    "no name": (_with_metadata(name=None), "lacks the model's name"),
    "no vocabulary": (_with_metadata(vocabulary=None), "holds no vocabulary"),
    "symbols twice": (_with_metadata(vocabulary={"level": "char", "symbols": "aa"}), "holds no vocabulary"),
    "other symbols": (_with_metadata(vocabulary={"level": "char", "symbols": "ab"}), "2 symbols where"),
    "other sizes": (
        _with_metadata(sizes={"layers": 1, "hidden": 33, "embedding": 16, "vocabulary": len(LETTERS)}),
        "should be",
    ),
    "huge sizes": (
        _with_metadata(sizes={"layers": 10**9, "hidden": 32, "embedding": 16, "vocabulary": len(LETTERS)}),
        "no size",
    ),
    "a tensor missing": (_with_header(lambda h: h.pop("output.bias")), "'output.bias' is absent"),
    "a tensor too many": (_with_header(lambda h: h.update(extra=h["output.bias"])), "'extra' is"),
    "another shape": (_with_header(lambda h: h["output.bias"].update(shape=[1])), "does not fit its shape"),
    "another type": (_with_header(lambda h: h["output.bias"].update(dtype="BF16")), "stored as F32 or F16"),
    "offsets behind": (
        _with_header(lambda h: h["output.bias"].update(data_offsets=[-4, 0])),
        "describes no tensor",
    ),
    "tensors that overlap": (
        _with_header(
            lambda h: h["lstm.bias_ih_l0"].update(data_offsets=h["lstm.bias_hh_l0"]["data_offsets"])
        ),
        "is damaged",
    ),
    "no finite weights": (lambda raw: raw[:-4] + np.float32(np.nan).tobytes(), "no finite numbers"),
}


@pytest.mark.parametrize("damage", DAMAGES, ids=str)
def test_a_damaged_file_is_refused_in_a_sentence_that_names_it(damage: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.safetensors"
    make, said = DAMAGES[damage]
    path.write_bytes(make(TorchModel().publish("good").read_bytes()))
    with pytest.raises(InputError, match=r"bad\.safetensors") as caught:
        model_file.load(path)
    assert said in str(caught.value)
    with pytest.raises(InputError):
        library.import_file(path, "taken")
    assert not library.own_path("taken").exists()


def test_a_missing_file_and_a_folder_are_said() -> None:
    for path in (Path("/nowhere/x.safetensors"), Path("/")):
        with pytest.raises(InputError, match=r"There is no file|cannot be read"):
            model_file.load(path)


def test_a_failed_write_leaves_the_model_that_was_there(monkeypatch: pytest.MonkeyPatch) -> None:
    path = TorchModel().publish("kept")
    before = path.read_bytes()
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        library.publish("kept", TorchModel(seed=2).tensors(), TorchModel().metadata(), overwrite=True)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


def test_a_loaded_model_does_not_change_with_its_file() -> None:
    path = TorchModel().publish("used")
    loaded = model_file.load(path)
    before = loaded.tensors["output.weight"].copy()
    path.write_bytes(b"\0" * path.stat().st_size)
    np.testing.assert_array_equal(loaded.tensors["output.weight"], before)


# --- the library -----------------------------------------------------------------------------


def test_names_and_files_are_found(tmp_path: Path, shipped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = TorchModel(hidden=4)
    model_file.write(shipped / "bard.safetensors", model.tensors(), model.metadata(name="bard"))
    model_file.write(shipped / "reber.safetensors", model.tensors(), model.metadata(name="reber"))
    own = model.publish("bard")
    dotted = model.publish("v1.5")
    assert [(e.name, e.place) for e in library.library()] == [
        ("bard", "own"),
        ("reber", "shipped"),
        ("v1.5", "own"),
    ]
    assert library.find("bard").path == own
    assert library.find("v1.5").path == dotted
    assert library.find("reber").place == "shipped"
    monkeypatch.chdir(shipped)
    assert library.find("reber.safetensors").place == "file"
    assert library.find("./bard.safetensors").path.resolve() == (shipped / "bard.safetensors").resolve()
    with pytest.raises(InputError, match="Did you mean 'bard'"):
        library.find("brad")
    with pytest.raises(InputError, match="no model file"):
        library.find("./nothing.safetensors")


def test_publishing_replaces_only_when_told_to() -> None:
    path = TorchModel(hidden=4).publish("mine")
    before = path.read_bytes()
    with pytest.raises(InputError, match="--overwrite"):
        TorchModel(hidden=8).publish("mine")
    assert path.read_bytes() == before
    library.publish("mine", TorchModel(hidden=8).tensors(), TorchModel(hidden=8).metadata(), overwrite=True)
    assert model_file.describe(path).sizes["hidden"] == 8


@pytest.mark.parametrize("name", ["../out", "a/b", ".hidden", "", "a\x1bb", "-rf", "x" * 200])
def test_names_never_leave_the_folder(name: str) -> None:
    TorchModel(hidden=4).publish("mine")
    for attempt in (lambda: TorchModel(hidden=4).publish(name), lambda: library.rename("mine", name)):
        with pytest.raises(paths.NameRejected):
            attempt()
    assert os.listdir(paths.models()) == ["mine.safetensors"]


def test_renaming_renames_the_header_too_and_keeps_the_weights() -> None:
    model = TorchModel(hidden=4)
    model.publish("old", corpus={"name": "x"})
    model.publish("other")
    with pytest.raises(InputError, match="'other' already"):
        library.rename("old", "other")
    loaded = model_file.load(library.rename("old", "new"))
    assert loaded.card.name == "new"
    assert loaded.card.corpus == {"name": "x"}
    np.testing.assert_array_equal(loaded.tensors["output.weight"], model.tensors()["output.weight"])
    assert [e.name for e in library.library()] == ["new", "other"]
    assert library.rename("new", "new", overwrite=True).exists()


def test_shipped_models_are_read_only(shipped: Path) -> None:
    model = TorchModel(hidden=4)
    model_file.write(shipped / "bard.safetensors", model.tensors(), model.metadata())
    for attempt in (lambda: library.remove("bard"), lambda: library.rename("bard", "mine")):
        with pytest.raises(InputError, match="comes with lstmterm"):
            attempt()
    assert os.listdir(shipped) == ["bard.safetensors"]


def test_export_and_import_carry_a_model_over(tmp_path: Path) -> None:
    path = TorchModel(hidden=4).publish("bard")
    target = library.export("bard", tmp_path / "copy.safetensors")
    assert target.read_bytes() == path.read_bytes()
    with pytest.raises(InputError, match="--overwrite"):
        library.export("bard", target)
    folder = tmp_path / "folder"
    folder.mkdir()
    assert library.export("bard", folder).name == "bard.safetensors"
    with pytest.raises(InputError, match="already"):
        library.import_file(target)
    library.remove("bard")
    assert library.import_file(target) == path
    assert model_file.describe(library.import_file(target, "again")).name == "again"


# --- the commands ----------------------------------------------------------------------------


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


def test_what_others_wrote_with_safetensors_is_no_model(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    path.write_bytes(safetensors.numpy.save({"a": np.zeros(3, np.float32)}))
    with pytest.raises(InputError, match="not a model of lstmterm"):
        model_file.describe(path)
