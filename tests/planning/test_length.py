"""How long to train, as people say it."""

import pytest

from lstmterm.errors import InputError
from lstmterm.planning.length import PRESETS, Length


@pytest.mark.parametrize(
    ("said", "arguments"),
    [
        ("3 minutes", ["--minutes", "3"]),
        ("3", ["--minutes", "3"]),
        ("90 s", ["--minutes", "1.5"]),
        ("1.5h", ["--minutes", "90"]),
        (" 2 Epochs ", ["--epochs", "2"]),
        ("5,000 steps", ["--steps", "5000"]),
        (".5 min", ["--minutes", "0.5"]),
    ],
)
def test_a_time_becomes_an_option(said: str, arguments: list[str]) -> None:
    assert Length.parse(said).arguments() == arguments


@pytest.mark.parametrize(
    "said", ["", "soon", "0 minutes", "-3", "1.5 steps", "3 parsecs", "1e3", "900 d", "٣ minutes x"]
)
def test_what_is_no_time_is_refused_in_words(said: str) -> None:
    with pytest.raises(InputError):
        Length.parse(said)


def test_the_usual_times_are_times() -> None:
    minutes = [Length.parse(preset).amount for preset in PRESETS]
    assert minutes == sorted(minutes)
