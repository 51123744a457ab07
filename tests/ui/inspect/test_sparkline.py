"""The line of a unit below the text."""

import numpy as np

from lstmterm.ui.inspect.sparkline import Sparkline, drawn
from tests.ui.conftest import keep_model, make_app, until
from tests.ui.inspect.conftest import open_units
from tests.ui.inspect.models import LINES


def dots(lines: list[str]) -> np.ndarray:
    """Whether there is a dot, (rows, columns)."""
    bits = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
    cells = np.array([[ord(glyph) - 0x2800 for glyph in line] for line in lines])
    grid = (cells[:, None, :, None] & bits[None, :, None, :]) > 0
    return grid.reshape(4 * len(lines), 2 * len(lines[0]))


def test_every_column_spans_from_the_lowest_to_the_highest_value() -> None:
    values = np.zeros(400)
    values[200] = 1  # a spike of one character among twenty in its column
    values[300:320] = -1
    grid = dots(drawn(values, (-1, 1), 10, 3))
    assert grid[0].nonzero()[0].tolist() == [10]
    assert grid[-1].nonzero()[0].tolist() == [15]
    assert grid[:, 0].nonzero()[0].tolist() == [6], "zero is in the middle"


def test_few_values_fill_the_width_and_steps_are_joined() -> None:
    grid = dots(drawn(np.array([0.0, 1.0]), (0, 1), 4, 2))
    assert grid[-1].nonzero()[0].tolist() == [0, 1, 2, 3, 4]
    assert grid[0].nonzero()[0].tolist() == [4, 5, 6, 7]
    assert grid[:, 4].all()


def test_what_is_unknown_is_a_gap() -> None:
    grid = dots(drawn(np.array([0.5, np.nan, 0.5, 0.5]), (0, 1), 2, 1))
    assert grid.any(axis=0).tolist() == [True, False, True, True]


async def test_it_follows_the_text_as_it_scrolls() -> None:
    keep_model()
    async with make_app().run_test(size=(80, 24)) as pilot:
        page = await open_units(pilot, LINES)
        line = page.query_one(Sparkline)

        def shown() -> list[str]:
            return [line.render_line(y).text[5:] for y in range(3)]

        for keys in ((), ("pagedown", "pagedown"), ("ctrl+end",)):
            await pilot.press(*keys)
            await until(pilot, lambda: page.text.in_view[0] <= page.text.cursor < page.text.in_view[1])
            start, end = page.text.in_view
            assert page.facts is not None
            values = page.facts.values
            assert shown() == drawn(
                values.by_character[start:end], values.bounds, line.size.width - 5, line.size.height
            )
        assert end == len(page.text.text)
