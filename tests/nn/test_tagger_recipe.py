"""What a tagger brings to a session: its data, its plan, its names."""

import time
from pathlib import Path
from typing import Any

import pytest

from lstmterm.errors import InputError
from lstmterm.nn import calibrate, session
from lstmterm.nn.session import Prepared
from lstmterm.nn.tagger_recipe import TaggerRecipe
from lstmterm.planning.length import Length
from lstmterm.planning.request import TrainRequest
from lstmterm.spec.tagger import TaggerSpec

KNOBS = {"threads": 1, "hidden": 8, "words": 8, "layers": 1}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Forty tagged sentences."""
    path = tmp_path / "tides.csv"
    path.write_text("text,tag\n" + "".join(f"the tide {i},DET NOUN NUM\n" for i in range(40)))
    return path


def prepare(source: object, length: Length | None = None, **given: Any) -> Prepared:
    request = TrainRequest("tagger", str(source), length=length, given=KNOBS | given)
    return session.prepare(request, time.monotonic())


def test_a_run_is_named_after_its_data_and_can_read_it_again(file: Path) -> None:
    prepared = prepare(file, Length("steps", 5))
    spec = prepared.spec
    assert isinstance(spec, TaggerSpec)
    assert spec.name == "tides"
    assert (spec.data.source, spec.training.precision) == (str(file), "float32")
    again = TaggerRecipe.of_spec(spec)
    assert isinstance(prepared.recipe, TaggerRecipe)
    assert again.data.train == prepared.recipe.data.train
    file.write_text("text,tag\nother,NOUN\n")
    with pytest.raises(InputError):
        TaggerRecipe.of_spec(spec)


def test_a_cipher_takes_few_steps_and_is_evaluated_often() -> None:
    spec = prepare("caesar:3").spec
    assert isinstance(spec, TaggerSpec)
    assert (spec.name, spec.data.level, spec.data.source) == ("caesar-3", "char", "caesar:3")
    assert (spec.training.steps, spec.training.evaluate_every) == (300, 5)


def test_minutes_choose_precision_and_threads(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibrate, "_PACE_SECONDS", 0.01)
    prepared = prepare(file, Length("minutes", 1))
    assert prepared.pace is not None
    assert prepared.spec.training.precision in ("float32", "bfloat16")
    assert prepared.spec.training.minutes == 1
    assert prepared.spec.training.steps <= 600, "small data is not overfitted"


def test_epochs_are_counted_in_batches(file: Path) -> None:
    prepared = prepare(file, Length("epochs", 3), tokens=30)
    batches = 32 * 3 / 30  # of 40 sentences 32 are for training
    assert prepared.spec.training.steps == pytest.approx(3 * batches, abs=3)


def test_doubtful_data_is_asked_about_before_anything_is_made(tmp_path: Path) -> None:
    file = tmp_path / "lemmas.tsv"
    file.write_text("\n\n".join(f"w{i}\tt{i}" for i in range(800)))
    doubts: list[str] = []

    def refuse(doubt: str) -> None:
        doubts.append(doubt)
        raise InputError(doubt)

    request = TrainRequest("tagger", str(file), length=Length("steps", 1), given=KNOBS)
    with pytest.raises(InputError, match="640 distinct tags"):
        session.prepare(request, time.monotonic(), confirm=refuse)
    agreed = TrainRequest("tagger", str(file), length=Length("steps", 1), given=KNOBS, yes=True)
    session.prepare(agreed, time.monotonic(), confirm=refuse)
    assert len(doubts) == 1


@pytest.mark.parametrize(
    ("source", "given", "sentence"),
    [("-", {}, "give a file"), ("harbour-tags", {"folds": 2}, "--folds must be at least 3")],
)
def test_what_cannot_be_trained_is_refused(source: str, given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        prepare(source, Length("steps", 1), **given)
