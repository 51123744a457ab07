"""Files without a name, in the cache or where there is room without one."""

import errno
import os
import tempfile
from pathlib import Path

import pytest

from lstmterm import atomic, paths
from lstmterm.corpora import scratch
from lstmterm.corpora.corpus import open_corpus
from tests.corpora.files import write


def test_a_file_without_a_name_is_in_the_cache(home: Path) -> None:
    with scratch.file() as file:
        file.write(b"text")
        assert scratch.folder() == paths.encoded()
        assert list(paths.encoded().iterdir()) == []


def test_without_a_cache_a_text_is_read_the_same_and_nothing_is_left(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, "again and again\r\n")
    kept = open_corpus(path)
    files = set(tmp_path.rglob("*"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for raised in (errno.EROFS, errno.EACCES, errno.ENOENT):
        monkeypatch.setenv("LSTMTERM_HOME", str(tmp_path / "other"))

        def refuse(*_: object, error: int = raised) -> None:
            raise OSError(error, os.strerror(error))

        with monkeypatch.context() as patch:
            patch.setattr(os, "mkdir", refuse)
            assert scratch.folder() == tmp_path
            found = open_corpus(path)
        assert (found.ids == kept.ids).all()
        assert (found.ids.dtype, found.digest, found.sha256) == (kept.ids.dtype, kept.digest, kept.sha256)
    assert set(tmp_path.rglob("*")) == files


def test_a_full_disk_is_not_moved_to_another(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "mkdir", full)
    with pytest.raises(atomic.WriteError, match="Free some space"):
        scratch.file()
