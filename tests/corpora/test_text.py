"""One way to read text: a file or a pipe, packed or not, in any encoding, read again or while it comes."""

import gzip
import io
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from lstmterm.corpora import documents, normalising
from lstmterm.corpora.decoding import DecodeOptions
from lstmterm.corpora.detecting import NotTextError
from lstmterm.corpora.documents import Document
from lstmterm.corpora.text import Text, open_file
from lstmterm.errors import InputError
from tests.corpora.files import write_zip

_FRENCH = "Où est le cœur déçu ?\nDéjà là, naïf.\n"
_OPTIONS = DecodeOptions()


def _from_pipe(data: bytes, monkeypatch: pytest.MonkeyPatch, *, live: bool) -> Text:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(data))))  # type: ignore[arg-type]
    return open_file("-", _OPTIONS, live=live)


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252"])
def test_a_pipe_is_read_in_its_encoding(codec: str, live: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    text = _from_pipe(_FRENCH.encode(codec), monkeypatch, live=live)
    assert "".join(text.pieces()) == _FRENCH
    assert bool(text.notes()) == (codec != "utf-8")


def test_the_first_bytes_beyond_ascii_decide_while_a_text_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    text = _from_pipe(b"plain\n" * 400_000 + b"it\x92s\n", monkeypatch, live=True)
    assert "".join(text.pieces()).endswith("plain\nit’s\n")
    assert "appears to be windows-1252" in text.notes()[0]


def test_what_has_come_is_read_at_once() -> None:
    reading, writing = os.pipe()
    with open(reading, "rb") as stream, open(writing, "wb", buffering=0) as typed:
        from lstmterm.corpora import documents

        pieces = Text("it", [documents.live(stream, "it")], _OPTIONS).pieces()
        typed.write(b"one\n")
        assert next(pieces) == "one\n"
        threading.Timer(0.05, typed.write, ["zwölf\n".encode()]).start()
        assert next(pieces) == "zwölf\n"


@pytest.mark.parametrize(
    "pack",
    [
        lambda folder, data: (folder / "a.txt").write_bytes(data),
        lambda folder, data: (folder / "a.txt.gz").write_bytes(gzip.compress(data)),
        lambda folder, data: write_zip(folder / "a.zip", {"a.txt": data}),
    ],
    ids=["as it is", "gzip", "zip"],
)
def test_a_file_is_unpacked_and_decoded(pack: Callable[[Path, bytes], object], tmp_path: Path) -> None:
    pack(tmp_path, _FRENCH.encode("cp1252"))
    (path,) = tmp_path.iterdir()
    text = open_file(str(path), _OPTIONS)
    assert "".join(text.pieces()) == "".join(text.pieces()) == _FRENCH
    assert text.suffix == ".txt"


def test_lines_keep_their_ends_and_have_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"one\r\n\ntwo\x0cthree\rfour")
    text = open_file(str(path), DecodeOptions(raw_newlines=True))
    assert list(text.lines()) == ["one\r\n", "\n", "two\x0cthree\rfour"]
    monkeypatch.setattr(normalising, "LONGEST_LINE", 10)
    with pytest.raises(InputError, match=r"a.txt, line 3: longer than 10 characters"):
        list(text.lines())


def test_a_mark_is_kept_if_it_must_be(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("\ufeffone".encode())
    kept = open_file(str(path), DecodeOptions(keep_mark=True))
    assert ("".join(kept.pieces()), kept.notes()) == ("\ufeffone", [])
    assert "".join(open_file(str(path), _OPTIONS).pieces()) == "one"


def test_what_is_no_text_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.bin").write_bytes(bytes(range(256)))
    for argument, message in (
        (str(tmp_path / "none.txt"), "There is no file"),
        (str(tmp_path), "is a folder"),
        (str(tmp_path / "a.bin"), "is a binary file"),
        ("a\0b.txt", "cannot be read"),
    ):
        with pytest.raises(InputError, match=message):
            open_file(argument, _OPTIONS)
    with pytest.raises(NotTextError, match="standard input is a binary file"):
        list(_from_pipe(bytes(range(256)), monkeypatch, live=True).pieces())


def test_a_pipe_is_read_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for live in (False, True):
        writer = threading.Thread(target=pipe.write_bytes, args=("Gr\u00fc\u00dfe\n".encode("utf-16"),))
        writer.start()
        assert "".join(open_file(str(pipe), DecodeOptions(), live=live).pieces()) == "Gr\u00fc\u00dfe\n"
        writer.join()


def test_bytes_that_come_one_at_a_time_are_decoded_by_their_mark() -> None:
    class Slow(io.RawIOBase):
        rest = bytearray("\u00fc\n".encode("utf-16"))

        def read1(self, _: int = -1) -> bytes:
            return bytes([self.rest.pop(0)]) if self.rest else b""

    document = documents.live(Slow(), "slow")  # type: ignore[arg-type]
    assert "".join(Text("slow", [document], DecodeOptions()).pieces()) == "\u00fc\n"


def test_only_binary_files_are_refused(tmp_path: Path) -> None:
    found = [Document.of_bytes(name, bytes(range(32)) * 9) for name in ("a", "b")]
    with pytest.raises(InputError, match="it has only binary files"):
        Text("it", found, DecodeOptions())
