"""What a tagger's plan says first: how long, how good, how large."""

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest

from lstmterm.planning import tagger_outlook
from lstmterm.planning.length import Length
from lstmterm.planning.tagger_outlook import Counting, Size, TaggedText, TaggerOutlook, outlook
from lstmterm.runs.earlier import EarlierTagger
from lstmterm.spec.tagger import Level

COUNTED = Counting(tagged=200, right=0.845, known=0.912)
FURTHER = {"words": 64, "hidden": 32, "layers": 1}
RESULTS = Path(__file__).parents[2] / "benchmarks" / "RESULTS.md"


def of(words: int, level: Level = "word", length: Length | None = None, **about: Any) -> TaggerOutlook:
    given = about.pop("given", {})
    every: dict[str, Any] = {"counting": COUNTED} | about
    text = TaggedText(level, "", words, **every)
    return outlook(length or Length("minutes", 3), text, given)


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (Length("minutes", 3), "3 minutes, at most 40 epochs"),
        (Length("epochs", 2), "2 epochs, about 400 steps"),
        (Length("steps", 300), "300 steps"),
    ],
)
def test_the_plan_in_words(length: Length, words: str) -> None:
    found = of(100_000, length=length)
    assert found.card == (
        words,
        "2x128 LSTM, 500 words a step",
        "Baseline 84.5% right, 91.2% of words known",
    )
    assert found.how_large == "2x128 bidirectional LSTM, 500 words a step"
    assert "100,000 words" in found.why


def test_the_card_fits_into_a_narrow_form() -> None:
    for words in (800, 10**6):
        assert sum(-(-len(line) // 28) for line in of(words).card) <= 4


def test_how_good_is_said_by_counting_on_the_data_and_by_what_was_measured() -> None:
    assert of(30_000).how_good == (
        "The baseline is counting: each word's most frequent tag is right for 84.5% of the 200 words of the validation "
        "data. 91.2% of its words occur in the training data. For comparison, 20,000 words of English with parts of "
        "speech (UD EWT) reach 91.8%, where that baseline is 80.2%."
    )
    assert "For comparison" not in of(900).how_good, "so few words were not measured"
    assert "each letter's most frequent tag" in of(30_000, "char").how_good
    lines = of(30_000, "sequence").how_good
    assert ": the most frequent tag is right for 84.5% of the 200 lines" in lines
    assert "91.2% of its words" in lines


def test_what_is_compared_with_is_in_the_measurements() -> None:
    rows = re.findall(
        r"^\| ([\d,]+) \| \d+ \| ([\d.]+) % \| [\d.]+ % \| ([\d.]+) %", RESULTS.read_text("utf-8"), re.M
    )
    measured = [(int(words.replace(",", "")), float(test), float(counted)) for words, test, counted in rows]
    assert len(measured) == len(tagger_outlook.MEASURED)
    for (words, reached, counted), row in zip(tagger_outlook.MEASURED, measured, strict=True):
        assert row[0] == pytest.approx(words, rel=0.03)
        assert row[1:] == pytest.approx((reached, counted), abs=0.1)


def test_without_validation_data_no_number_is_said() -> None:
    for given in ({}, {"folds": 4}):
        found = of(30_000, counting=None, given=given)
        assert not re.search(r"\d", found.how_good + found.brief)


def test_further_training_says_what_is_learned_and_what_is_kept() -> None:
    length = Length("minutes", 1)
    few = of(13, length=length, further=FURTHER, counting=None)
    assert few.card == (
        "Learns the data's words only.",
        "60 seconds, at most 60 steps",
        "1x32 LSTM, 100 words a step",
        "Keeps what it knew (0.01 points lost when measured)",
    )
    assert few.rows["what"] == "Learns the data's words only."
    every = of(13, length=length, further=FURTHER, given={"learn": "all"})
    assert every.what == "Learns all weights."
    assert "84.5%" in every.how_good
    assert "For comparison" not in every.how_good


def test_a_few_words_alone_are_advised_against() -> None:
    found = of(13, counting=None)
    assert (
        found.what == "13 words alone: it would know only them, and guess the rest. Choose a tagger in From."
    )
    assert of(13, "char").what == ""


def test_the_size_and_what_an_earlier_run_reached_are_said() -> None:
    found = of(100_000, size=lambda part: Size(1_020_000, 4_200_000))
    earlier = EarlierTagger("words", "2x128", 200.0, 0.952)
    found = dataclasses.replace(found, earlier=earlier)
    assert found.card == (
        "3 minutes, at most 40 epochs",
        "2x128 LSTM, 4.2 MB file",
        "95.2% right in 3:20 before",
    )
    assert found.how_large == (
        "2x128 bidirectional LSTM, 500 words a step, 1.02M parameters, a file of about 4.2 MB"
    )
    assert found.rows["how good"].startswith(f"{earlier.sentence} The baseline is counting")
