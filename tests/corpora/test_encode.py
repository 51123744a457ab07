"""A text becomes the same numbers every time, as small as they can be."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lstmterm.corpora.corpus import open_corpus
from lstmterm.errors import InputError
from tests.corpora.files import write


@pytest.mark.parametrize(
    ("characters", "dtype"),
    [(256, np.uint8), (257, np.uint16), (65_536 - 2_048, np.uint16), (70_000, np.uint32)],
)
def test_the_numbers_are_as_small_as_they_can_be(tmp_path: Path, characters: int, dtype: type) -> None:
    codes = [code for code in range(0x20, 0x20000) if not 0x7F <= code < 0xA0 and not 0xD800 <= code < 0xE000]
    text = "".join(map(chr, codes[:characters]))
    corpus = open_corpus(write(tmp_path, text), raw_newlines=True)
    assert corpus.ids.dtype == dtype
    assert corpus.text(0, len(corpus)) == text


def test_a_rare_character_becomes_the_unknown_symbol(tmp_path: Path) -> None:
    corpus = open_corpus(write(tmp_path, "aaaabbbccx"), vocab_limit=3)
    assert corpus.vocabulary.symbols == "abc"
    assert corpus.ids.tolist() == [0] * 4 + [1] * 3 + [2] * 2 + [3]
    assert "1 in the text (10.000%)" in corpus.notes[0]
    alike = "".join(map(chr, range(0x4E00, 0x4E00 + 900)))
    ties = open_corpus(write(tmp_path, alike[::-1] + alike[::2] * 2), vocab_limit=600)
    assert ties.vocabulary.symbols == "".join(sorted(alike[::2] + alike[1:300:2]))
    assert open_corpus(write(tmp_path, "dcba"), vocab_limit=4).notes == ()


def test_bytes_are_taken_as_they_are(tmp_path: Path) -> None:
    data = bytes(range(256)) * 3 + b"\r\n"
    corpus = open_corpus(write(tmp_path, data, "it.bin"), level="byte")
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
            open_corpus(write(tmp_path, data), level="byte", **options)


@pytest.mark.parametrize(
    ("data", "message"), [("", "is empty"), ("x", "one character"), ("\ufeff", "is empty")]
)
def test_a_text_that_is_too_short_is_refused(tmp_path: Path, data: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        open_corpus(write(tmp_path, data))


def test_notes_say_what_was_done(tmp_path: Path) -> None:
    notes = open_corpus(write(tmp_path, "café au lait, déjà vu\r\nça va\r".encode("cp1252"))).notes
    assert re.search(r"appears to be windows-1252, which is uncertain.* \(--encoding", notes[0])
    assert "1 CRLF and 1 CR line endings became LF" in notes[1]


def test_lone_surrogates_are_replaced(tmp_path: Path) -> None:
    corpus = open_corpus(write(tmp_path, rb"a\ud800b"), encoding="unicode_escape")
    assert corpus.text(0, 3) == "a\ufffdb"
