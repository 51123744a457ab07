"""Where characters stand in a wrapped text."""

import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from lstmterm.ui.widgets.text_rows import _NARROW, _SINGLE, TextRows


def shown(text: str, width: int) -> list[str]:
    rows = TextRows(text, width)
    return ["".join(cell.shown for cell in rows.cells(row)) for row in range(len(rows))]


def test_rows_break_after_spaces_and_inside_long_words() -> None:
    assert shown("the sea owes\nus abcdefghijkl", 9) == ["the sea ", "owes↵", "us ", "abcdefgh", "ijkl"]


def test_a_newline_stands_in_the_row_that_it_ends() -> None:
    assert shown("abcdefgh\n\nx\n", 9) == ["abcdefgh↵", "↵", "x↵"]


def test_a_space_may_stand_in_the_last_column() -> None:
    assert shown("abcd efgh ijkl", 10) == ["abcd efgh ", "ijkl"]
    assert shown("äbcd efgh ijkl", 10) == ["äbcd efgh ", "ijkl"]


def test_tabs_reach_to_the_next_stop() -> None:
    rows = TextRows("\ta\tbc\n", 40)
    assert [(c.x, c.width) for c in rows.cells(0)] == [(0, 4), (4, 1), (5, 3), (8, 1), (9, 1), (10, 1)]


def test_combining_characters_are_drawn_with_the_one_before() -> None:
    rows = TextRows("e\u0301a👩\u200d👧b", 40)
    assert [(c.start, c.end, c.x) for c in rows.cells(0)] == [(0, 2, 0), (2, 3, 1), (3, 6, 2), (6, 7, 4)]
    assert rows.column_of(1) == 0
    assert rows.column_of(6) == 4


def test_narrow_characters_are_such() -> None:
    """They may be wrapped by counting them."""
    for character in filter(_NARROW.fullmatch, map(chr, range(0x110000))):
        rows = TextRows(f"a{character}{character}b", 80)
        assert [(c.width, c.shown) for c in rows.cells(0)[1:3]] == [(1, character)] * 2
        assert character == " " or not character.isspace()


def test_single_characters_never_join() -> None:
    for character in filter(_SINGLE.fullmatch, map(chr, range(0x110000))):
        assert regex.findall(r"\X", f"a{character}{character}b") == ["a", character, character, "b"]


@given(st.text(st.sampled_from("ab  éж“-"), max_size=60), st.integers(5, 30))
def test_narrow_characters_are_wrapped_as_others_are(text: str, width: int) -> None:
    rows = TextRows(text, width)
    assert rows._starts == [0, *rows._breaks_of_cells(0, len(text))]


def test_an_open_end_has_a_row_and_a_column() -> None:
    for text, row, column in (("", 0, 0), ("ab", 0, 2), ("ab\n", 1, 0), ("ab\n\n", 2, 0), ("a漢", 0, 3)):
        rows = TextRows(text, 20, open_end=True)
        assert (rows.row_of(len(text)), rows.column_of(len(text))) == (row, column)
        assert rows.position_at(row, 15) == len(text)
        assert len(rows) == row + 1
    assert len(TextRows("ab\n", 20)) == 1


def test_what_has_no_width_gets_a_circle() -> None:
    assert shown("\u0301", 9) == ["◌\u0301"]


def test_control_characters_are_symbols() -> None:
    assert shown("a\x1b[2J\r\n\u202eb\x9b", 20) == ["a␛[2J␍↵", "⇤b\ufffd"]


def test_wide_characters_never_stand_half_in_a_row() -> None:
    assert shown("漢字漢字漢", 6) == ["漢字", "漢字", "漢"]
    rows = TextRows("漢字漢字漢", 6)
    assert [rows.position_at(1, x) for x in range(5)] == [2, 2, 3, 3, 3]


@pytest.mark.parametrize(
    "line", ["x" * 10_000, "wört " * 2_000, "漢" * 10_000, "\t" * 10_000, "e\u0301" * 5_000]
)
def test_a_line_of_ten_thousand_characters(line: str) -> None:
    rows = TextRows(line, 80)
    assert "".join(line[slice(*rows.span(row))] for row in range(len(rows))) == line
    assert len(rows) > 50


@settings(max_examples=300)
@given(
    st.text(st.sampled_from("ab \t\n\r漢é\u0301\u200d👩\x00\u202e\ufe0f🇩"), max_size=60), st.integers(5, 30)
)
@example("\t\n", 5)
@example("aaaa \nb", 5)
@example("éaaa \nb", 5)
@example("aaaaa漢aaaa\taaaaa", 5)
@example("aa aaaa\t\n", 8)
def test_every_character_stands_in_one_cell_of_one_row(text: str, width: int) -> None:
    rows = TextRows(text, width)
    spans = [rows.span(row) for row in range(len(rows))]
    assert [k for a, b in spans for k in range(a, b)] == list(range(len(text)))
    for row, (start, end) in enumerate(spans):
        cells = rows.cells(row)
        assert [k for c in cells for k in range(c.start, c.end)] == list(range(start, end))
        assert all(cell_len(c.shown) == c.width for c in cells)
        assert sum(c.width for c in cells) <= width
        for cell in cells:
            assert rows.row_of(cell.start) == row
            assert rows.position_at(row, cell.x) == cell.start


@settings(max_examples=300)
@given(
    st.lists(st.text(st.sampled_from("ab  \t\n\r漢é\u0301\u200d👩\x00\ufe0f🇩"), max_size=25), max_size=6),
    st.integers(5, 30),
)
@example(["aaaaa", " ", "b"], 5)
@example(["a", "\u0301", "\n", "\n"], 5)
@example(["aaaa aaaa", "é"], 5)
@example(["aaa漢 aaaaa漢a", "\t"], 5)
def test_a_text_that_grew_is_wrapped_as_one_that_was_there_at_once(pieces: list[str], width: int) -> None:
    grown = TextRows("", width)
    for k, piece in enumerate(pieces):
        before = [grown.span(row) for row in range(len(grown))]
        changed = grown.append(piece)
        whole = TextRows("".join(pieces[: k + 1]), width)
        spans = [whole.span(row) for row in range(len(whole))]
        assert [grown.span(row) for row in range(len(grown))] == spans
        assert before[:changed] == spans[:changed]
        assert [grown.cells(row) for row in range(len(grown))] == [
            whole.cells(row) for row in range(len(whole))
        ]


def test_a_line_of_ten_thousand_characters_grows_without_being_wrapped_again() -> None:
    rows = TextRows("x" * 10_000, 80)
    assert rows.append("y" * 10) > 120
