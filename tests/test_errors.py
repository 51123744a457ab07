"""Errors in a sentence, whoever raises them."""

import mmap
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from lstmterm.errors import InputError, TooLarge, no_file, not_found, too_large, within_memory


def fail(error: Exception) -> Callable[[], None]:
    def call() -> None:
        raise error

    return call


def test_every_library_that_runs_out_of_memory_becomes_a_sentence() -> None:
    for need, words in (
        (lambda: np.empty(1 << 50, np.uint8), ": 1.00 PiB more were needed"),
        (lambda: torch.empty(1 << 50, dtype=torch.uint8), ": 1,125,899,907 MB more were needed"),
        (lambda: b"a" * (1 << 60), "There is not enough memory. Close"),
        (lambda: mmap.mmap(-1, 1 << 60), "There is not enough memory. Close"),
        (fail(RuntimeError("can't start new thread")), "There is not enough memory. Close"),
        (fail(ImportError("a.so: failed to map segment from shared object")), "There is not enough memory."),
    ):
        with pytest.raises(TooLarge) as refused, within_memory():
            need()
        assert words in str(refused.value)
        assert refused.value.exit_code == 1
        assert isinstance(refused.value, InputError)


def test_other_errors_stay_what_they_are() -> None:
    assert too_large(RuntimeError("shapes do not match")) is None
    assert too_large(ValueError("out of memory")) is None
    unsupported = "could not create a primitive descriptor for the LSTM forward propagation primitive"
    assert too_large(RuntimeError(unsupported)) is None, "of a precision that the processor lacks"
    assert too_large(RuntimeError("could not create a primitive")) is not None
    assert too_large(ImportError("no module named a")) is None
    assert too_large(FileNotFoundError(2, "failed to map segment")) is None
    assert "20.00 MiB more" in str(
        too_large(torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB."))
    )
    with pytest.raises(ValueError, match="no"), within_memory():
        raise ValueError("no")


def test_an_error_of_another_kind_stays_what_it_is() -> None:
    with pytest.raises(RuntimeError, match="something else"), within_memory():
        raise RuntimeError("something else")


@pytest.mark.parametrize(
    ("name", "known", "sentence"),
    [
        ("bart", ["bard", "own"], "There is no model named 'bart'. Did you mean 'bard'?"),
        ("x", ["bard", "own"], "There is no model named 'x'. The list."),
        ("x", [], "There is no model named 'x'. The first."),
    ],
)
def test_a_name_that_nothing_has_is_said_with_the_next_step(
    name: str, known: list[str], sentence: str
) -> None:
    assert str(not_found("model named", name, known, "The list.", "The first.")) == sentence
    assert str(not_found("model named", "x", [], "The list.")) == "There is no model named 'x'. The list."


def test_a_folder_in_the_place_of_a_file_is_said_with_its_files(tmp_path: Path) -> None:
    folder = tmp_path / "treebank"
    folder.mkdir()
    assert str(no_file(folder)) == f"{folder} is a folder; name a file."
    for name in ("b.conllu", "a.conllu", "c.conllu", ".hidden"):
        (folder / name).touch()
    files = f"'{folder}/a.conllu' or '{folder}/b.conllu'"
    assert str(no_file(folder)) == f"{folder} is a folder; name a file. Did you mean {files}?"


def test_a_file_that_is_not_there_is_said_with_the_nearest_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "texts").mkdir()
    for name in ("novel.txt", "a.txt", "texts/letters.md"):
        (tmp_path / name).touch()
    for path, hint in (
        ("nove.txt", ". Did you mean 'novel.txt'?"),
        ("novel.tx", ". Did you mean 'novel.txt'?"),
        ("texts/leters.md", ". Did you mean 'texts/letters.md'?"),
        (os.path.join(tmp_path, "novl.txt"), f". Did you mean '{tmp_path}/novel.txt'?"),
        ("b.txt", f". The current folder is {tmp_path}."),  # its end alone makes it no likelier
        ("text/letters.md", "; its folder does not exist."),
        (os.path.join(tmp_path, "zzz.txt"), "."),
    ):
        assert str(no_file(path)) == f"There is no file {path}{hint}"
