"""Parts and stretches of a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmterm.ui.widgets.text_parts import Part, Parts, Spans


def names(parts: Parts, length: int) -> str:
    return "".join(parts.at(position) or "-" for position in range(length))


def test_a_character_has_the_name_of_its_part() -> None:
    parts = Parts([Part(1, 3, "a"), Part(3, 5, "b"), Part(6, 6, "c"), Part(6, 8, "b")])
    assert names(parts, 10) == "-aabb-bb--"
    with pytest.raises(ValueError, match="begins at 7, within"):
        parts.add(Part(7, 9, "a"))
    parts.cut(4)
    assert names(parts, 6) == "-aab--"
    parts.add(Part(4, 6, "a"))
    assert names(parts, 6) == "-aabaa"
    parts.cut(0)
    assert names(parts, 3) == "---"


def test_a_part_that_grows_stays_one() -> None:
    parts = Parts()
    for position in range(1000):
        parts.add(Part(position, position + 1, "a"))
    assert len(parts._starts) == 1


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4), st.sampled_from("ab"))), st.integers(0, 30))
def test_parts_are_as_written_one_by_one(pieces: list[tuple[int, int, str]], cut: int) -> None:
    parts, whole = Parts(), ""
    for gap, length, name in pieces:
        start = len(whole) + gap
        parts.add(Part(start, start + length, name))
        if length:
            whole += "-" * gap + name * length
    assert names(parts, len(whole) + 2) == whole + "--"
    parts.cut(cut)
    assert names(parts, len(whole) + 2) == whole[:cut].ljust(len(whole) + 2, "-")


def test_stretches_are_replaced_from_one_on() -> None:
    spans = Spans()
    assert spans.replace(0, [(1, 3), (5, 8), (7, 9)]) == (1, 9)
    assert [spans.at(k) for k in range(10)] == [None, 0, 0, None, None, 1, 1, 1, 2, None]
    assert spans.replace(1, [(5, 8), (7, 9)]) is None
    assert spans.replace(1, [(5, 8), (7, 12)]) == (7, 12), "only what is another way"
    assert spans.replace(0, [(1, 3)]) == (5, 12)
    spans.replace(1, [(5, 8)])
    spans.cut(7)
    assert list(spans) == [(1, 3)]
