"""A text is encoded once, and a damaged entry is never used."""

import gzip
import hashlib
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from lstmterm import paths
from lstmterm.corpora import cache, encode
from lstmterm.corpora.corpus import open_corpus
from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.errors import InputError
from tests.corpora.files import write, write_zip


def test_the_second_opening_only_hashes_and_maps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "again and again\r\n")
    first = open_corpus(path)
    monkeypatch.setattr(encode, "encode", lambda *_: pytest.fail("it was read again"))
    second = open_corpus(path)
    assert (second.ids == first.ids).all()
    assert (second.vocabulary, second.notes, second.encoding) == (
        first.vocabulary,
        first.notes,
        first.encoding,
    )


@pytest.mark.parametrize("content", [b"", b"a", b"\0\1\2\0"])
def test_a_text_that_is_refused_leaves_nothing(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "bad.txt"
    file.write_bytes(content)
    with pytest.raises(InputError):
        open_corpus(str(file))
    assert [path.name for path in paths.encoded().iterdir()] == []


def test_options_and_content_make_entries_of_their_own(tmp_path: Path) -> None:
    path = write(tmp_path, "e\u0301\r\n" * 9)
    lengths = {
        len(open_corpus(path)),
        len(open_corpus(path, nfc=True)),
        len(open_corpus(path, raw_newlines=True)),
        len(open_corpus(path, level="byte")),
    }
    assert lengths == {27, 18, 36, 45}
    write(tmp_path, "other")
    assert len(open_corpus(path)) == 5


@pytest.mark.parametrize(
    "what", ["cut off", "overwritten", "lost", "facts cut off", "facts of another kind", "newer"]
)
def test_a_damaged_entry_is_encoded_again(tmp_path: Path, what: str) -> None:
    path = write(tmp_path, "a text that stays as it is\n" * 20)
    before = np.array(open_corpus(path).ids)
    (array,) = paths.encoded().glob("*.ids")
    (facts,) = paths.encoded().glob("*.json")
    time.sleep(0.02)  # file systems count time in steps
    match what:
        case "cut off":
            status = array.stat()
            os.truncate(array, 100)
            os.utime(array, ns=(status.st_atime_ns, status.st_mtime_ns))
        case "overwritten":
            array.write_bytes(bytes(len(before)))
        case "lost":
            array.unlink()
        case "facts cut off":
            os.truncate(facts, 30)
        case "facts of another kind":
            facts.write_text("[]")
        case "newer":
            facts.write_text(json.dumps(json.loads(facts.read_text()) | {"format": cache.FORMAT + 1}))
    assert (open_corpus(path).ids == before).all()


def test_facts_are_written_after_the_whole_array(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "abc" * 100)

    def fail(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(cache.atomic, "write_text", fail)
    with pytest.raises(OSError, match="no space"):
        open_corpus(path)
    assert not list(paths.encoded().glob("*.json"))
    monkeypatch.undo()
    monkeypatch.setenv("LSTMTERM_HOME", str(tmp_path / "home"))
    assert len(open_corpus(path)) == 300


def test_two_at_once_make_one_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "shared by two\n" * 5_000)
    made = []
    unpatched = encode.encode

    def counted(*arguments: object) -> cache.Encoded:
        made.append(1)
        return unpatched(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(encode, "encode", counted)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: open_corpus(path), range(4)))
    assert len(made) == 1
    assert all((corpus.ids == found[0].ids).all() for corpus in found)


def test_the_format_is_raised_when_another_text_is_read_from_the_same_bytes(tmp_path: Path) -> None:
    """If this fails, raise `FORMAT` in `corpora/cache.py`, or users keep the old text; then correct the pair."""
    samples = {
        "plain.txt": "Ein Café — \N{GREEK SMALL LETTER ALPHA}\r\nnext\rlast\n".encode(),
        "latin.txt": ("d\xe9j\xe0 vu, na\xefve caf\xe9s " * 40).encode("cp1252"),
        "wide.txt": "wide text\r\n".encode("utf-16"),
        "packed.txt.gz": gzip.compress(b"packed\r\ntext\n", mtime=0),
    }
    for name, content in samples.items():
        (tmp_path / name).write_bytes(content)
    names = [*samples, "book.epub"]
    package = b"""<package xmlns="http://www.idpf.org/2007/opf"><manifest><item id="a" href="a.xhtml"/></manifest>
        <spine><itemref idref="a"/></spine></package>"""
    members = {
        "META-INF/container.xml": b'<container><rootfiles><rootfile full-path="p.opf"/></rootfiles></container>',
        "p.opf": package,
        "a.xhtml": b"<h1>One</h1><p>One &amp; <b>two</b>.</p><p>Three<br/>four</p>",
    }
    write_zip(tmp_path / "book.epub", members)
    digests = "".join(open_corpus(str(tmp_path / name)).digest for name in names)
    assert (cache.FORMAT, hashlib.sha256(digests.encode()).hexdigest()[:16]) == (3, "cac43293f5353595")


def test_an_entry_that_changes_while_it_is_written_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "load", lambda _: None)
    facts = cache.Facts(Vocabulary("ab"), "utf-8", ())
    with pytest.raises(OSError, match="changed while it was written"):
        cache.store("k", [np.array([0, 1])], np.dtype("u1"), facts)
