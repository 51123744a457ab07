"""The gates of a layer as points."""

import numpy as np

from lstmterm.infer.activity import Saturation
from lstmterm.infer.gate_plot import CHOSEN, POINTS, gate_plot


def test_units_are_points_and_the_chosen_one_is_marked() -> None:
    left, right = np.array([[0.0, 0.0], [0.0, 0.9]]), np.array([[0.5, 0.5], [1.0, 0.05]])
    saturation = Saturation({"forget": left}, {"forget": right})
    rows = gate_plot(saturation, 1, "forget", 27, 12, unit=1)
    assert len(rows) == 12
    assert all(sum(len(text) for text, _ in row) == 27 for row in rows[:10])
    places = [
        (y, sum(len(text) for text, _ in row[:k]), row[k][1])
        for y, row in enumerate(rows)
        for k in range(len(row))
        if row[k][1] in (POINTS, CHOSEN)
    ]
    assert places == [(0, 7, POINTS), (9, 7 + 18, CHOSEN)]
    (y, x, _), *others = [
        (y, sum(len(text) for text, _ in row[:k]), row[k][1])
        for y, row in enumerate(gate_plot(saturation, 0, "forget", 27, 12))
        for k in range(len(row))
        if row[k][1] == POINTS
    ]
    assert (y, x, others) == (5, 7, []), "both units are at one point"
