"""The library: models found by name or file, published, renamed, exported and imported."""

import os
from pathlib import Path

import numpy as np
import pytest

from lstmterm import paths
from lstmterm.errors import InputError
from lstmterm.models import library, model_file
from tests.character_models import TorchModel


@pytest.fixture(autouse=True)
def _shipped(shipped: Path) -> None:
    """No test depends on what ships."""


def test_names_and_files_are_found(tmp_path: Path, shipped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = TorchModel(hidden=4)
    model_file.write(shipped / "bard.safetensors", model.tensors(), model.metadata(name="bard"))
    model_file.write(shipped / "reber.safetensors", model.tensors(), model.metadata(name="reber"))
    own = model.publish("bard", overwrite=True)
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


def test_a_free_name_is_that_of_no_model_of_the_users() -> None:
    model = TorchModel(hidden=4)
    assert library.free_name("mine") == "mine"
    for name in ("mine", "mine-2"):
        assert library.free_name("mine") == name
        library.publish(name, model.tensors(), model.metadata())
    assert library.is_taken("mine-2")
    assert library.free_name("mine", "mine-3") == "mine-4"


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


def test_a_model_has_another_version_once_it_is_replaced() -> None:
    model = TorchModel(hidden=4)
    path = model.publish("bard")
    first = library.version("bard")
    assert first == library.version("bard")
    assert first.path == path
    os.utime(path, (first.modified + 1, first.modified + 1))
    assert library.version("bard") != first
    assert library.version(str(path)).path == path
    TorchModel(hidden=8).publish("bard", overwrite=True)
    os.utime(path, (first.modified, first.modified))
    assert library.version("bard") != first, "another size"
    with pytest.raises(InputError, match="no model named"):
        library.version("none")


def test_renaming_renames_the_header_too_and_keeps_the_weights() -> None:
    model = TorchModel(hidden=4)
    model.publish("old", corpus={"name": "x"})
    model.publish("other")
    with pytest.raises(InputError, match="already a model named 'other'"):
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
        with pytest.raises(InputError, match="ships with lstmterm"):
            attempt()
    assert os.listdir(shipped) == ["bard.safetensors"]


def test_the_name_of_a_shipped_model_is_taken_too(shipped: Path, tmp_path: Path) -> None:
    model = TorchModel(hidden=4)
    model_file.write(shipped / "bard.safetensors", model.tensors(), model.metadata(name="bard"))
    model.publish("mine")
    library.export("bard", tmp_path)
    for attempt in (
        lambda: library.rename("mine", "bard"),
        lambda: library.import_file(tmp_path / "bard.safetensors"),
        lambda: library.refuse_taken("bard"),
    ):
        with pytest.raises(InputError, match=r"ships with lstmterm, and yours would hide it.* \(--overwrite"):
            attempt()
    assert library.free_name("bard") == "bard-2"
    assert library.find("bard").place == "shipped"
    library.rename("mine", "bard", overwrite=True)
    assert library.find("bard").place == "own"


def test_a_rename_where_names_differ_only_in_case_keeps_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hard link stands for a file system that holds two names for the same."""
    model = TorchModel(hidden=4)
    old = model.publish("bard")
    new = paths.model("Bard")
    os.link(old, new)
    replace = os.replace

    def replace_both(source: Path, target: Path) -> None:
        replace(source, target)
        if target == new:
            old.unlink()
            os.link(new, old)

    monkeypatch.setattr(os, "replace", replace_both)
    assert library.rename("bard", "Bard") == new
    assert model_file.load(new).card.name == "Bard"


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


def test_what_is_not_there_or_not_ones_own_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="There are no models yet; `lstmterm train` trains one"):
        library.find("bard")
    path = TorchModel(hidden=4).publish("bard")
    monkeypatch.chdir(tmp_path)
    Path("a.safetensors").write_bytes(path.read_bytes())
    (paths.models() / "x.safetensors").write_bytes(b"x")
    assert [entry.name for entry in library.of_kind("charlm")] == ["bard"]
    assert library.of_kind("tagger") == []
    with pytest.raises(InputError, match="is a file that is not in your library; `lstmterm models` lists"):
        library.remove("a.safetensors")
    with pytest.raises(
        InputError, match=r"There is no folder .*gone\. Create it first, or choose another\.$"
    ):
        library.export("bard", tmp_path / "gone" / "a.safetensors")
