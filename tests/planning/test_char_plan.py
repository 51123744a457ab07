"""The plan: pure rules that keep what the user set, and never plan less for more time."""

import dataclasses
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmterm.planning import char_plan as plan
from lstmterm.planning.char_plan import Shape
from lstmterm.planning.length import Length
from lstmterm.planning.machine import Machine, Precision
from lstmterm.planning.outlook import outlook
from lstmterm.planning.text_size import TextFacts
from lstmterm.planning.training_time import cost, units
from lstmterm.spec.character import CharBatchPart, CharModelPart, EnsemblePart
from lstmterm.spec.knobs import knobs
from lstmterm.spec.training import TrainingPart

MACHINE = Machine("cpu", 2, "float32", 60_000)

texts = st.builds(TextFacts, chars=st.integers(2, 10**9), vocabulary_size=st.integers(1, 100_000))
times = st.floats(0.1, 10**7)
machines = st.builds(
    Machine, st.just("cpu"), st.just(2), st.just("float32"), st.floats(10, 10**7), st.floats(0, 0.9)
)


def given_knobs() -> st.SearchStrategy[dict[str, Any]]:
    """Some knobs, set by hand."""
    values: dict[str, st.SearchStrategy[Any]] = {
        "layers": st.integers(1, 8), "hidden": st.integers(1, 2048), "embedding": st.integers(0, 300),
        "dropout": st.floats(0, 0.95), "token_dropout": st.floats(0, 0.5), "layer_dropout": st.floats(0, 0.5), "init": st.sampled_from(["orthogonal", "default"]),
        "initial_state": st.sampled_from(["zero", "random", "learned"]),
        "batch_size": st.integers(1, 500), "seq_length": st.integers(1, 500), "learning_rate": st.floats(1e-6, 1),
        "optimizer": st.sampled_from(["muon", "adamw", "sgd"]), "average": st.floats(0, 0.999), "patience": st.integers(0, 9),
    }  # fmt: skip
    return st.fixed_dictionaries({}, optional=values)


def flat(shape: Shape) -> dict[str, Any]:
    return {**vars(shape.model), **vars(shape.batches), **shape.training}


@given(texts, times, machines, given_knobs())
def test_a_knob_that_was_set_is_kept(
    text: TextFacts, seconds: float, machine: Machine, by_hand: dict[str, Any]
) -> None:
    planned = flat(plan.shape_for(text, seconds, machine, by_hand))
    assert {name: planned[name] for name in by_hand} == by_hand


@given(texts, times, machines)
def test_every_plan_is_a_spec(text: TextFacts, seconds: float, machine: Machine) -> None:
    shape = plan.shape_for(text, seconds, machine, {})
    assert isinstance(shape.model, CharModelPart)
    assert isinstance(shape.batches, CharBatchPart)
    TrainingPart.from_dict({"steps": 1, "evaluate_every": 1, **shape.training})
    assert shape.why.endswith(".")


@given(texts, times, st.floats(1, 1000), machines)
def test_more_time_never_gives_a_smaller_model(
    text: TextFacts, seconds: float, factor: float, machine: Machine
) -> None:
    times = (seconds, seconds * factor)
    less, more = (plan.shape_for(text, s, machine, {}, alone=True).model for s in times)
    assert cost(more, vocabulary_size=0) >= cost(less, vocabulary_size=0)


@given(texts, times, st.floats(1, 1000), machines)
def test_a_faster_machine_is_more_time(
    text: TextFacts, seconds: float, factor: float, machine: Machine
) -> None:
    faster = dataclasses.replace(machine, chars_per_second=machine.chars_per_second * factor)
    less, more = (plan.shape_for(text, seconds, m, {}, alone=True).model for m in (machine, faster))
    assert cost(more, vocabulary_size=0) >= cost(less, vocabulary_size=0)


