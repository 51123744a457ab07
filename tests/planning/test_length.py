"""How long to train, as it is typed and shown."""

import math

import pytest

from lstmterm.errors import InputError
from lstmterm.planning.length import PRESETS, Length, Unit


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("3 minutes", ["--minutes", "3"]),
        ("3", ["--minutes", "3"]),
        ("90 s", ["--minutes", "1.5"]),
        ("1.5h", ["--minutes", "90"]),
        (" 2 Epochs ", ["--epochs", "2"]),
        ("5,000 steps", ["--steps", "5000"]),
        (".5 min", ["--minutes", "0.5"]),
        ("1:30", ["--minutes", "1.5"]),
        (" 0:45 ", ["--minutes", "0.75"]),
        ("1:30:00", ["--minutes", "90"]),
    ],
)
def test_a_typed_length_becomes_an_option(text: str, arguments: list[str]) -> None:
    assert Length.parse(text).arguments() == arguments


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "1:75",
        "0:00",
        "1:3",
        ":30",
        "0 minutes",
        "-3",
        "1.5 steps",
        "3 parsecs",
        "1,5 minutes",
        "0,8",
        "1,0000 steps",
        "1,000.5",
        "1e3",
        "900 d",
        "٣ minutes x",
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        Length.parse(text)


def test_the_presets_are_lengths_in_order() -> None:
    minutes = [Length.parse(preset).amount for preset in PRESETS]
    assert minutes == sorted(minutes)


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (Length("minutes", 3), "3 minutes"),
        (Length("minutes", 0.5), "30 seconds"),
        (Length("minutes", 150), "2.5 hours"),
        (Length("epochs", 1), "1 epoch"),
        (Length("steps", 20_000), "20,000 steps"),
    ],
)
def test_a_length_in_words_reads_back(length: Length, words: str) -> None:
    assert str(length) == words
    assert Length.parse(words) == length


@pytest.mark.parametrize(
    ("unit", "amount", "sentence"),
    [
        ("minutes", 0, "The time must be greater than zero."),
        ("steps", 1.5, "Steps must be a whole number."),
        ("epochs", math.nan, "Epochs must be a finite number."),
        ("minutes", 10**6, "The time must be at most a year."),
    ],
)
def test_impossible_lengths_are_refused(unit: Unit, amount: float, sentence: str) -> None:
    with pytest.raises(InputError) as refused:
        Length(unit, amount)
    assert str(refused.value) == sentence
