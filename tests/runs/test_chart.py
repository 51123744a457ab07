"""The chart in characters: its size, its marks, its labels, and that no spike is lost."""

import math
import random
import time

import pytest

from lstmterm.runs.axis import Axis
from lstmterm.runs.chart import Pointer, ReferenceLine, Trace, Window, columns, draw
from lstmterm.runs.curves import whole_chart
from lstmterm.runs.progress import Progress
from tests.ui.journals import learning


def text_of(rows: list[list[tuple[str, str]]]) -> list[str]:
    return ["".join(text for text, _ in row) for row in rows]


def test_every_line_has_the_given_width() -> None:
    progress = Progress.of(learning(overfits=True, done=0.8))
    for width, height in ((12, 4), (46, 11), (160, 40)):
        for log in (False, True):
            rows = text_of(draw(*whole_chart(progress, width, height, log=log)))
            assert len(rows) == height
            assert {len(row) for row in rows} == {width}


def test_validation_and_best_have_marks_of_their_own() -> None:
    progress = Progress.of(learning())
    shown = "\n".join(text_of(draw(*whole_chart(progress, 100, 30))))
    assert shown.count("◆") == 2, "at its loss, and on the axis"
    assert shown.count("○") == len(progress.validations) - 1


def test_levels_carry_their_names() -> None:
    window = Window(Axis(0, 10), Axis(0, 4), 40, 10)
    shown = "\n".join(
        text_of(draw(window, [], [ReferenceLine("trigram 2.02", 2.02), ReferenceLine("far", 40.0)]))
    )
    assert "trigram 2.02" in shown
    assert "far" not in shown


def test_a_single_spike_among_many_points_is_drawn() -> None:
    xs = list(range(100_000))
    ys = [1.0] * len(xs)
    ys[77_777] = 3.9
    window = Window(Axis(0, 99_999), Axis(0, 4), 100, 20)
    flat = text_of(draw(window, [Trace("raw", xs, [1.0] * len(xs), "band")]))
    spiky = text_of(draw(window, [Trace("raw", xs, ys, "band")]))
    assert flat[0] != spiky[0]
    assert sum(a != b for a, b in zip(flat, spiky, strict=True)) > 10


def test_a_hundred_thousand_points_are_drawn_in_a_fifth_of_a_second() -> None:
    chance = random.Random(1)
    xs = list(range(100_000))
    ys = [chance.random() for _ in xs]
    window = Window(Axis(0, 99_999), Axis(0, 1), 160, 40)
    began = time.process_time()
    draw(window, [Trace("raw", xs, ys, "band"), Trace("train", xs, ys)])
    assert time.process_time() - began < 0.2


def test_nothing_to_draw_is_an_empty_chart() -> None:
    rows = draw(*whole_chart(Progress.of([]), 40, 10))
    assert len(rows) == 10


def test_columns_keep_every_extreme() -> None:
    """However many points there are, the lowest and the highest are still there."""
    chance = random.Random(1)
    xs = [float(i) for i in range(100_000)]
    ys = [chance.random() + 1 for _ in xs]
    ys[31_415], ys[92_653] = 9.0, -9.0
    found = list(columns(xs, ys, Axis(0, 99_999), 120))
    assert len(found) == 120
    assert max(high for _, _, high in found) == 9.0
    assert min(low for _, low, _ in found) == -9.0


def test_columns_skip_values_that_are_not_finite() -> None:
    found = columns([0.0, 1.0, 2.0, 3.0], [math.nan, 1.0, math.inf, math.nan], Axis(0, 3), 4)
    assert list(found) == [(1, 1.0, 1.0)]


def test_columns_cover_only_the_axis() -> None:
    found = columns([0.0, 1.0, 2.0, 3.0], [5.0, 1.0, 2.0, 7.0], Axis(1, 2), 2)
    assert [(low, high) for _, low, high in found] == [(1.0, 1.0), (2.0, 2.0)]


def test_no_level_is_drawn_over_another() -> None:
    levels = [ReferenceLine(f"level {value}", value) for value in (1.4, 1.41, 1.39, 1.0, 5.0)]
    rows = draw(Window(Axis(0, 10), Axis(0.5, 2.5), 60, 12), [], levels)
    text = ["".join(piece for piece, _ in row) for row in rows]
    assert [sum(f"level {value} " in line for line in text) for value in (1.4, 1.41, 1.39, 1.0, 5.0)] == [
        1,
        0,
        0,
        1,
        0,
    ]
    assert sum("\u2508" in line for line in text) == 2


def test_names_of_levels_stand_beside_the_curves() -> None:
    window = Window(Axis(0, 10), Axis(0.5, 2.5), 60, 12)
    for xs in ([7.0, 8.0, 9.0, 10.0], [0.0, 1.0]):
        rows = draw(window, [Trace("train", xs, [1.4] * len(xs))], [ReferenceLine("trigram 1.40", 1.4)])
        assert sum(" trigram 1.40 " in "".join(piece for piece, _ in row) for row in rows) == 1
    whole = draw(window, [Trace("train", [0.0, 10.0], [1.4, 1.4])], [ReferenceLine("trigram 1.40", 1.4)])
    assert not any("trigram" in piece for row in whole for piece, _ in row)


