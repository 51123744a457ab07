"""A text becomes the same numbers every time, in little memory, and says what was done to it."""

import json
import math
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstmterm import paths
from lstmterm.corpora import builtin, encoded, encoding_text, opening, splits
from lstmterm.corpora.opening import open_corpus
from lstmterm.corpora.splits import cut
from lstmterm.errors import InputError


def _file(folder: Path, data: bytes | str, name: str = "it.txt") -> str:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return str(path)


def test_a_files_numbers_give_back_its_text(tmp_path: Path) -> None:
    text = "Zwölf Boxkämpfer jagen Eva quer über den Sylter Deich. 🎉\n" * 50
    corpus = open_corpus(_file(tmp_path, text))
    assert corpus.text(0, len(corpus)) == corpus.vocabulary.decode(corpus.ids) == text
    assert corpus.vocabulary.symbols == "".join(sorted(set(text)))
    assert (corpus.name, corpus.encoding, corpus.notes) == ("it", "utf-8", ())
    assert isinstance(corpus.ids, np.memmap)
    assert not corpus.ids.flags.writeable
    assert corpus.ids.dtype == np.uint8


@pytest.mark.parametrize(
    ("characters", "dtype"),
    [(256, np.uint8), (257, np.uint16), (65_536 - 2_048, np.uint16), (70_000, np.uint32)],
)
def test_the_numbers_are_as_small_as_they_can_be(tmp_path: Path, characters: int, dtype: type) -> None:
    codes = [code for code in range(0x20, 0x20000) if not 0x7F <= code < 0xA0 and not 0xD800 <= code < 0xE000]
    text = "".join(map(chr, codes[:characters]))
    corpus = open_corpus(_file(tmp_path, text), raw_newlines=True)
    assert corpus.ids.dtype == dtype
    assert corpus.text(0, len(corpus)) == text


def test_the_second_opening_only_hashes_and_maps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _file(tmp_path, "again and again\r\n")
    first = open_corpus(path)
    monkeypatch.setattr(encoding_text, "encode", lambda *_: pytest.fail("it was read again"))
    second = open_corpus(path)
    assert (second.ids == first.ids).all()
    assert (second.vocabulary, second.notes, second.encoding) == (
        first.vocabulary,
        first.notes,
        first.encoding,
    )


def test_options_and_content_make_entries_of_their_own(tmp_path: Path) -> None:
    path = _file(tmp_path, "e\u0301\r\n" * 9)
    lengths = {
        len(open_corpus(path)),
        len(open_corpus(path, nfc=True)),
        len(open_corpus(path, raw_newlines=True)),
        len(open_corpus(path, level="byte")),
    }
    assert lengths == {27, 18, 36, 45}
    _file(tmp_path, "other")
    assert len(open_corpus(path)) == 5


@pytest.mark.parametrize(
    "what", ["cut off", "overwritten", "lost", "facts cut off", "facts of another kind", "newer"]
)
def test_a_spoiled_entry_is_made_anew(tmp_path: Path, what: str) -> None:
    path = _file(tmp_path, "a text that stays as it is\n" * 20)
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
            facts.write_text(json.dumps(json.loads(facts.read_text()) | {"format": encoded.FORMAT + 1}))
    assert (open_corpus(path).ids == before).all()


