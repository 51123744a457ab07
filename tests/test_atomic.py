"""A file is written whole or not at all."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lstmterm import atomic


def test_content_is_written(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "file"
    atomic.write_bytes(path, b"\x00one")
    assert path.read_bytes() == b"\x00one"
    atomic.write_bytes(path, memoryview(b"two"))
    assert path.read_bytes() == b"two"
    atomic.write_text(path, "a\r\nb\nπ")
    assert path.read_bytes() == "a\r\nb\nπ".encode()
    assert [p.name for p in path.parent.iterdir()] == ["file"], "nothing else is left"


def fail_half_way(path: Path, failure: type[BaseException]) -> None:
    with atomic.writing(path) as file:
        file.write(b"half")
        raise failure


def test_a_failure_leaves_what_was(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("before")
    for failure in (ValueError, KeyboardInterrupt):
        with pytest.raises(failure):
            fail_half_way(path, failure)
    assert path.read_text() == "before"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_the_old_content_stands_until_the_end(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("before")
    with open(path) as reader, atomic.writing(path) as file:
        file.write(b"after")
        file.flush()
        assert path.read_text() == "before"
        assert reader.read() == "before"
    assert path.read_text() == "after"


def test_bytes_are_synced_before_the_name_and_the_folder_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, os.replace

    def watched_fsync(descriptor: int) -> None:
        done.append("folder" if os.path.isdir(f"/proc/self/fd/{descriptor}") else "file")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watched_fsync)
    monkeypatch.setattr(os, "replace", lambda a, b: (done.append("name"), replace(a, b)))
    atomic.write_bytes(tmp_path / "file", b"x")
    if Path("/proc/self/fd").is_dir():
        assert done == ["file", "name", "folder"]


def test_long_names_are_no_obstacle(tmp_path: Path) -> None:
    for name in ("x" * 250, "ä" * 120):
        atomic.write_bytes(tmp_path / name, b"x")
        assert (tmp_path / name).read_bytes() == b"x"


def test_a_process_killed_at_any_moment_leaves_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    code = (
        "import sys, pathlib; from lstmterm import atomic\n"
        "n = 0\n"
        "while True:\n"
        "    n = (n + 1) % 10\n"
        "    atomic.write_bytes(pathlib.Path(sys.argv[1]), str(n).encode() * 200_000)\n"
    )
    for moment in (0.3, 0.41, 0.52):
        writer = subprocess.Popen([sys.executable, "-c", code, str(path)])
        deadline = time.monotonic() + 30
        while not path.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(moment)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        content = path.read_bytes()
        assert len(content) == 200_000
        assert len(set(content)) == 1
