"""The lists of planned knobs, which forms show, hold exactly the knobs that plans set."""

import itertools
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lstmterm.nn import calibrate, session
from lstmterm.nn.char_task import CharTask
from lstmterm.planning import char_plan, tagger_plan
from lstmterm.planning.length import Length
from lstmterm.planning.machine import Machine
from lstmterm.planning.outlook import outlook
from lstmterm.planning.request import TrainRequest
from lstmterm.planning.steps import Pace
from lstmterm.planning.text_size import TextFacts
from lstmterm.planning.training_time import chars_per_second
from lstmterm.spec.character import CharBatchPart, CharModelPart, CharSpec, EnsemblePart
from lstmterm.spec.knobs import Part, knobs
from lstmterm.spec.tagger import TaggerBatchPart, TaggerModelPart
from lstmterm.spec.training import TrainingPart
from tests.small import small_text

CHAR_PARTS = (CharModelPart, CharBatchPart, EnsemblePart, TrainingPart)
TAGGER_PARTS = (TaggerModelPart, TaggerBatchPart, TrainingPart)


def decided(values: Mapping[str, Any], parts: tuple[type[Part], ...]) -> set[str]:
    """The knobs that have another value than the spec's default."""
    defaults = {knob.name: knob.default for part in parts for knob in knobs(part)}
    return {name for name, value in values.items() if name in defaults and value != defaults[name]}


def flat(*parts: Part | Mapping[str, Any]) -> dict[str, Any]:
    """The values of parts, whole or as the plain fields of one."""
    return {
        name: value
        for part in parts
        for name, value in (vars(part) if isinstance(part, Part) else part).items()
    }


def test_what_is_planned_of_a_character_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine("cpu", 1, "float32", 60_000)
    monkeypatch.setattr(calibrate, "machine", lambda *_, **__: machine)
    corpus = tmp_path / "words.txt"
    corpus.write_text(small_text(1500))
    request = TrainRequest("charlm", str(corpus), length=Length("steps", 200))
    spec = session.prepare(request, time.monotonic()).spec
    found = decided(flat(spec.model, spec.batches, spec.training), CHAR_PARTS)
    for chars, seconds, precision in itertools.product(
        (50_000, 10**6, 10**9), (10, 600, 10**5), ("float32", "bfloat16")
    ):
        machine = Machine("cpu", 1, precision, 60_000)
        shape = char_plan.shape_for(TextFacts(chars, 40), seconds, machine, {})
        found |= decided(flat(shape.model, shape.batches, shape.training), CHAR_PARTS)
    for chars in (50_000, 10**6):
        _, shape = outlook(Length("minutes", 60), TextFacts(chars, 40), machine, {})
        found |= decided(flat(shape.ensemble, shape.training), CHAR_PARTS)
    assert found == char_plan.PLANNED


@pytest.mark.parametrize(("minutes", "hidden", "teacher"), [(60, 768, 384), (30, 448, 384), (15, 448, None)])
def test_a_model_has_a_smaller_teacher_where_there_is_time_for_both(
    minutes: int, hidden: int, teacher: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = Machine("cpu", 1, "float32", 60_000)

    def pace(
        trial: CharTask, candidates: list[TrainingPart], *_: object, **__: object
    ) -> tuple[object, Pace]:
        spec, vocabulary = trial.spec, trial.model.vocabulary_size
        speed = chars_per_second(spec.model, spec.batches, vocabulary, machine, "muon")
        return candidates[0], Pace(1, trial.units_per_step, trial.units_per_step / speed, 1.0, 1.0)

    monkeypatch.setattr(calibrate, "machine", lambda *_, **__: machine)
    monkeypatch.setattr(calibrate, "pace", pace)
    corpus = tmp_path / "words.txt"
    corpus.write_text(small_text(1_000_000))
    request = TrainRequest("charlm", str(corpus), length=Length("minutes", minutes), given={"threads": 1})
    spec = session.prepare(request, time.monotonic()).spec
    assert isinstance(spec, CharSpec)
    assert (spec.model.hidden, spec.ensemble.teacher_hidden) == (hidden, teacher)
    assert spec.ensemble.ensemble == (1 if teacher else 0)


def test_what_is_planned_of_a_tagger(tmp_path: Path) -> None:
    data = tmp_path / "tags.csv"
    data.write_text("text,tag\n" + "the tide,DET NOUN\n" * 30)
    request = TrainRequest("tagger", str(data), length=Length("steps", 200))
    spec = session.prepare(request, time.monotonic()).spec
    found = decided(flat(spec.model, spec.batches, spec.training), TAGGER_PARTS)
    ciphers: tuple[tagger_plan.Cipher, ...] = ("", "shift", "key")
    for level, words in itertools.product(("word", "char", "sequence"), (1_000, 20_000, 10**6)):
        for cipher in ciphers if level == "char" else ciphers[:1]:
            shape = tagger_plan.shape_for(level, cipher, words, {})
            found |= decided(flat(shape.model, shape.batches, shape.training), TAGGER_PARTS)
    further = tagger_plan.shape_for("word", "", 20, {}, flat(spec.model))
    found |= decided(flat(further.model, further.batches, further.training), TAGGER_PARTS)
    assert found == tagger_plan.PLANNED
