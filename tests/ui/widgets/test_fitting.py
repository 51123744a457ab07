"""Texts that are fitted to a width."""

from lstmterm.ui.generate.status_line import first_fitting


def test_the_first_text_that_fits_is_shown() -> None:
    texts = ["temperature 0.8 · seed 7", "T 0.8 · seed 7", "seed 7"]
    assert [first_fitting(width, texts) for width in (30, 20, 8, 2)] == [*texts, "seed 7"]
