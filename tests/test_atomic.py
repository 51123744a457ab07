"""A file is written whole or not at all."""

import errno
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
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


# What cannot be written


def errors_of(write: Callable[[], object]) -> str:
    with pytest.raises(atomic.WriteError) as error:
        write()
    assert error.value.exit_code == 1
    return str(error.value)


def test_another_name_of_a_file_that_cannot_be_given_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(source: Path, path: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    source, path = tmp_path / "source", tmp_path / "path"
    source.write_text("new")
    atomic.link(source, path)
    assert path.samefile(source)
    atomic.write_text(source, "newer")
    monkeypatch.setattr(os, "replace", full)
    assert f"Cannot write {path}: no space left" in errors_of(lambda: atomic.link(source, path))
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {"source": "newer", "path": "new"}


def test_an_error_names_the_path_the_need_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    path = tmp_path / "file"
    monkeypatch.setattr(os, "fsync", full)
    said = errors_of(lambda: atomic.write_bytes(path, b"x" * 1234))
    assert said == (
        f"Cannot write {path}: no space left on device (1,234 bytes are needed). "
        "Free some space, or set LSTMTERM_HOME to a folder elsewhere."
    )
    assert "choose another place" in errors_of(lambda: atomic.write_bytes(path, b"x", shared=True))
    assert not list(tmp_path.iterdir())


def test_a_folder_or_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    for write in (
        lambda: atomic.make_folder(tmp_path / "file" / "more"),
        lambda: atomic.write_bytes(tmp_path / "file" / "more", b""),
        lambda: atomic.appending(tmp_path / "file" / "more"),
    ):
        assert f"Cannot write {tmp_path / 'file'}" in errors_of(write)
    assert f"Cannot write {tmp_path / 'folder'}: is a dir" in errors_of(
        lambda: atomic.write_bytes(tmp_path / "folder", b"x")
    )


def test_a_folder_that_cannot_be_synced_is_an_error_only_if_the_disk_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync = os.fsync

    def on_folders(code: int) -> None:
        def failing(descriptor: int) -> None:
            if stat.S_ISDIR(os.fstat(descriptor).st_mode):
                raise OSError(code, os.strerror(code))
            fsync(descriptor)

        monkeypatch.setattr(os, "fsync", failing)

    on_folders(errno.EINVAL)
    atomic.write_bytes(tmp_path / "file", b"one")
    on_folders(errno.EIO)
    assert "input/output error" in errors_of(lambda: atomic.write_bytes(tmp_path / "file", b"two"))


# Permissions


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_files_and_folders_are_for_the_user_alone_unless_shared(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        private, shared = tmp_path / "mine" / "deep" / "file", tmp_path / "all" / "file"
        atomic.write_text(private, "x")
        with atomic.appending(private.with_name("journal")) as file:
            file.write(b"x")
        assert [mode(p) for p in (private, private.with_name("journal"))] == [0o600, 0o600]
        assert [mode(p) for p in (private.parent, private.parent.parent)] == [0o700, 0o700]
        atomic.write_text(shared, "x", shared=True)
        assert (mode(shared), mode(shared.parent)) == (0o644, 0o755)
        shared.chmod(0o640)
        atomic.write_text(shared, "y", shared=True)
        assert (mode(shared), shared.read_text()) == (0o640, "y")
    finally:
        os.umask(before)


# What killed processes leave

WRITE = """
import pathlib, sys
from lstmterm import atomic
with atomic.writing(pathlib.Path(sys.argv[1])) as file:
    file.write(b"half")
    file.flush()
    print("written", flush=True)
    sys.stdin.read()
"""


def test_what_a_killed_process_left_is_swept_and_that_of_a_living_one_stays(tmp_path: Path) -> None:
    def writer() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", WRITE, str(tmp_path / "file")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        return process

    killed, living = writer(), writer()
    killed.kill()
    killed.wait()
    assert len(list(tmp_path.iterdir())) == 2
    with atomic.temporary_folder(tmp_path / "folder"):
        assert len(list(tmp_path.iterdir())) == 2, "the killed one's file is gone, the others are there"
        atomic.sweep.cache_clear()
        atomic.write_bytes(tmp_path / "other", b"x")
        assert len(list(tmp_path.iterdir())) == 3
    living.communicate("")
    assert living.returncode == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "other"]


def test_a_file_that_is_swept_before_it_is_locked_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create, made = atomic._new_file, []

    def swept_once(mode: int, path: Path) -> int:
        descriptor = create(mode, path)
        if not made:
            path.unlink()
        made.append(path)
        return descriptor

    monkeypatch.setattr(atomic, "_new_file", swept_once)
    atomic.write_bytes(tmp_path / "file", b"x")
    assert len(made) == 2
    assert (tmp_path / "file").read_bytes() == b"x"


# What 0.1.0 left


def test_a_folder_of_0_1_0_is_made_private_and_swept_when_it_is_next_written_to(tmp_path: Path) -> None:
    folder, outside = tmp_path / "models", tmp_path / "outside"
    abandoned, unknown = ".bard.safetensors.0123456789ab.tmp", ".notes.tmp"
    for made in (folder, folder / "inside", outside, folder / ".0123456789ab.new"):
        made.mkdir()
    files = [folder / "old", folder / "inside" / "file", outside / "linked", outside / "hard"]
    temporary = [folder / abandoned, folder / ".new.safetensors.ba9876543210.tmp", folder / unknown]
    for file in (*files, *temporary):
        file.write_text("x")
    for path in (*tmp_path.rglob("*"),):
        path.chmod(0o755 if path.is_dir() else 0o644)
    (folder / "link").symlink_to(outside / "linked")
    (folder / "away").symlink_to(outside)
    os.link(outside / "hard", folder / "hard")
    yesterday = time.time() - 2 * 86_400
    for old in (abandoned, unknown, ".0123456789ab.new"):
        os.utime(folder / old, (yesterday, yesterday))

    atomic.write_text(folder / "new", "x")
    assert [mode(p) for p in (folder, folder / "old", folder / "new")] == [0o700, 0o600, 0o600]
    assert [mode(p) for p in (folder / "inside", folder / "inside" / "file")] == [0o755, 0o644]
    assert [mode(p) for p in (outside, *outside.iterdir())] == [0o755, 0o644, 0o644]
    assert not (folder / abandoned).exists()
    assert not (folder / ".0123456789ab.new").exists()
    assert all(path.exists() for path in temporary[1:]), "one that is new, and one of something else"

    linked = tmp_path / "moved"
    linked.symlink_to(outside)
    atomic.write_text(linked / "file", "x")
    assert mode(outside) == 0o755
    atomic.write_text(outside / "export", "x", shared=True)
    assert mode(outside) == 0o755


def test_the_innermost_file_that_could_not_be_written_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(atomic.WriteError, match=r"Cannot write .*inner"),
        atomic.explaining(tmp_path / "outer"),
        atomic.explaining(tmp_path / "inner"),
    ):
        raise OSError(errno.EIO, "Input/output error")
