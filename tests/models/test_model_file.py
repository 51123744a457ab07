"""Model files: written atomically, and refused when they are damaged."""

import json
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from lstmterm import paths
from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.errors import InputError
from lstmterm.models import library, model_file
from tests.character_models import LETTERS, TorchModel


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
    "cut in its data": (lambda raw: raw[:-1], "is truncated"),
    "a byte too many": (lambda raw: raw + b"\0", "1 bytes follow its last tensor"),
    "95 MB of brackets": (
        lambda raw: struct.pack("<Q", 95_000_001) + b"{" + b"[" * 95_000_000,
        "more than 16,000,000",
    ),
    "a list as a type": (_with_header(lambda h: h["output.bias"].update(dtype=[1])), "must be F32 or F16"),
    "a metric of 400 digits": (_with_metadata(metrics={"val_loss": 10**400}), "a number of 401 digits"),
    "metrics as a list": (
        _with_metadata(metrics=[1]),
        "its header has [1] where 'metrics' should be an object",
    ),
    "a name of a megabyte": (_with_metadata(name="n" * 1_000_000), "its name has 1,000,000 characters"),
    "many dimensions": (
        _with_header(lambda h: h["output.bias"].update(shape=[95, *[1] * 1000])),
        "1,001 dimensions",
    ),
    "terabytes": (
        _with_header(lambda h: h["output.bias"].update(shape=[10**12], data_offsets=[0, 4 * 10**12])),
        "should be",
    ),
    "thousands of tensors": (
        _with_header(lambda h: h.update({f"t{i}": h["output.bias"] for i in range(2000)})),
        "names 2,007 tensors",
    ),
    "a vocabulary of a list": (
        _with_metadata(vocabulary={"level": "char", "symbols": ["a", "b"]}),
        "no valid vocabulary",
    ),
    "cut in its header": (lambda raw: raw[:200], "is truncated"),
    "cut at its length": (lambda raw: raw[:8], "is not a model"),
    "a huge header": (lambda raw: b"\xff" * 7 + b"\x7f" + raw[8:], "is not a model"),
    "a long header": (lambda raw: struct.pack("<Q", 10**7) + raw[8:], "is truncated"),
    "no JSON": (lambda raw: raw[:9] + b"[" * 80 + raw[89:], "is damaged"),
    "deep JSON": (lambda raw: struct.pack("<Q", 200_001) + b"{" + b"[" * 200_000, "is damaged"),
    "not our metadata": (_with_header(lambda h: h.pop("__metadata__")), "not an lstmterm model"),
    "metadata of another": (
        _with_header(lambda h: h.update(__metadata__={"a": "b"})),
        "not an lstmterm model",
    ),
    "metadata no JSON": (_with_header(lambda h: h["__metadata__"].update(lstmterm="{")), "is damaged"),
    "metadata a list": (_with_header(lambda h: h["__metadata__"].update(lstmterm="[]")), "is damaged"),
    "a newer format": (_with_metadata(format=2), "newer lstmterm"),
    "no format": (_with_metadata(format="1"), "has no format number"),
    "another kind": (_with_metadata(kind="\x1b[2Jgpt"), "unknown kind"),
    "no name": (_with_metadata(name=None), "lacks the name"),
    "no vocabulary": (_with_metadata(vocabulary=None), "no valid vocabulary"),
    "symbols twice": (_with_metadata(vocabulary={"level": "char", "symbols": "aa"}), "no valid vocabulary"),
    "other symbols": (
        _with_metadata(vocabulary={"level": "char", "symbols": "ab"}),
        "vocabulary has 2 characters",
    ),
    "other sizes": (
        _with_metadata(sizes={"layers": 1, "hidden": 33, "embedding": 16, "vocabulary": len(LETTERS)}),
        "should be",
    ),
    "huge sizes": (
        _with_metadata(sizes={"layers": 10**9, "hidden": 32, "embedding": 16, "vocabulary": len(LETTERS)}),
        "where 'layers' should be a whole number from 1 to 64",
    ),
    "a tensor missing": (_with_header(lambda h: h.pop("output.bias")), "'output.bias' is missing"),
    "a tensor too many": (_with_header(lambda h: h.update(extra=h["output.bias"])), "'extra' is"),
    "another shape": (_with_header(lambda h: h["output.bias"].update(shape=[1])), "does not match its shape"),
    "another type": (_with_header(lambda h: h["output.bias"].update(dtype="BF16")), "must be F32 or F16"),
    "negative offsets": (
        _with_header(lambda h: h["output.bias"].update(data_offsets=[-4, 0])),
        "is not a tensor",
    ),
    "tensors that overlap": (
        _with_header(
            lambda h: h["lstm.bias_ih_l0"].update(data_offsets=h["lstm.bias_hh_l0"]["data_offsets"])
        ),
        "is damaged",
    ),
    "no finite weights": (lambda raw: raw[:-4] + np.float32(np.nan).tobytes(), "not finite numbers"),
}


@pytest.mark.parametrize("damage", DAMAGES, ids=str)
def test_a_damaged_file_is_refused_in_a_sentence_that_names_it(damage: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.safetensors"
    make, message = DAMAGES[damage]
    path.write_bytes(make(TorchModel().publish("good").read_bytes()))
    with pytest.raises(InputError, match=r"bad\.safetensors") as caught:
        model_file.load(path)
    assert message in str(caught.value)
    with pytest.raises(InputError):
        library.import_file(path, "taken")
    assert not paths.model("taken").exists()


def test_a_missing_file_and_a_folder_are_reported() -> None:
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


def test_another_safetensors_file_is_not_a_model(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    path.write_bytes(safetensors.numpy.save({"a": np.zeros(3, np.float32)}))
    with pytest.raises(InputError, match="not an lstmterm model"):
        model_file.describe(path)


def test_a_file_is_written_as_safetensors_writes_it(tmp_path: Path) -> None:
    model = TorchModel(2, 24, 0, learned=True)
    tensors = model.tensors()
    tensors |= {name: tensors[name].astype(np.float16) for name in [*tensors][::2]}
    path = tmp_path / "a.safetensors"
    model_file.write(path, tensors, model.metadata())
    contiguous = {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
    metadata = json.dumps({"format": 1, **model.metadata()})
    assert path.read_bytes() == safetensors.numpy.save(contiguous, metadata={"lstmterm": metadata})


def test_a_header_that_would_be_refused_is_not_written(tmp_path: Path) -> None:
    model = TorchModel()
    with pytest.raises(InputError, match=r"room for 16,000,000; make it smaller \(--vocab-limit"):
        model_file.write(tmp_path / "a", model.tensors(), model.metadata(command="a" * 16_000_000))
    assert list(tmp_path.iterdir()) in ([], [tmp_path / "home"])


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    path.symlink_to(path)
    for read in (model_file.describe, model_file.load):
        with pytest.raises(
            InputError, match=r"a\.safetensors cannot be read: Too many levels of symbolic links"
        ):
            read(path)
