"""Bars of probabilities."""

import pytest

from lstmterm.ui.widgets.bars import probability_bar


@pytest.mark.parametrize(
    ("share", "drawn"), [(0.0, "    "), (0.5, "██  "), (0.53, "██▏ "), (1.0, "████"), (0.99, "████")]
)
def test_a_bar_fills_its_share_to_an_eighth_of_a_column(share: float, drawn: str) -> None:
    assert probability_bar(0.25, share, 4, "$primary").plain == f"{drawn}  25.0%"


def test_all_bars_of_a_list_have_one_width() -> None:
    assert {len(probability_bar(p / 100, p / 100, 14, "").plain) for p in range(101)} == {14 + 1 + 6}
