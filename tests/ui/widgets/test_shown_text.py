"""A text that grows and is replaced from a character on is as one that was there at once."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lstmterm.ui.widgets.shown_text import ShownText
from lstmterm.ui.widgets.text_parts import Part

ANY = st.text(st.sampled_from("ab  \t\n\r漢é\u0301\u200d👩\x00\ufe0f🇩"), max_size=30)


def facts(shown: ShownText) -> list[object]:
    """All that is drawn of it."""
    rows = shown.rows
    return [
        [(rows.span(row), rows.cells(row)) for row in range(len(rows))],
        bytes(shown.levels),
        [shown.parts.at(position) for position in range(len(shown.text))],
    ]


@settings(max_examples=300)
@given(st.lists(st.tuples(st.integers(0, 60), ANY), max_size=6), st.integers(5, 30), st.booleans())
@example([(0, "aa aaaa\ta\n"), (10, "\na"), (11, "")], 8, False)
def test_rows_levels_and_parts_are_those_of_a_fresh_wrap(
    changes: list[tuple[int, str]], width: int, open_end: bool
) -> None:
    shown = ShownText(open_end=open_end)
    shown.wrap(width)
    whole, levels, names = "", b"", ""
    for number, (position, text) in enumerate(changes):
        position = min(position, len(whole))
        before = facts(shown)[0]
        name, level = "xyz"[number % 3], bytes([number + 1]) * len(text)
        changed = shown.replace_from(position, text, level, [Part(position, position + len(text), name)])
        whole, levels = whole[:position] + text, levels[:position] + level
        names = names[:position] + name * len(text)
        fresh = ShownText(open_end=open_end)
        fresh.wrap(width)
        parts = [Part(k, k + 1, each) for k, each in enumerate(names)]
        fresh.replace_from(0, whole, levels, parts)
        assert facts(shown) == facts(fresh)
        assert before[:changed] == facts(fresh)[0][:changed]  # type: ignore[index]
    shown.wrap(width + 3)
    fresh = ShownText(open_end=open_end)
    fresh.wrap(width + 3)
    fresh.replace_from(0, whole, levels, [Part(k, k + 1, each) for k, each in enumerate(names)])
    assert facts(shown) == facts(fresh)


def test_what_is_beyond_the_position_is_forgotten() -> None:
    shown = ShownText()
    shown.replace_from(0, "abcdefghij")
    shown.colour(bytes(range(10)), [1, 4, 8])
    shown.spans.replace(0, [(0, 2), (3, 6)])
    shown.replace_from(4, "x")
    assert (shown.text, bytes(shown.levels), list(shown.marks)) == ("abcdx", bytes([0, 1, 2, 3, 0]), [1])
    assert list(shown.spans) == [(0, 2)]


def test_there_is_a_level_for_each_character() -> None:
    shown = ShownText()
    with pytest.raises(ValueError, match="2 levels for 1 characters"):
        shown.replace_from(0, "a", bytes(2))
    assert shown.text == ""


def test_a_long_text_grows_without_being_wrapped_again() -> None:
    shown = ShownText(open_end=True)
    shown.replace_from(0, "the sea owes us\n" * 10_000)
    assert shown.replace_from(len(shown.text), "x") > 9990
    assert shown.replace_from(16 * 5000, "x") > 4990
