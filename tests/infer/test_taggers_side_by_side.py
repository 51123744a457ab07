"""Taggers side by side."""

from pathlib import Path

import pytest

from lstmterm.errors import InputError
from lstmterm.infer.side_by_side import chosen
from lstmterm.infer.taggers_side_by_side import data_of, measured_tagger
from tests.ui.tagger_models import ROT13, WORDS, keep_tagger

GOLD = "text,tag\nthe sea rises .,DET NOUN VERB PUNCT\nthe glim owes us,DET NOUN NOUN PRON\n"


def test_the_cells_of_a_tagger(tmp_path: Path) -> None:
    path = keep_tagger("upos", WORDS)
    data = tmp_path / "gold.csv"
    data.write_text(GOLD)
    stages: dict[str, tuple[int, int | None]] = {}
    (entry, _), _ = chosen(("upos", "upos"))
    figures, notes = measured_tagger(entry, str(data), doing=lambda what, *rest: stages.update({what: rest}))
    cells = figures.cells()
    assert cells["file"] == f"{path.stat().st_size / 1000:.3g} kB"
    assert (cells["accuracy"], cells["unknown"]) == ("75.00%", "0.00%")
    assert cells["macro F1"] == f"{figures.report.macro_f1:.2%}"
    assert stages == {"reading": (0, None), "tagging": (2, 2)}
    assert figures.to_dict()["span_f1"] is None
    assert notes == ()


def test_spans_are_compared_by_their_f1(tmp_path: Path) -> None:
    keep_tagger("spans", {"Ann": "B-PER", "sees": "O", "Oslo": "B-LOC"})
    data = tmp_path / "gold.csv"
    data.write_text("text,tag\nAnn sees Oslo,B-PER O B-PER\n")
    (entry, _), _ = chosen(("spans", "spans"))
    figures, _ = measured_tagger(entry, str(data))
    assert "macro F1" not in figures.cells()
    assert figures.cells()["span F1"] == "50.00%"
    assert figures.to_dict()["span_f1"] == 0.5


def test_the_data_is_that_which_the_first_tagger_was_not_trained_on() -> None:
    keep_tagger("rot13", ROT13, "char", corpus={"name": "rot13", "source": "rot13"})
    keep_tagger("upos", WORDS)
    assert data_of(chosen(("rot13", "upos")), None) == "rot13"
    assert data_of(chosen(("upos", "rot13")), "gold.csv") == "gold.csv"
    with pytest.raises(InputError, match="no tagged data here that 'upos' was not trained on"):
        data_of(chosen(("upos", "rot13")), None)
