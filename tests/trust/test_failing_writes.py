"""Every step of writing a file, and of saving a run, is made to fail: nothing is lost, nothing is half."""

import errno
import functools
import itertools
import os
import random
import signal
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from lstmterm import atomic, paths
from lstmterm.models import model_file
from lstmterm.nn import saved_state
from lstmterm.nn.checkpoints import LATEST
from lstmterm.runs import storage
from tests import processes
from tests.processes import FAST, Process, Trouble
from tests.small import small_text
from tests.trust.test_kills import bits, check_files

PROMISE = (
    "A write, sync or rename that fails leaves the old file or the new one, whole, and no temporary file; "
    "it is an error that names the file. A run goes on, or says how to resume to the same bits"
)
LONG = 1000

STEPS = ("open", "write", "fsync", "fchmod", "replace", "link", "mkdir")  # of `os`, which a save calls
RUNS_OF = 5  # one failing step in so many is a run's
CODES = (errno.ENOSPC, errno.EIO, errno.EACCES, errno.EDQUOT, errno.EROFS)
Result = TypeVar("Result")


class Failing:
    """Counts the steps of a write in this context, and makes one of them fail, or all from it on."""

    def __init__(self, at: int | None, code: int, *, for_good: bool = False) -> None:
        self.at, self.code, self.for_good, self.done = at, code, for_good, list[str]()
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
        if self.at is not None and (number >= self.at if self.for_good else number == self.at):
            if name == "write":  # half of it is written first
                real(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
            raise OSError(self.code, os.strerror(self.code))
        return real(*arguments, **options)


def check(rounds: int) -> str:
    """Let each step of a file's write, then of a run, fail in turn, `rounds` in all."""
    files = check_files_alone(rounds - rounds // RUNS_OF)
    return f"{files}; {check_runs(rounds // RUNS_OF)}"


def check_files_alone(rounds: int) -> str:
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


TINY = (*FAST, "--steps", 6, "--evaluate-every", 3, "--warmup", 2, "--dropout", 0.3, "--quiet")


def check_runs(rounds: int) -> str:
    """Let a step of `rounds` runs fail, once or from then on, and compare what is resumed with a run in peace."""
    draw = random.Random(2)
    with tempfile.TemporaryDirectory() as folder:
        out, text, count = Path(folder) / "out", Path(folder) / "text.txt", Path(folder) / "count"
        text.write_text(small_text(3000))
        train = ("train", text, *TINY, "--name")
        counted = Trouble(save_every=2, broken=functools.partial(failing, None, 0, count))
        assert processes.run(out, *train, "peace", trouble=counted).process.exitcode == 0
        steps = int(count.read_text())
        seen: Counter[str] = Counter()
        for number in range(rounds):
            at, code, for_good = (number * steps) // rounds, draw.choice(CODES), draw.random() < 0.5
            fails = functools.partial(failing, at, code, count, for_good=for_good)
            name = f"run-{number}"
            done = processes.run(out, *train, name, trouble=Trouble(save_every=2, broken=fails))
            try:
                seen[check_run(name, done, out)] += 1
            except AssertionError as error:
                raise AssertionError(f"step {at}, {errno.errorcode[code]}, {for_good}: {error}") from None
    return (
        f"{rounds} runs with a failure in one of their {steps} steps, or from it on: {seen['went on']} went on, "
        f"{seen['resumed']} ended with a sentence and resumed, all to the same bits; {seen['refused']} did not begin"
    )


def check_run(name: str, done: Process, out: Path) -> str:
    """Check what a run with a failure left, and resume it if it ended; returns how it went."""
    code, about = done.process.exitcode, done.err[-800:]
    assert not any(word in done.err for word in ("Traceback", "This is a bug")), about
    left = [*Path(os.environ["LSTMTERM_HOME"]).rglob(f"*{atomic.TEMPORARY}")]
    assert not left, f"{left} are left; {about}"
    run = next((run for run in storage.all_runs() if run.name == name), None)
    if code:
        assert code == 1, f"exit code {code}; {about}"
        said = done.err.strip().splitlines()[-1]
        assert said.startswith("lstmterm: Cannot write "), about
        if run is None or not (run.folder / LATEST).exists():
            return "refused"
        check_files(run)
        assert said.endswith(f"`lstmterm resume {run.id}`."), about
        again = processes.run(out, "resume", run.id, "--quiet")
        assert again.process.exitcode == 0, f"{about}; then {again.err[-800:]}"
    assert run is not None
    check_files(run)
    assert run.status() == "finished", f"{run.status()}; {about}"
    assert bits(run) == bits(storage.find("peace")), f"other bits; {about}"
    assert model_file.describe(paths.model(name)).complete, about
    return "resumed" if code else "went on"


def failing(at: int | None, code: int, count: Path, *, for_good: bool = False) -> None:
    """Let a step of this process fail; how many there were is written to `count` at its end."""
    tried = Failing(at, code, for_good=for_good)
    tried.__enter__()
    exit_ = os._exit

    def end(status: int) -> None:
        count.write_text(str(len(tried.done)))
        exit_(status)

    os._exit = end


def test_failing_writes() -> None:
    assert "none half" in check(50)


def full_after_the_first_save() -> None:
    """Let every later save of a run's state find a full disk."""
    saves, write = itertools.count(), saved_state.write

    def save(*arguments: Any) -> None:
        with Failing(0 if next(saves) else None, errno.ENOSPC, for_good=True):
            write(*arguments)

    saved_state.write = save


@pytest.mark.parametrize("how", ["signal", "request"])
def test_a_stop_that_cannot_be_saved_says_so_and_resumes_from_the_last_save(how: str, tmp_path: Path) -> None:
    name = f"unsaved-{how}"
    signals = {9: signal.SIGTERM} if how == "signal" else {}
    trouble = Trouble(signals=signals, seconds_a_step=0.02, broken=full_after_the_first_save)
    knobs = (*FAST, "--steps", 400, "--evaluate-every", 400)
    done = processes.start(tmp_path, "train", "harbour", *knobs, "--name", name, trouble=trouble)
    if how == "request":
        processes.until(lambda: "step" in done.err, "a step")
        stopped = processes.run(tmp_path, "stop", name)
        assert stopped.process.exitcode == 1
        assert "ended without saving its latest steps: Cannot write" in stopped.err
    assert done.wait() == 1
    run = storage.find(name)
    said = done.err.strip().splitlines()[-1]
    assert said.startswith(f"lstmterm: Cannot write {run.folder / LATEST}: no space left on device"), said
    assert said.endswith(f"Then continue with `lstmterm resume {run.id}`."), said
    assert "everything is saved" not in done.err
    assert (run.status(), saved_state.read_numbers(run.folder / LATEST)["step"]) == ("failed", 0)
    again = processes.run(tmp_path, "resume", run.id)
    assert again.process.exitcode == 0, again.err
    assert "Resuming at step 0" in again.err
    assert model_file.load(paths.model(name)).card.complete
