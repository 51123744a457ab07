"""Symbols as text: bytes, and strings that stop it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.infer.spelling import Spelling
from lstmterm.infer.unit_count import UnitCount


def test_bytes_come_out_when_their_character_is_whole() -> None:
    spelling = Spelling(Vocabulary.bytes())
    assert [spelling.add(b) for b in "aé".encode()] == ["a", "", "é"]
    assert [spelling.add(b) for b in b"\xff\xe2\x98"] == ["\udcff", "", ""]
    assert spelling.end().encode("utf-8", "surrogateescape") == b"\xe2\x98"


@settings(max_examples=200)
@given(text=st.text("ab", max_size=30), stops=st.lists(st.text("ab", min_size=1, max_size=5), max_size=3))
def test_stopping_finds_the_first_stop_however_they_overlap(text: str, stops: list[str]) -> None:
    letters = Vocabulary("ab")
    spelling = Spelling(letters, stops)
    shown = ""
    for letter in text:
        if not spelling.stopped:
            shown += spelling.add(letters.symbols.index(letter))
    ends = [k for k in range(len(text) + 1) if text[:k].endswith(tuple(stops))] if stops else []
    whole = text if not ends else text[: min(text.find(stop) for stop in stops if stop in text[: ends[0]])]
    assert shown + spelling.end() == whole
    assert spelling.stopped == bool(ends)


def test_text_that_may_begin_a_stop_is_held_back_and_still_counted() -> None:
    letters = Vocabulary("a\n")
    spelling = Spelling(letters, ("\n\n",), UnitCount("lines"))
    assert [spelling.add(letters.symbols.index(c)) for c in "a\n"] == ["a", ""]
    assert spelling.units == 1
    assert spelling.end() == "\n"
