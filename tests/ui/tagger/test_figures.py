"""A tagger's figures in words."""

from pathlib import Path

from lstmterm.models import model_file
from lstmterm.models.model_file import ModelCard
from lstmterm.tagging.metrics import report
from lstmterm.ui.tagger.figures import card_figures, report_figures, summary
from tests.ui.tagger_models import ROT13, WORDS, keep_tagger


def card(path: Path) -> ModelCard:
    return model_file.describe(path)


def test_a_report_in_a_line() -> None:
    found = report([["a", "b", "c"]], [["O", "B-X", "O"]], [["O", "B-X", "B-X"]], lambda word: word != "c")
    assert report_figures(found).plain == (
        "66.67% of 3 right  known 100.00% of 2  unknown 0.00% of 1  macro F1 66.67%  span F1 66.67%"
    )


def test_the_figures_of_a_file() -> None:
    tagger = card(keep_tagger("upos", WORDS, metrics={"dev_accuracy": 0.96, "test_accuracy": 0.95}))
    lines = card_figures(tagger).plain.split("\n")
    assert [line.strip() for line in lines] == [
        "Measured in training", "test       accuracy 95.00%", "validation accuracy 96.00%", "",
    ]  # fmt: skip
    assert "not tested" in card_figures(card(keep_tagger("none", WORDS, metrics={}))).plain


def test_a_tagger_in_a_line() -> None:
    tagger = card(keep_tagger("upos", WORDS))
    assert summary(tagger) == "95.3% right (81.0% of unknown words) · 5 tags · from harbour"
    assert summary(tagger, brief=True) == "95.3% right · 5 tags"
    cipher = card(keep_tagger("rot", ROT13, "char", metrics={}, complete=False))
    assert summary(cipher, brief=True) == "in training · 27 tags · letter by letter"
