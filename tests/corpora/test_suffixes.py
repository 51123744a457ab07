"""Suffix arrays, against plain sorting and plain search."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lstmterm.corpora.suffixes import longest_match, matches, suffix_array

texts = st.one_of(
    st.lists(st.integers(0, 2), min_size=1, max_size=80),
    st.lists(st.integers(0, 200), min_size=1, max_size=80),
    st.builds(lambda part, times: part * times, st.lists(st.integers(0, 2), min_size=1), st.integers(1, 9)),
)


@given(texts, st.sampled_from([np.uint8, np.uint16, np.uint32]))
def test_positions_are_in_the_order_of_their_suffixes(text: list[int], dtype: type) -> None:
    assert suffix_array(np.array(text, dtype)).tolist() == sorted(range(len(text)), key=lambda i: text[i:])


def test_characters_of_a_large_vocabulary_are_sorted() -> None:
    text = np.random.default_rng(0).integers(0, 1_114_111, 3_000, dtype=np.uint32)
    text[1000:1100] = text[:100]
    listed = text.tolist()
    assert suffix_array(text).tolist() == sorted(range(len(text)), key=lambda i: listed[i : i + 200])


@given(texts, texts, st.integers(1, 20))
def test_matches_are_those_of_a_plain_search(text: list[int], wanted: list[int], most: int) -> None:
    ids, searched = np.array(text, np.uint8), np.array(wanted, np.int64)
    order = suffix_array(ids)
    starts = np.arange(len(searched))[:: 1 + most % 3]
    lengths, places = matches(ids, order, searched, starts, most)
    for start, length, place in zip(starts.tolist(), lengths.tolist(), places.tolist(), strict=True):
        assert length == plain(text, wanted[start : start + most])
        assert text[place : place + length] == wanted[start : start + length]
        whole, at = longest_match(ids, order, searched[start:])
        assert whole == plain(text, wanted[start:])
        assert text[at : at + whole] == wanted[start : start + whole]


def plain(text: list[int], wanted: list[int]) -> int:
    """The longest beginning of `wanted` in `text`."""
    for length in range(len(wanted), 0, -1):
        if any(text[i : i + length] == wanted[:length] for i in range(len(text))):
            return length
    return 0
