"""A text opens by its name or path, with the same content every time, and in little memory."""

import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lstmterm import paths
from lstmterm.corpora import cache, encode
from lstmterm.corpora.corpus import open_corpus, open_text
from lstmterm.corpora.documents import Document
from lstmterm.corpora.readers import READERS
from lstmterm.errors import InputError
from lstmterm.spec.character import TextPart
from tests.corpora.files import write


def test_a_files_numbers_give_back_its_text(tmp_path: Path) -> None:
    text = "Zwölf Boxkämpfer jagen Eva quer über den Sylter Deich. 🎉\n" * 50
    corpus = open_corpus(write(tmp_path, text))
    assert corpus.text(0, len(corpus)) == corpus.vocabulary.decode(corpus.ids) == text
    assert corpus.vocabulary.symbols == "".join(sorted(set(text)))
    assert (corpus.name, corpus.encoding, corpus.notes) == ("it", "utf-8", ())
    assert isinstance(corpus.ids, np.memmap)
    assert not corpus.ids.flags.writeable
    assert corpus.ids.dtype == np.uint8


def test_a_file_that_changes_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, "before\n" * 10)
    unpatched = encode.encode

    def changing(*arguments: object) -> cache.Encoded:
        write(tmp_path, "after it\n" * 10)
        return unpatched(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(encode, "encode", changing)
    with pytest.raises(InputError, match="changed while it was read"):
        open_corpus(path)
    assert not list(paths.encoded().glob("*.json"))


def test_the_wrong_content_is_refused_and_the_lost_one_remembered(tmp_path: Path) -> None:
    path = write(tmp_path, "the first text\n")
    first = open_corpus(path)
    assert open_corpus(path, sha256=first.sha256).sha256 == first.sha256
    write(tmp_path, "the second text\n")
    with pytest.raises(InputError, match="has changed"):
        open_corpus(path, sha256=first.sha256)
    Path(path).unlink()
    lost = open_corpus(path, sha256=first.sha256)
    assert (lost.ids == first.ids).all()
    assert "from the cache" in lost.notes[0]
    with pytest.raises(InputError, match="no file"):
        open_corpus(path, sha256="0" * 64)


def test_a_pipe_is_read(tmp_path: Path) -> None:
    code = (
        "from lstmterm.corpora.corpus import open_corpus; c = open_corpus('-'); "
        "assert open_corpus('-', sha256=c.sha256).name == c.name; print(c.name, c.text(0, 9), c.sha256[:4])"
    )
    done = subprocess.run([sys.executable, "-c", code], input=b"from afar", capture_output=True, check=True)
    assert done.stdout.decode().startswith("stdin from afar")


_MEASURED = """
import sys, threading, time
from lstmterm.corpora.corpus import open_corpus
peak = 0
def watch():
    global peak
    while True:
        with open("/proc/self/status") as file:
            peak = max(peak, *(int(line.split()[1]) for line in file if line.startswith("RssAnon")))
        time.sleep(0.01)
threading.Thread(target=watch, daemon=True).start()
corpus = open_corpus(sys.argv[1])
time.sleep(0.03)
print(len(corpus), peak // 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_does_not_grow_with_one_endless_line(tmp_path: Path) -> None:
    path = tmp_path / "line.txt"
    with open(path, "wb") as file:
        for _ in range(60):
            file.write("endless ü ".encode() * 100_000)
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, str(path)], capture_output=True, check=True, text=True
    )
    length, megabytes = map(int, done.stdout.split())
    assert length == 60_000_000
    assert megabytes < 80


def test_a_text_that_is_read_differently_is_not_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.notes"
    path.write_text("some notes, as they are\n" * 3)
    corpus = open_corpus(str(path))
    text = TextPart(source=str(path), name="a", sha256=corpus.sha256, digest=corpus.digest)
    assert open_text(text).digest == corpus.digest

    def upper(path: Path) -> list[Document]:
        return [dataclasses.replace(Document.of_file(path), to_plain=str.upper)]

    monkeypatch.setitem(READERS, ".notes", upper)
    with pytest.raises(InputError, match=r"a\.notes is unchanged, but .* reads another text from it"):
        open_text(text)