@pytest.mark.parametrize(
    ("by_hand", "further", "alone", "length"),
    [
        ({"ensemble": 0}, False, False, Length("minutes", 60)),
        ({"deadline": True}, False, False, Length("minutes", 60)),
        ({}, True, False, Length("minutes", 60)),
        ({}, False, True, Length("minutes", 60)),
        ({}, False, False, Length("epochs", 100)),
    ],
)
def test_a_model_may_have_a_teacher_unless_something_is_against_it(
    by_hand: dict[str, Any], further: bool, alone: bool, length: Length
) -> None:
    text = TextFacts(1_000_000, 65)
    shape = plan.shape_for(text, 3200, MACHINE, {}, Length("minutes", 60))
    assert shape.taught == EnsemblePart(ensemble=1, teacher_hidden=384)
    assert plan.limits(shape, text, 123, {}).models_if_taught > 1
    against = plan.shape_for(text, 3200, MACHINE, by_hand, length, further=further, alone=alone)
    assert against.taught is None
    assert plan.limits(against, text, 123, by_hand).models_if_taught == 0


@pytest.mark.parametrize(
    ("by_hand", "is_taught", "cooldown"),
    [
        ({}, True, 0.3),
        ({}, False, 0.0),
        ({"ensemble": 2}, False, 0.3),
        ({"cooldown": 0.0}, True, 0.0),
        ({"cooldown": 0.2}, False, 0.2),
        ({"optimizer": "adamw"}, True, 0.0),
    ],
)
def test_the_rate_of_a_model_with_a_teacher_falls_to_zero(
    by_hand: dict[str, Any], is_taught: bool, cooldown: float
) -> None:
    text = TextFacts(1_000_000, 65)
    shape = plan.shape_for(text, 3200, MACHINE, by_hand, Length("minutes", 60))
    settled = plan.for_steps(shape, text, 2400, by_hand, is_taught=is_taught)
    training = TrainingPart.from_dict({**settled.training, **by_hand, "steps": 1, "evaluate_every": 1})
    assert training.cooldown == cooldown


@given(texts, times, st.floats(1, 1000))
def test_for_a_given_model_more_time_is_more_dropout(text: TextFacts, seconds: float, factor: float) -> None:
    less, more = (
        plan.shape_for(text, s, MACHINE, {"hidden": 128}).model for s in (seconds, seconds * factor)
    )
    assert more.dropout >= less.dropout


def test_many_epochs_are_planned_with_dropout_and_few_without() -> None:
    seldom, often = (plan.shape_for(TextFacts(65_000, 61), s, MACHINE, {}) for s in (0.5, 180.0))
    assert seldom.model.dropout == 0
    assert often.model.dropout >= 0.5
    assert f"dropout {often.model.dropout:g}" in often.why


def test_dropout_and_average_follow_the_steps_that_are_really_made() -> None:
    text = TextFacts(65_000, 61)
    shape = plan.shape_for(text, 180.0, MACHINE, {})
    an_epoch = text.chars / (shape.batches.batch_size * shape.batches.seq_length)
    seldom, often = (plan.for_steps(shape, text, epochs * an_epoch, {}) for epochs in (1.5, 19))
    assert seldom.model.dropout < often.model.dropout
    assert seldom.training["average"] < often.training["average"] < 1
    by_hand = plan.for_steps(
        plan.shape_for(text, 180.0, MACHINE, {"dropout": 0.2}), text, 1.5 * an_epoch, {"dropout": 0.2}
    )
    assert by_hand.model.dropout == 0.2
    assert "1.5 epochs, with dropout 0.2 as given" in by_hand.why


@pytest.mark.parametrize(
    ("chars", "layers", "epochs", "dropout", "final_rate"),
    [
        (842_000, 1, 6.4, 0.0, 0.01),
        (842_000, 1, 9.1, 0.3, 0.3),
        (842_000, 2, 6.4, 0.3, 0.3),
        (842_000, 2, 5.9, 0.0, 0.01),
        (100_000, 1, 6.4, 0.25, 0.3),
        (100_000, 1, 5.9, 0.25, 0.01),
    ],
)
def test_one_layer_has_more_epochs_of_a_falling_rate_without_dropout(
    chars: int, layers: int, epochs: float, dropout: float, final_rate: float
) -> None:
    text = TextFacts(chars, 239)
    shape = plan.shape_for(text, 60.0, MACHINE, {"layers": layers})
    shape = plan.for_steps(shape, text, epochs * chars / units(shape.batches), {})
    assert (shape.model.dropout, shape.training["final_rate"]) == (dropout, final_rate)


