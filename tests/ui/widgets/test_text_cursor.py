"""Where the keys of a cursor take it."""

from lstmterm.ui.widgets.text_cursor import TextCursor, word_at
from lstmterm.ui.widgets.text_rows import TextRows


def test_words() -> None:
    cursor, text = TextCursor(), "the sea, 'owes'"
    stops = []
    for _ in range(4):
        cursor.go(cursor.by_word(text, 1), len(text))
        stops.append(cursor.position)
    assert stops == [4, 10, 14, 14]
    cursor.past_end = True
    cursor.go(cursor.by_word(text, 1), len(text))
    assert cursor.position == len(text)
    assert cursor.by_word(text, -1) == 10
    assert word_at(text, 5) == (4, 7)
    assert word_at(text, 7) == (7, 8)
    assert word_at(text, len(text)) == (len(text), len(text) + 1)


def test_rows_keep_the_column_also_by_way_of_the_place_after_the_end() -> None:
    text = "abcdefgh\n\nabc\n"
    rows, cursor = TextRows(text, 20, open_end=True), TextCursor(past_end=True)
    cursor.go(6, len(text))
    places = []
    for by in (1, 1, 1, 1, -3):
        position, column = cursor.by_rows(rows, by)
        cursor.go(position, len(text), column=column)
        places.append(position)
    assert places == [9, 13, 14, 14, 6]


def test_the_end_of_a_row_is_that_of_the_text_the_second_time() -> None:
    text = "ab\ncd\nef"
    for past_end, ends in ((False, [2, 2]), (True, [2, 8])):
        rows, cursor = TextRows(text, 20, open_end=past_end), TextCursor(past_end=past_end)
        seen = []
        for _ in range(2):
            cursor.go(cursor.at_row_end(rows, 1), len(text))
            seen.append(cursor.position)
        assert seen == ends


def test_the_nearest_place_is_next() -> None:
    cursor = TextCursor()
    cursor.go(5, 100)
    assert cursor.by_places([1, 5, 9], [7, 20], by=1) == 7
    assert cursor.by_places([1, 5, 9], [7, 20], by=-1) == 1
    assert cursor.by_places([], [3], by=1) == 3
    assert cursor.by_places([], [], by=1) is None


def test_what_is_selected_ends_with_the_text() -> None:
    cursor = TextCursor(past_end=True)
    cursor.go(10, 10)
    assert cursor.selection(10) is None
    cursor.anchor = 4
    assert cursor.selection(10) == (4, 10)
