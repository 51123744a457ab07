"""The chart in characters: its size, its marks, its labels, and that no spike is lost."""

import random
import time

from lstmterm.runs.chart import Level, Trace, Window, draw, whole_chart
from lstmterm.runs.curves import Axis
from tests.runs.test_progress import told
from tests.ui.journals import learning


def text_of(rows: list[list[tuple[str, str]]]) -> list[str]:
    return ["".join(text for text, _ in row) for row in rows]


def test_every_line_is_as_wide_as_asked() -> None:
    progress = told(learning(overfits=True, done=0.8))
    for width, height in ((12, 4), (46, 11), (160, 40)):
        for log in (False, True):
            rows = text_of(draw(*whole_chart(progress, width, height, log=log)))
            assert len(rows) == height
            assert {len(row) for row in rows} == {width}


def test_validation_and_best_are_marks_of_their_own() -> None:
    progress = told(learning())
    shown = "\n".join(text_of(draw(*whole_chart(progress, 100, 30))))
    assert shown.count("◆") == 1
    assert shown.count("○") == len(progress.validations) - 1


def test_levels_carry_their_names() -> None:
    window = Window(Axis(0, 10), Axis(0, 4), 40, 10)
    shown = "\n".join(text_of(draw(window, [], [Level("trigram 2.02", 2.02), Level("far", 40.0)])))
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


def test_a_hundred_thousand_points_are_drawn_in_a_blink() -> None:
    chance = random.Random(1)
    xs = list(range(100_000))
    ys = [chance.random() for _ in xs]
    window = Window(Axis(0, 99_999), Axis(0, 1), 160, 40)
    began = time.process_time()
    draw(window, [Trace("raw", xs, ys, "band"), Trace("train", xs, ys)])
    assert time.process_time() - began < 0.2


def test_nothing_to_draw_is_an_empty_chart() -> None:
    rows = draw(*whole_chart(told([]), 40, 10))
    assert len(rows) == 10