def test_many_epochs_of_a_short_text_are_planned_with_dropout_between_layers() -> None:
    def planned(chars: int, epochs: float, given: dict[str, Any]) -> tuple[CharModelPart, str]:
        text = TextFacts(chars, 61)
        shape = plan.shape_for(text, 3600.0, MACHINE, given)
        assert shape.model.layers == 2
        steps = epochs * chars / units(shape.batches)
        shape = plan.for_steps(shape, text, steps, given)
        return shape.model, shape.why

    many, why = planned(150_000, 40, {})
    assert (many.dropout, many.layer_dropout) == (0.5, 0.3)
    assert "with dropout 0.5 (0.3 between layers) and token dropout 0.05" in why
    for chars, epochs in ((150_000, 20), (1_000_000, 20), (30_000, 40)):
        model, why = planned(chars, epochs, {})
        assert model.layer_dropout == 0
        assert "between layers" not in why
    by_hand, why = planned(150_000, 40, {"dropout": 0.2})
    assert by_hand.layer_dropout is None, "after each layer"
    assert "with dropout 0.2 as given" in why


def test_a_machine_with_slow_products_gets_smaller_models() -> None:
    text = TextFacts(10**6, 60)
    for seconds in (30, 250, 900):
        slow, quick = (
            plan.shape_for(text, seconds, Machine("cpu", 2, "float32", 60_000, share), {}).model
            for share in (0.9, 0.3)
        )
        assert cost(slow, 60) < cost(quick, 60)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_optimizer_is_muon_unless_another_is_asked_for(precision: Precision) -> None:
    arguments = TextFacts(10**6, 60), 60, Machine("cpu", 2, precision, 60_000)
    assert plan.shape_for(*arguments, {}).training["optimizer"] == "muon"
    by_hand = plan.shape_for(*arguments, {"optimizer": "adamw"}).training
    assert by_hand["optimizer"] == "adamw"
    assert by_hand["learning_rate"] < plan.shape_for(*arguments, {}).training["learning_rate"]


@pytest.mark.parametrize(
    ("chars", "minutes", "size", "teacher", "alone"),
    [
        (10**6, 6, "2x384", None, "2x384"),
        (10**6, 15, "2x448", 384, "2x576"),
        (10**6, 30, "2x768", 384, "2x768"),
        (400_000, 10, "2x384", 384, "2x384"),
        (10**7, 600, "2x1024", 384, "2x1024"),
    ],
)
def test_a_smaller_model_with_a_teacher_is_planned_instead_of_one_that_overfits(
    chars: int, minutes: int, size: str, teacher: int | None, alone: str
) -> None:
    text, machine = TextFacts(chars, 65), Machine("cpu", 2, "bfloat16", 86_333, 0.36)
    length = Length("minutes", minutes)

    def planned(**given: Any) -> tuple[str, int | None]:
        spec = outlook(length, text, machine, given)[1]
        model, part = spec.model, spec.ensemble
        return f"{model.layers}x{model.hidden}", part.teacher_of(model).hidden if part.ensemble else None

    assert planned() == (size, teacher)
    assert planned(ensemble=0) == (alone, None)


def test_a_text_that_allows_two_layers_gets_them_when_there_is_time() -> None:
    text, machine = TextFacts(500_000, 65), Machine("cpu", 2, "float32", 60_000, 0.3)
    models = [plan.shape_for(text, seconds, machine, {}).model for seconds in range(10, 300, 5)]
    sizes = list(dict.fromkeys((model.layers, model.hidden) for model in models))
    assert sizes == [(1, 256), (1, 384), (1, 512), (2, 384)]


@given(st.integers(2, 10**8), st.integers(1, 100))
def test_where_time_is_no_limit_a_longer_text_never_gives_a_smaller_model(chars: int, factor: int) -> None:
    short, long = (
        cost(plan.shape_for(TextFacts(n, 60), 10**7, MACHINE, {}).model, 60) for n in (chars, chars * factor)
    )
    assert long >= short


