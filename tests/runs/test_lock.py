"""A lock has one holder, and looking at it disturbs nobody and makes nothing."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from lstmterm.runs import lock

HOLD = "import sys, time; from pathlib import Path; from lstmterm.runs import lock\n" + (
    "with lock.holding(Path(sys.argv[1]), 0): print('held', flush=True); time.sleep(60)"
)


def test_it_has_one_holder_who_is_known_and_whose_death_frees_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    child = subprocess.Popen([sys.executable, "-c", HOLD, path], stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"held\n"
    assert lock.is_held(path)
    with pytest.raises(lock.Taken) as taken, lock.holding(path, 0):
        pass
    assert taken.value.holder == child.pid
    child.kill()
    child.wait()
    assert not lock.is_held(path)
    begun = time.monotonic()
    with lock.holding(path, 0):
        assert lock.is_held(path)
    assert time.monotonic() - begun < 0.5


def test_lookers_do_not_see_each_other(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with lock.holding(path, 0):
        pass
    with open(path) as file:
        lock.fcntl.flock(file, lock.fcntl.LOCK_SH)
        assert not lock.is_held(path)


def test_looking_makes_nothing(tmp_path: Path) -> None:
    assert not lock.is_held(tmp_path / "gone" / "lock")
    assert not lock.is_held(tmp_path / "lock")
    assert list(tmp_path.iterdir()) == []


def test_a_lock_whose_folder_was_moved_away_is_not_held_elsewhere(tmp_path: Path) -> None:
    folder, moved = tmp_path / "run", tmp_path / ".removed"
    folder.mkdir()
    with lock.holding(folder / "lock", 0):
        folder.rename(moved)
        with pytest.raises(FileNotFoundError), lock.holding(folder / "lock", 0):
            pass


def test_a_lock_that_is_gone_has_no_holder(tmp_path: Path) -> None:
    assert lock.holder(tmp_path / "lock") is None
    with open(tmp_path / "other", "wb") as file:
        assert not lock.is_lock(file.fileno(), tmp_path / "lock")


def test_a_lock_that_was_moved_away_while_it_was_opened_is_taken_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_lock, looks = lock.is_lock, iter([False])
    monkeypatch.setattr(lock, "is_lock", lambda *which: next(looks, None) is None and is_lock(*which))
    with lock.holding(tmp_path / "lock", 0) as descriptor:
        assert is_lock(descriptor, tmp_path / "lock")
        assert next(looks, None) is None


def test_a_lock_that_is_kept_free_is_held_by_nobody_and_looks_free(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with pytest.raises(FileNotFoundError), lock.keeping_free(path):
        pass
    with lock.holding(path, 0), pytest.raises(lock.Taken), lock.keeping_free(path):
        pass
    with lock.keeping_free(path), lock.keeping_free(path):
        assert not lock.is_held(path)
        with pytest.raises(lock.Taken), lock.holding(path, 0):
            pass


def test_a_lock_whose_folder_was_moved_away_is_not_kept_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lock").touch()
    monkeypatch.setattr(lock, "is_lock", lambda *_: False)  # as where it was moved after it was opened
    with pytest.raises(FileNotFoundError), lock.keeping_free(tmp_path / "lock"):
        pass
    assert not lock.is_held(tmp_path / "lock")
