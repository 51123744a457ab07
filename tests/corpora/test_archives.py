"""Archives are unpacked while they are read; damaged and oversized ones are refused before much is done."""

import gzip
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from lstmterm.corpora import archives, documents
from lstmterm.corpora.corpus import open_corpus
from lstmterm.errors import InputError
from tests.corpora.files import text_of, write_zip


def test_a_gzip_file_is_its_text(tmp_path: Path) -> None:
    path = tmp_path / "play.txt.gz"
    path.write_bytes(gzip.compress("Grüße\r\n".encode()))
    assert text_of(path) == "Grüße\n"
    assert open_corpus(str(path)).name == "play"


@pytest.mark.parametrize(
    "spoil", [lambda d: d[:-4], lambda d: d[:40], lambda d: b"text", lambda d: d[:30] + b"!!!!" + d[34:]]
)
def test_a_damaged_gzip_file_is_refused(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "play.gz"
    path.write_bytes(spoil(gzip.compress(os.urandom(99).hex().encode())))
    with pytest.raises(InputError, match="damaged"):
        open_corpus(str(path))


def test_a_zip_files_texts_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    members = {
        "b.txt": "zwei ä".encode("cp1252") * 30,
        "a.txt": b"one\n",
        "x.html": b"<p>",
        "__MACOSX/a.txt": b"no",
    }
    assert text_of(write_zip(tmp_path / "t.zip", members)) == "one\n" + "zwei ä" * 30
    assert text_of(write_zip(tmp_path / "u.zip", {"enwik": b"bare\n"})) == "bare\n"
    assert text_of(tmp_path / "t.zip", glob="**/*.html") == "<p>"


def test_zip_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    whole = write_zip(tmp_path / "t.zip", {"a.txt": os.urandom(500).hex().encode()})
    data = whole.read_bytes()
    encrypted = bytearray(data)
    encrypted[encrypted.find(b"PK\x01\x02") + 8] |= 1
    for spoiled, message in (
        (data[:-30], "damaged"),
        (data[:60] + b"????" + data[64:], "damaged"),
        (encrypted, "encrypted"),
    ):
        whole.write_bytes(spoiled)
        with pytest.raises(InputError, match=message):
            open_corpus(str(whole))


def test_an_archive_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "_ALWAYS_UNPACKED", 1 << 16)
    monkeypatch.setattr(documents, "CHUNK", 1 << 12)
    bomb = b"a" * (1 << 20)
    (tmp_path / "b.gz").write_bytes(gzip.compress(bomb))
    for path in (tmp_path / "b.gz", write_zip(tmp_path / "b.zip", {"a.txt": bomb})):
        with pytest.raises(InputError, match="unpacks to more than"):
            open_corpus(str(path))


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_DEFLATED])
def test_a_zip_file_of_any_method_is_read_or_damaged(tmp_path: Path, method: int) -> None:
    path = tmp_path / "t.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("a.txt", os.urandom(500).hex())
    assert len(text_of(path)) == 1000
    data = bytearray(path.read_bytes())
    for at in range(45, 65):
        data[at] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"damaged|cannot be read"):
        open_corpus(str(path))


def test_an_archive_with_too_many_files_is_refused_before_they_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_zip(tmp_path / "t.zip", {f"{number}.txt": b"x" for number in range(50)})
    monkeypatch.setattr(archives, "_MOST_LISTED", 2_000)
    monkeypatch.setattr(zipfile.ZipFile, "infolist", lambda _: pytest.fail("it was listed"))
    with pytest.raises(InputError, match="has a file list of"):
        open_corpus(str(path))


def test_many_files_are_read_from_one_opened_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_zip(tmp_path / "t.zip", {f"{number}.txt": b"x\n" for number in range(50)})
    opened = []
    made = zipfile.ZipFile.__init__
    monkeypatch.setattr(zipfile.ZipFile, "__init__", lambda self, *a: opened.append(1) or made(self, *a))
    assert text_of(path) == "x\n" * 50
    assert len(opened) == 1


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_what_unpacks_at_once_has_a_lower_limit(tmp_path: Path, method: int) -> None:
    path = tmp_path / "t.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("a.txt", b"a" * 21_000_000)
    with pytest.raises(InputError, match="unpacks to more than 21 MB, over 100 times its packed size"):
        open_corpus(str(path))


def test_a_file_without_a_name_is_left_out(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "t.zip", {"a": b"one\n", "bbb": b"two\n"})
    path.write_bytes(path.read_bytes().replace(b"bbb", b"\0bb"))  # a name ends at a NUL
    assert text_of(path) == "one\n"


def test_a_long_name_makes_no_long_sentence(tmp_path: Path) -> None:
    name = f"{'x' * 60_000}.txt"
    path = tmp_path / "t.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, b"MARKED")
        archive.writestr("b.txt", b"\0\1" * 100)
    whole = path.read_bytes()
    for damaged in (whole.replace(b"MARKED", b"M\0RK\0D"), whole.replace(b"x.txt", b"y.txt", 1)):
        path.write_bytes(damaged)
        with pytest.raises(InputError, match="is damaged") as refused:
            open_corpus(str(path))
        assert len(str(refused.value)) < 600
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, b"\0\1" * 100)
        archive.writestr("b.txt", b"text")
    assert all(len(note) < 600 for note in open_corpus(str(path)).notes)


def test_what_an_archive_holds_too_much_or_nothing_of_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = write_zip(tmp_path / "h.zip", {".a": b"x", "__MACOSX/b.txt": b"x"})
    with pytest.raises(InputError, match=r"h\.zip has no files\.$"):
        open_corpus(str(hidden))
    path = write_zip(tmp_path / "t.zip", {f"{number}.txt": b"x" for number in range(4)})
    with pytest.raises(InputError, match=r"has no file that matches '\*\.py'"):
        open_corpus(str(path), glob="*.py")
    monkeypatch.setattr(archives, "MOST_MEMBERS", 3)
    with pytest.raises(InputError, match="holds 4 files, more than 3"):
        open_corpus(str(path))


def test_a_large_archive_says_elsewhere_how_long_its_list_is(tmp_path: Path) -> None:
    path = tmp_path / "t.zip"
    large = b"PK\x06\x06" + bytes(36) + (2**40).to_bytes(8, "little") + bytes(8)
    path.write_bytes(large + b"PK\x05\x06" + bytes(8) + b"\xff" * 8 + bytes(2))
    with pytest.raises(InputError, match=r"has a file list of 1\.1e\+03 GB"):
        open_corpus(str(path))


def test_an_unknown_method_of_packing_is_named_as_that(tmp_path: Path) -> None:
    path = tmp_path / "t.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", b"text")
    data = bytearray(path.read_bytes())
    data[8] = data[data.rfind(b"PK\x01\x02") + 10] = 9  # Deflate64
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"a\.txt is compressed by an unsupported method"):
        open_corpus(str(path))


def test_a_name_that_is_not_the_utf_8_that_it_says_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "t.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("\u00e9.txt", b"text")
    path.write_bytes(path.read_bytes().replace("\u00e9".encode(), b"\xe9\xe9", 1))  # where the member is
    with pytest.raises(InputError, match="is damaged: 'utf-8' codec"):
        open_corpus(str(path))