def test_facts_are_written_after_the_whole_array(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _file(tmp_path, "abc" * 100)

    def fail(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(encoded.atomic, "write_text", fail)
    with pytest.raises(OSError, match="no space"):
        open_corpus(path)
    assert not list(paths.encoded().glob("*.json"))
    monkeypatch.undo()
    monkeypatch.setenv("LSTMTERM_HOME", str(tmp_path / "home"))
    assert len(open_corpus(path)) == 300


def test_two_at_once_make_one_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _file(tmp_path, "shared by two\n" * 5_000)
    made = []
    encode = encoding_text.encode

    def counted(*arguments: object) -> encoded.Encoded:
        made.append(1)
        return encode(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(encoding_text, "encode", counted)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: open_corpus(path), range(4)))
    assert len(made) == 1
    assert all((corpus.ids == found[0].ids).all() for corpus in found)


def test_a_file_that_changes_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _file(tmp_path, "before\n" * 10)
    encode = encoding_text.encode

    def changing(*arguments: object) -> encoded.Encoded:
        _file(tmp_path, "after it\n" * 10)
        return encode(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(encoding_text, "encode", changing)
    with pytest.raises(InputError, match="changed while it was read"):
        open_corpus(path)
    assert not list(paths.encoded().glob("*.json"))


def test_a_rare_character_becomes_the_unknown_symbol(tmp_path: Path) -> None:
    corpus = open_corpus(_file(tmp_path, "aaaabbbccx"), vocab_limit=3)
    assert corpus.vocabulary.symbols == "abc"
    assert corpus.ids.tolist() == [0] * 4 + [1] * 3 + [2] * 2 + [3]
    assert "1 in the text (10.000%)" in corpus.notes[0]
    alike = "".join(map(chr, range(0x4E00, 0x4E00 + 900)))
    ties = open_corpus(_file(tmp_path, alike[::-1] + alike[::2] * 2), vocab_limit=600)
    assert ties.vocabulary.symbols == "".join(sorted(alike[::2] + alike[1:300:2]))
    assert open_corpus(_file(tmp_path, "dcba"), vocab_limit=4).notes == ()


def test_bytes_are_taken_as_they_are(tmp_path: Path) -> None:
    data = bytes(range(256)) * 3 + b"\r\n"
    corpus = open_corpus(_file(tmp_path, data, "it.bin"), level="byte")
    assert corpus.ids.tobytes() == data
    assert len(corpus.vocabulary) == 256
    refused: list[dict[str, Any]] = [
        {"nfc": True},
        {"encoding": "utf-8"},
        {"vocab_limit": 9},
        {"raw_newlines": True},
    ]
    for options in refused:
        with pytest.raises(InputError, match="--level byte"):
            open_corpus(_file(tmp_path, data), level="byte", **options)


@pytest.mark.parametrize(("data", "said"), [("", "is empty"), ("x", "one character"), ("\ufeff", "is empty")])
def test_what_is_too_short_is_refused(tmp_path: Path, data: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        open_corpus(_file(tmp_path, data))


def test_notes_say_what_was_done(tmp_path: Path) -> None:
    notes = open_corpus(_file(tmp_path, "café au lait, déjà vu\r\nça va\r".encode("cp1252"))).notes
    assert re.search(r"detected as \S+; --encoding", notes[0])
    assert "1 CRLF and 1 CR line ends became LF" in notes[1]


def test_lone_surrogates_do_not_get_in(tmp_path: Path) -> None:
    corpus = open_corpus(_file(tmp_path, rb"a\ud800b"), encoding="unicode_escape")
    assert corpus.text(0, 3) == "a\ufffdb"


def test_the_wrong_content_is_refused_and_the_lost_one_remembered(tmp_path: Path) -> None:
    path = _file(tmp_path, "the first text\n")
    first = open_corpus(path)
    assert open_corpus(path, expected_sha256=first.sha256).sha256 == first.sha256
    _file(tmp_path, "the second text\n")
    with pytest.raises(InputError, match="not the text that it was"):
        open_corpus(path, expected_sha256=first.sha256)
    Path(path).unlink()
    lost = open_corpus(path, expected_sha256=first.sha256)
    assert (lost.ids == first.ids).all()
    assert "from the cache" in lost.notes[0]
    with pytest.raises(InputError, match="no file"):
        open_corpus(path, expected_sha256="0" * 64)


def test_a_pipe_is_read(tmp_path: Path) -> None:
    code = (
        "from lstmterm.corpora.opening import open_corpus; c = open_corpus('-'); "
        "assert open_corpus('-', expected_sha256=c.sha256).name == c.name; print(c.name, c.text(0, 9), c.sha256[:4])"
    )
    done = subprocess.run([sys.executable, "-c", code], input=b"from afar", capture_output=True, check=True)
    assert done.stdout.decode().startswith("stdin from afar")


# Names


def test_every_built_in_text_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in builtin.NAMES:
        corpus = open_corpus(name)
        assert (corpus.name, corpus.source) == (name, name)
        assert len(corpus) > 50_000
        assert (corpus.floor is not None) == (name == "reber")
    assert opening.DEFAULT in builtin.NAMES


def test_a_python_without_its_topics_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pydoc_data.topics", None)
    with pytest.raises(InputError, match="pydoc_data"):
        open_corpus("python-docs")


def test_the_library_is_without_its_tests() -> None:
    names = {document.name for document in builtin.read("python-stdlib").documents}
    assert "json/decoder.py" in names
    assert not [name for name in names if "site-packages" in name or "/test" in name]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("harbor", "near it are harbour"),
        ("tinyshakespeare", "lstmterm corpora fetch tinyshakespeare"),
        ("notes", r"\./notes"),
        ("zzzzzz", "lstmterm corpora"),
        ("./none.txt", "no file"),
        ("", "empty"),
    ],
)
def test_a_name_that_means_nothing_gets_a_hint(
    name: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes").mkdir()
    with pytest.raises(ValueError, match=said) as caught:
        open_corpus(name)
    assert caught.value.exit_code == 2  # type: ignore[attr-defined]


# Splits


def test_a_tenth_of_tinyshakespeare_is_its_last_111539_characters() -> None:
    split = cut(1_115_394, 0.1, 0)
    assert split == splits.Split((0, 1_003_855), (1_003_855, 1_115_394), (1_115_394, 1_115_394))


@settings(deadline=None)
@given(
    st.integers(200, 10_000_000),
    st.floats(0.05, 0.4),
    st.floats(0.05, 0.4),
    st.sampled_from([0, 100, 200_000]),
)
def test_the_parts_follow_each_other_and_lose_nothing(n: int, val: float, test: float, cap: int) -> None:
    split = cut(n, val, test, cap)
    assert split.train[0] == 0
    assert (split.train[1], split.val[1], split.test[1]) == (split.val[0], split.test[0], n)
    for (start, stop), share in ((split.val, val), (split.test, test)):
        assert stop - start == min(math.floor(n * share), cap or n)


def test_both_shares_may_be_zero() -> None:
    assert cut(10, 0, 0) == splits.Split((0, 10), (10, 10), (10, 10))


@pytest.mark.parametrize(
    ("n", "val", "test"), [(10, 0.05, 0), (10, 0, 0.1), (1, 0, 0), (9, 0.5, 0.5), (9, -0.1, 0), (9, 1, 0)]
)
def test_a_split_that_cannot_be_is_refused(n: int, val: float, test: float) -> None:
    with pytest.raises(InputError):
        cut(n, val, test)


# Size

_MEASURED = """
import sys, threading, time
from lstmterm.corpora.opening import open_corpus
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
