"""Symbols as text: bytes, and strings that stop it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.infer.spelling import Spelling


def test_bytes_come_out_when_their_character_is_whole() -> None:
    spelling = Spelling(Vocabulary.bytes())
    assert [spelling.add(b) for b in "aé".encode()] == ["a", "", "é"]
    assert [spelling.add(b) for b in b"\xff\xe2\x98"] == ["\udcff", "", ""]
    assert spelling.end().encode("utf-8", "surrogateescape") == b"\xe2\x98"


@settings(max_examples=100)
@given(text=st.text("ab", max_size=30), stop=st.text("ab", min_size=1, max_size=5))
def test_stopping_finds_the_first_stop_however_it_overlaps(text: str, stop: str) -> None:
    letters = Vocabulary("ab")
    spelling = Spelling(letters, stop)
    shown = ""
    for letter in text:
        if not spelling.stopped:
            shown += spelling.add(letters.symbols.index(letter))
    assert shown + spelling.end() == text.partition(stop)[0]
    assert spelling.stopped == (stop in text)