@pytest.mark.parametrize("size", [(53, 7), (30, 6), (20, 10), (60, 20)])
def test_four_levels_cover_no_curve_and_a_line_without_a_name_is_left_out(size: tuple[int, int]) -> None:
    names = ("5-gram 2.02", "trigram 2.10", "bigram 2.45", "unigram 3.31")
    levels = [ReferenceLine(name, float(name.split()[1])) for name in names]
    xs = [float(x) for x in range(400)]
    falling = [2.0 + 1.4 * math.exp(-x / 60) for x in xs]
    wild = [y + 0.4 * ((7 * i) % 11 - 5) / 5 for i, y in enumerate(falling)]
    traces = [
        Trace("raw", xs, wild, "band"),
        Trace("train", xs, falling),
        Trace("val", xs[::80], falling[::80], "marks", "○"),
    ]
    window = Window(Axis(0, 399, whole=True), Axis(1.5, 3.6), *size)

    def cells(levels: list[ReferenceLine]) -> list[list[tuple[str, str]]]:
        return [
            [(glyph, shows) for piece, shows in row for glyph in piece]
            for row in draw(window, traces, levels)[:-2]
        ]

    for with_levels, without in zip(cells(levels), cells([]), strict=True):
        for level, curve in zip(with_levels, without, strict=True):
            assert level == curve or (level[1] == "level" and curve[0] == " ")
        text = "".join(glyph for glyph, _ in with_levels)
        assert sum(f" {name} " in text for name in names) == ("┈" in text), text
    plain = Window(Axis(0, 399, whole=True), Axis(1.5, 3.6), 60, 20)
    shown = ["".join(piece for piece, _ in row) for row in draw(plain, traces[1:], levels)]
    assert all(sum(f" {name} " in row for row in shown) == 1 for name in ("bigram 2.45", "unigram 3.31"))


def test_points_are_dots_that_are_not_joined() -> None:
    window = Window(Axis(0, 1), Axis(0, 1), 17, 7)  # 10 x 5 characters
    rows = draw(window, [Trace("points", [0.0, 1.0, 0.5, 2.0], [0.0, 1.0, 0.5, 0.5], "points")])
    plotted = [[piece for piece in row if piece[1] == "points"] for row in rows[:5]]
    assert [text for row in plotted for text, _ in row] == ["\u2808", "\u2804", "\u2840"]


def plotted(rows: list[list[tuple[str, str]]], shows: str) -> str:
    """Every cell of the chart, a space where something else is."""
    return "\n".join("".join(text if s == shows else " " * len(text) for text, s in row) for row in rows)


def test_a_line_has_a_gap_where_values_are_not_finite() -> None:
    window = Window(Axis(0, 10), Axis(0, 2), 47, 8)
    xs = [float(i) for i in range(11)]
    for bad in (math.nan, math.inf):
        broken = Trace("train", xs, [bad if 3 < x < 7 else 1.0 for x in xs])
        whole = plotted(draw(window, [Trace("train", xs, [1.0] * 11)]), "train").strip()
        assert " " not in whole
        assert "      " in plotted(draw(window, [broken]), "train").strip()


def test_a_dashed_line_differs_from_another_one_without_colour() -> None:
    window = Window(Axis(0, 10), Axis(0, 2), 47, 8)
    drawn = {
        plotted(draw(window, [Trace("a", [0.0, 10.0], [1.0, 1.0], dash=dash)]), "a")
        for dash in ((1, 0), (6, 3), (2, 2), (1, 2))
    }
    assert len(drawn) == 4


def test_the_pointer_and_its_text_cover_no_name_of_a_level() -> None:
    window = Window(Axis(0, 10), Axis(0, 4), 80, 12)
    levels = [ReferenceLine(f"level {value}", value) for value in (0.5, 1.5, 2.5, 3.5)]
    for x in (0.0, 2.0, 5.0, 8.0, 9.9):
        pointer = Pointer(x, [[("step 5", "label")], [("harbour 1.234", "card"), (" ○ 1.4", "val")]])
        rows = text_of(draw(window, [], levels, [(5.0, "!")], pointer))
        assert {len(row) for row in rows} == {80}
        assert sum("harbour 1.234 ○ 1.4" in row for row in rows) == 1
        assert all(sum(level.name in row for row in rows) == 1 for level in levels)
        assert "!" in rows[-2]


def test_steps_on_the_axis_are_whole() -> None:
    for high in (2.0, 3.0, 7.0, 40.0):
        for log in (False, True):
            ticks = Axis(1.0, high, log, whole=True).ticks(12)
            assert ticks
            assert all(tick == int(tick) for tick in ticks)
