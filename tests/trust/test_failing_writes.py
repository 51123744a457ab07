"""Every step of writing a file is made to fail: the old content stays, or the new one is whole."""

import errno
import functools
import os
import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from lstmterm import atomic

PROMISE = (
    "A write, sync or rename that fails leaves the old file or the new one, whole, and no temporary file; "
    "it is an error that names the file"
)
LONG = 1000

STEPS = ("open", "write", "fsync", "fchmod", "replace")  # of `os`, which atomic.py calls
CODES = (errno.ENOSPC, errno.EIO, errno.EACCES, errno.EDQUOT, errno.EROFS)
Result = TypeVar("Result")


class Failing:
    """Counts the steps of a write in this context, and makes one of them fail."""

    def __init__(self, at: int | None, code: int) -> None:
        self.at, self.code, self.done = at, code, list[str]()
        self._patch = pytest.MonkeyPatch()

    def __enter__(self) -> "Failing":
        for name in STEPS:
            self._patch.setattr(os, name, functools.partial(self._step, name, getattr(os, name)))
        return self

    def __exit__(self, *_: object) -> None:
        self._patch.undo()

    def _step(self, name: str, real: Callable[..., Result], *arguments: Any, **options: Any) -> Result:
        number = len(self.done)
        self.done.append(name)
        if number == self.at:
            if name == "write":  # half of it is written first
                real(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
            raise OSError(self.code, os.strerror(self.code))
        return real(*arguments, **options)


def check(rounds: int) -> str:
    """Let each step of `rounds` writes fail in turn, with each error; the sizes and the old files vary."""
    draw = random.Random(1)
    failed, kept, replaced = 0, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        while failed < rounds:
            old = draw.choice([None, b"", draw.randbytes(draw.choice((10, 100_000)))])
            new = draw.randbytes(draw.choice((0, 1, 9_000, 300_000)))
            shared, pieces = draw.random() < 0.5, draw.choice((1, 3))
            step, more = 0, True
            while more and failed < rounds:
                for code in CODES:
                    path.unlink(missing_ok=True)
                    if old is not None:
                        path.write_bytes(old)
                    with Failing(step, code) as tried:
                        error = _error_of(lambda: _write(path, new, pieces, shared))  # noqa: B023
                    more = len(tried.done) > step
                    if not more:
                        break
                    names = [entry.name for entry in Path(folder).iterdir()]
                    assert names == ([] if old is None and not path.exists() else ["file"]), (
                        f"{tried.done}: {names} are left"
                    )
                    content = path.read_bytes() if path.exists() else None
                    assert content in (old, new), f"the file is neither the old nor the new one: {tried.done}"
                    if error is None:  # only syncing the folder may be impossible
                        assert content == new
                        assert code in atomic._NO_SYNC
                        assert "replace" in tried.done
                    else:
                        assert str(path) in error
                        failed += 1
                        kept, replaced = kept + (content == old), replaced + (content != old)
                step += 1
    return f"{failed} failing steps: {kept} kept the old file, {replaced} have the new one, none half, nothing left"


def _write(path: Path, content: bytes, pieces: int, shared: bool) -> None:
    size = len(content) // pieces + 1
    with atomic.writing(path, len(content), shared=shared) as file:
        for start in range(0, len(content), size):
            file.write(content[start : start + size])


def _error_of(write: Callable[[], None]) -> str | None:
    try:
        write()
    except atomic.WriteError as error:
        return str(error)
    return None


def test_failing_writes() -> None:
    assert "none half" in check(100)
