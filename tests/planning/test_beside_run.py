"""How a plan differs from a run that was planned before."""

import json
from typing import Any

import pytest

from lstmterm.planning.beside_run import Plan, in_a_sentence
from lstmterm.planning.char_plan import TextFacts
from lstmterm.planning.length import Length
from lstmterm.planning.machine import Machine
from lstmterm.planning.outlook import outlook
from lstmterm.planning.request import TrainRequest
from lstmterm.spec.character import CharSpec, TextPart
from lstmterm.spec.training import TrainingPart

MACHINE = Machine("cpu", 2, "float32", 60_000)


def a_plan(length: Length | None = None, source: str = "harbour", digest: str = "abc", **given: Any) -> Plan:
    length = length or Length("minutes", 3)
    found, shape = outlook(length, TextFacts(65_257, 61), MACHINE, given)
    return Plan(TrainRequest("charlm", source, given=given), length, source, digest, shape, found.steps)


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
    text = TextPart.from_dict(
        {"source": plan.source, "name": "harbour", "sha256": "1", "digest": plan.digest, **given}
    )
    spec = CharSpec(
        text=text,
        model=shape.model,
        batches=shape.batches,
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


def test_what_was_typed_since_is_named() -> None:
    run = as_run(a_plan(), 912)
    assert in_a_sentence("harbour", a_plan(Length("minutes", 5), seed=3).unlike(run)) == (
        "Unlike harbour: seed: 1 -> 3; minutes: 3 -> 5."
    )
    found = a_plan(Length("steps", 300), hidden=40, dropout=0.0, optimizer="adamw").unlike(run)
    assert in_a_sentence("harbour", found).endswith(" more.")
    assert {"hidden", "dropout", "optimizer", "minutes", "steps"} <= {each.name for each in found}


def test_another_text_says_all() -> None:
    run = as_run(a_plan(), 912)
    assert (
        in_a_sentence("harbour", a_plan(source="reber", digest="def").unlike(run))
        == "Unlike harbour: another text."
    )
    assert in_a_sentence("harbour", a_plan(digest="def").unlike(run)) == "Unlike harbour: another text."


def test_a_text_that_is_read_in_another_way_is_no_other_text() -> None:
    found = a_plan(digest="def", level="byte").unlike(as_run(a_plan(), 912))
    assert in_a_sentence("harbour", found) == "Unlike harbour: level: char -> byte."


def test_a_run_without_settings_or_of_a_tagger_is_not_compared() -> None:
    assert a_plan().unlike({}) == []
    assert a_plan().unlike({"task": "tagger"}) == []
