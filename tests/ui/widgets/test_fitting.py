"""Texts that are fitted to a width."""

from lstmterm.ui.widgets.fitting import first_fitting


def test_the_first_text_that_fits_is_shown() -> None:
    texts = ["temperature 0.8 · seed 7", "T 0.8 · seed 7", "seed 7"]
    assert [first_fitting(width, texts) for width in (30, 20, 8, 2)] == [*texts, "seed 7"]
    assert first_fitting(5, ["漢字か", "漢字"]) == "漢字", "a wide character takes two columns"
