"""How a plan differs from a run that was planned before."""

import dataclasses
import json
from typing import Any

import pytest

from lstmterm.planning import tagger_outlook
from lstmterm.planning.beside_run import DataAsRead, Plan, TextAsRead, in_a_sentence
from lstmterm.planning.char_plan import Shape
from lstmterm.planning.length import Length
from lstmterm.planning.machine import Machine
from lstmterm.planning.outlook import outlook
from lstmterm.planning.request import TrainRequest
from lstmterm.planning.tagger_outlook import TaggedText
from lstmterm.planning.tagger_plan import TaggerShape
from lstmterm.planning.text_size import TextFacts
from lstmterm.runs.differences import differences
from lstmterm.spec.character import CharSpec, TextPart
from lstmterm.spec.tagger import TaggerSpec
from lstmterm.spec.training import TrainingPart
from lstmterm.tagging.tagged_data import part_of

MACHINE = Machine("cpu", 2, "float32", 60_000)


def a_plan(length: Length | None = None, source: str = "harbour", digest: str = "abc", **given: Any) -> Plan:
    length = length or Length("minutes", 3)
    found, shape = outlook(length, TextFacts(65_257, 61), MACHINE, given)
    return Plan(
        TrainRequest("charlm", source, given=given), length, TextAsRead(source, digest), shape, found.steps
    )


def as_run(plan: Plan, steps: int, **measured: Any) -> dict[str, Any]:
    """The spec of the run that a plan became."""
    given, shape = plan.request.given, plan.shape
    minutes = plan.length.amount if plan.length.unit == "minutes" else None
    training = {
        **shape.training,
        **given,
        **measured,
        "steps": steps,
        "evaluate_every": 9,
        "minutes": minutes,
    }
    text = TextPart.from_dict({**dataclasses.asdict(plan.read), "name": "harbour", "sha256": "1", **given})
    assert isinstance(shape, Shape)
    spec = CharSpec(
        text=text,
        model=shape.model,
        batches=shape.batches,
        ensemble=shape.ensemble,
        training=TrainingPart.from_dict(training),
        name="harbour",
    )
    return json.loads(spec.to_json())


@pytest.mark.parametrize(
    "plan",
    [
        a_plan(),
        a_plan(Length("steps", 500)),
        a_plan(Length("epochs", 2)),
        a_plan(hidden=40, seed=7, val=0.1, nfc=True),
    ],
)
def test_the_run_of_a_plan_does_not_differ_from_it(plan: Plan) -> None:
    run = as_run(plan, plan.steps + 1, threads=2, precision="float32", warmup=3, average=0.98)
    assert plan.unlike(run) == []
    assert in_a_sentence("harbour", plan.unlike(run)) == ""


def test_whether_there_was_time_for_a_teacher_is_no_difference() -> None:
    plan, run = a_plan(), as_run(a_plan(), a_plan().steps)
    run["ensemble"] |= {"ensemble": 1, "teacher_hidden": 256}
    run["training"] |= {"cooldown": 0.15}
    assert plan.unlike(run) == []
    asked = a_plan(ensemble=1, teacher_hidden=128)
    assert [difference.name for difference in asked.unlike(run)] == ["teacher-hidden"]


def test_what_was_typed_since_is_named() -> None:
    run = as_run(a_plan(), 912)
    assert in_a_sentence("harbour", a_plan(Length("minutes", 5), seed=3).unlike(run)) == (
        "Unlike harbour: seed 3 instead of 1; minutes 5 instead of 3."
    )
    found = a_plan(Length("steps", 300), hidden=40, dropout=0.0, optimizer="adamw").unlike(run)
    assert in_a_sentence("harbour", found).endswith(" more.")
    assert {"hidden", "dropout", "optimizer", "minutes", "steps"} <= {each.name for each in found}


def test_a_setting_that_one_of_both_lacks_is_not_nothing() -> None:
    run = as_run(a_plan(), 912)
    by_steps = {**run, "training": {**run["training"], "minutes": None}}
    (minutes,) = a_plan().unlike(by_steps)
    assert in_a_sentence("harbour", [minutes]) == "Unlike harbour: minutes 3 (it had none)."
    (without,) = differences(run, by_steps)
    assert in_a_sentence("harbour", [without]) == "Unlike harbour: minutes not given (instead of 3)."


def test_another_text_says_all() -> None:
    run = as_run(a_plan(), 912)
    assert (
        in_a_sentence("harbour", a_plan(source="reber", digest="def").unlike(run))
        == "Unlike harbour: another text."
    )
    assert in_a_sentence("harbour", a_plan(digest="def").unlike(run)) == "Unlike harbour: another text."


def test_a_text_that_is_read_in_another_way_is_no_other_text() -> None:
    found = a_plan(digest="def", level="byte").unlike(as_run(a_plan(), 912))
    assert in_a_sentence("harbour", found) == "Unlike harbour: level byte instead of char."


def test_a_run_without_settings_or_of_a_tagger_is_not_compared() -> None:
    assert a_plan().unlike({}) == []
    assert a_plan().unlike({"task": "tagger"}) == []


TAGGER = {"words": 64, "hidden": 32, "layers": 1, "character_width": 20}


def a_tagger_plan(
    length: Length | None = None,
    source: str = "/mine.conllu",
    digest: str = "abc",
    start_from: str | None = "english-upos",
    **given: Any,
) -> Plan:
    length = length or Length("minutes", 1)
    text = TaggedText("word", "", 13, further=TAGGER if start_from else None)
    found = tagger_outlook.outlook(length, text, given)
    part = part_of(source, {"val_share": 0.0, **given})
    request = TrainRequest("tagger", source, given=given, start_from=start_from)
    read = DataAsRead(dataclasses.replace(part, sha256={"train": digest}))
    return Plan(request, length, read, found.shape, found.steps, slack=0.2)


def as_tagger_run(plan: Plan, steps: int) -> dict[str, Any]:
    """The spec of the run that a tagger's plan became."""
    assert isinstance(plan.shape, TaggerShape)
    assert isinstance(plan.read, DataAsRead)
    minutes = plan.length.amount if plan.length.unit == "minutes" else None
    training = {
        **plan.shape.training,
        **plan.request.given,
        "steps": steps,
        "evaluate_every": 9,
        "minutes": minutes,
    }
    spec = TaggerSpec(
        data=dataclasses.replace(plan.read.data, name="mine"),
        model=plan.shape.model,
        batches=plan.shape.batches,
        training=TrainingPart.from_dict(training),
        name="mine",
        start_from=plan.request.start_from,
    )
    return json.loads(spec.to_json())


@pytest.mark.parametrize(
    "plan",
    [a_tagger_plan(), a_tagger_plan(Length("epochs", 40), start_from=None), a_tagger_plan(learn="all")],
)
def test_the_run_of_a_taggers_plan_does_not_differ_from_it(plan: Plan) -> None:
    assert plan.unlike(as_tagger_run(plan, plan.steps + 1)) == []


def test_a_taggers_plan_differs_by_its_start_its_data_and_its_knobs() -> None:
    run = as_tagger_run(a_tagger_plan(), 60)
    found = a_tagger_plan(start_from=None).unlike(run)
    assert str(found[0]) == "from: english-upos -> nothing"
    other = a_tagger_plan(source="/other.conllu", digest="def")
    assert in_a_sentence("mine", other.unlike(run), other.read.other) == "Unlike mine: other data."
    assert a_tagger_plan(source="/moved.conllu").unlike(run) == []
    assert [each.name for each in a_tagger_plan(learn="all").unlike(run)] == ["learn", "lr"]
