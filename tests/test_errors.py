"""Errors in a sentence, whoever raises them."""

import mmap
from collections.abc import Callable

import numpy as np
import pytest
import torch

from lstmterm.errors import InputError, TooLarge, too_large, within_memory


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
