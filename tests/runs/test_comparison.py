"""What a loss says beside its baselines."""

from lstmterm.runs.comparison import compared


def test_the_next_better_baseline_is_named_too() -> None:
    counted = {"trigram": 1.8, "4-gram": 1.5, "5-gram": 1.41, "bzip2": 1.3}
    assert compared(1.45, counted) == "beats the 4-gram baseline, but not the 5-gram"
    tagged = {"tag frequencies": 2.0, "each word's tags": 1.0}
    assert compared(1.5, tagged) == 'beats the baseline "tag frequencies", but not "each word\'s tags"'
    assert compared(1.40, counted) == "beats the 5-gram baseline"
    assert compared(1.9, counted) == ""


def test_a_baseline_of_several_words_is_quoted() -> None:
    assert compared(0.4, {"each word's tags": 0.468}) == 'beats the baseline "each word\'s tags"'