@pytest.mark.parametrize("seconds", [10, 20, 600])
def test_a_short_text_has_its_size_however_long_it_is_trained(seconds: float) -> None:
    shape = plan.shape_for(TextFacts(27_000, 61), seconds, MACHINE, {})
    assert (shape.model.layers, shape.model.hidden, shape.batches.batch_size) == (2, 192, 32)
    assert "overfits a text of 27,000 characters" in shape.why


def test_rules_are_pure() -> None:
    arguments = (TextFacts(1_000_000, 65), 60.0, MACHINE, {"layers": 2})
    assert plan.shape_for(*arguments) == plan.shape_for(*arguments)
    assert arguments[3] == {"layers": 2}


def test_every_planned_number_is_a_knob() -> None:
    names = {k.name for part in (CharModelPart, CharBatchPart, TrainingPart) for k in knobs(part)}
    shape = plan.shape_for(TextFacts(1000, 5), 1.0, MACHINE, {})
    assert set(flat(shape)) <= names
    assert math.isfinite(cost(shape.model, 5))


def test_the_size_speaks_of_the_length_that_was_asked_for() -> None:
    text = TextFacts(10**6, 60)
    for length in (Length("minutes", 3), Length("epochs", 2), Length("steps", 500)):
        shape = plan.shape_for(text, plan.seconds_of(length, text, MACHINE), MACHINE, {}, length)
        assert f"learns most in {length} on this machine" in shape.why


def test_the_size_says_when_the_text_limits_it_and_when_it_was_given() -> None:
    assert (
        "A larger model than 1x384 overfits" in plan.shape_for(TextFacts(65_000, 60), 9000, MACHINE, {}).why
    )
    assert (
        "1x40, keeps to what was given"
        in plan.shape_for(TextFacts(65_000, 60), 9, MACHINE, {"hidden": 40}).why
    )


@pytest.mark.parametrize(("chars", "epochs"), [(65_000, 40), (300_000, 40), (300_001, 20), (10**6, 20)])
def test_only_a_time_ends_after_so_many_epochs(chars: int, epochs: int) -> None:
    text = TextFacts(chars, 60)
    timed, counted = (
        plan.shape_for(text, 90_000, MACHINE, {}, length).why
        for length in (Length("minutes", 1500), Length("epochs", 40))
    )
    assert f"It stops after {epochs} epochs" in timed
    assert "stops" not in counted


@pytest.mark.parametrize(
    ("chars", "size", "by_hand", "share"),
    [
        (100_000, 500, {}, 0.5),
        (100_001, 60, {}, 0.0),
        (27_000, 501, {}, 0.0),  # too few of the n-grams of so many characters
        (27_000, 60, {"ngram_share": 0.2}, 0.2),
        (27_000, 60, {"ngram_share": 0.0}, 0.0),
        (1_000_000, 60, {"ngram_share": 0.3}, 0.3),
    ],
)
def test_models_of_short_texts_learn_from_ngrams(
    chars: int, size: int, by_hand: dict[str, Any], share: float
) -> None:
    shape = plan.shape_for(TextFacts(chars, size), 60, MACHINE, by_hand)
    assert shape.ensemble.ngram_share == share
    assert ("n-gram predictions" in shape.why) == (share > 0 and not by_hand)
    settled = plan.for_steps(shape, TextFacts(chars, size), 1000, by_hand, is_taught=True)
    assert (settled.ensemble.ngram_share, settled.ensemble.ensemble) == (share, 1)


@pytest.mark.parametrize("chars", [27_000, 200_000, 10**7])
def test_trained_weights_are_trained_further_at_a_low_rate_and_without_ngrams(chars: int) -> None:
    text = TextFacts(chars, 60)
    new, further = (plan.shape_for(text, 60, MACHINE, {}, further=f) for f in (False, True))
    assert new.training["learning_rate"] > 5e-3 == further.training["learning_rate"]
    settled = plan.for_steps(further, text, 1000, {})
    assert (further.ensemble.ngram_share, settled.ensemble.ngram_share) == (0.0, 0.0)
    assert "n-gram" not in settled.why
    by_hand = {"learning_rate": 0.01, "ngram_share": 0.2}
    asked = plan.shape_for(text, 60, MACHINE, by_hand, further=True)
    assert (asked.training["learning_rate"], asked.ensemble.ngram_share) == (0.01, 0.2)
