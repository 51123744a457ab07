"""A unit's values as colours, also of a text of which some is not read yet."""

import numpy as np

from lstmterm.spec.units import QUANTITIES
from lstmterm.ui.inspect.unit_values import UnitValues
from tests.ui.inspect.models import random_reading


def test_what_is_not_known_yet_has_no_colour_and_the_rest_is_described() -> None:
    reading = random_reading("the sea owes us a bucket\n" * 40)
    known = np.sin(np.arange(600, dtype=np.float32))
    values = np.append(known, np.full(len(reading.ids) - 600, np.nan, np.float32))
    for quantity in QUANTITIES:
        shown = UnitValues(reading, 0, 3, quantity, values, right=False)
        levels = shown.colours().levels
        assert all(levels[:600])
        assert not any(levels[600:])
        assert shown.histogram()[0].sum() == 600
        assert all(0 <= p < 600 for positions in shown.passages for p in positions)
        assert np.isfinite(shown.bounds).all()
