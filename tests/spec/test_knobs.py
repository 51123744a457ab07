"""Specs check themselves, in words, and come back from JSON as they were."""

import dataclasses
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmterm.errors import InputError
from lstmterm.spec.character import CharBatchPart, CharModelPart, CharSpec, TextPart
from lstmterm.spec.kinds import spec_from_dict
from lstmterm.spec.knobs import Knob, Part, arguments, knobs, number_text, parse
from lstmterm.spec.tagger import DataPart, TaggerBatchPart, TaggerModelPart, TaggerSpec
from lstmterm.spec.training import TrainingPart

PARTS: list[type[Part]] = [
    TextPart, CharModelPart, CharBatchPart, TrainingPart, DataPart, TaggerModelPart, TaggerBatchPart,
]  # fmt: skip
ALL = [(part, knob) for part in PARTS for knob in knobs(part)]
NEEDED = {TextPart: {"source": "s", "name": "n"}, DataPart: {"source": "s", "name": "n"}}
each_knob = pytest.mark.parametrize(
    ("part", "knob"), ALL, ids=lambda v: v.name if isinstance(v, Knob) else v.__name__
)


def part_with(part: type[Part], **values: Any) -> Part:
    needed: dict[str, Any] = NEEDED.get(part, {})
    if part is TrainingPart:
        needed = {"steps": 10, "evaluate_every": 5}
    return part.from_dict({**needed, **values})


def values_of(knob: Knob) -> st.SearchStrategy[Any]:
    """Everything that a knob may be."""
    low, high = max(knob.low, -(2**70)), min(knob.high, 2**70)
    if knob.choices:
        values: st.SearchStrategy[Any] = st.sampled_from(knob.choices)
    elif knob.type is int:
        values = st.integers(math.ceil(low), math.floor(high))
    elif knob.type is float:
        values = st.floats(low, high, allow_nan=False, allow_infinity=False)
    else:
        values = {bool: st.booleans(), str: st.text()}[knob.type]
    return st.none() | values if knob.optional else values


@each_knob
def test_a_knob_is_described_and_its_default_fits(part: type[Part], knob: Knob) -> None:
    assert knob.sentence.endswith(".")
    assert knob.sentence[0].isupper()
    assert "_" not in knob.option
    if knob.default is not None:
        part_with(part, **{knob.name: knob.default})


@each_knob
@given(data=st.data())
def test_what_a_knob_may_be_is_taken(part: type[Part], knob: Knob, data: st.DataObject) -> None:
    value = data.draw(values_of(knob))
    assert getattr(part_with(part, **{knob.name: value}), knob.name) == value


WRONG = [math.nan, math.inf, -math.inf, -1, -0.5, 10**30, "three", "", [], True, 1.5, None, b"x"]


@each_knob
@pytest.mark.parametrize("value", WRONG, ids=repr)
def test_what_it_may_not_be_is_one_sentence(part: type[Part], knob: Knob, value: Any) -> None:
    refused = refusal(part, knob, value)
    if refused is not None:
        assert refused.exit_code == 2
        assert f"--{knob.option}" in str(refused)
        assert str(refused).endswith(".")
        assert "\n" not in str(refused)
        return
    assert value is None or isinstance(value, {float: (int, float)}.get(knob.type, knob.type))
    if knob.type in (int, float) and value is not None:
        assert knob.low <= value <= knob.high
        assert math.isfinite(value)


def refusal(part: type[Part], knob: Knob, value: Any) -> InputError | None:
    """The error of a part with such a value; None where it is taken as it is."""
    try:
        assert getattr(part_with(part, **{knob.name: value}), knob.name) is value
    except InputError as error:
        return error
    return None


@pytest.mark.parametrize(
    ("part", "values", "sentence"),
    [
        (CharModelPart, {"hidden": 0}, "--hidden must be at least 1 (got 0)."),
        (CharModelPart, {"dropout": 0.96}, "--dropout must be at most 0.95 (got 0.96)."),
        (TextPart, {"val": 0.500000001}, "--val must be at most 0.5 (got 0.500000001)."),
        (TrainingPart, {"steps": 0}, "--steps must be at least 1 (got 0)."),
        (TrainingPart, {"learning_rate": math.nan}, "--lr must be a finite number (got nan)."),
        (
            TrainingPart,
            {"optimizer": "lion"},
            "--optimizer must be one of muon, adamw, adam, sgd, rmsprop (got 'lion').",
        ),
    ],
)
def test_the_sentences(part: type[Part], values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError) as refused:
        part_with(part, **values)
    assert str(refused.value) == sentence


def char_spec(**values: Any) -> CharSpec:
    values = {"source": "s", "name": "n", "steps": 10, "evaluate_every": 5} | values
    parts = [p.from_dict(values) for p in (TextPart, CharModelPart, CharBatchPart, TrainingPart)]
    text, model, streams, training = parts
    return CharSpec(text=text, model=model, batches=streams, training=training, name="n", start_from="bard")  # pyright: ignore[reportArgumentType]


def tagger_spec() -> TaggerSpec:
    return TaggerSpec(
        data=DataPart(source="s", name="n", sha256={"train": "0"}),
        model=TaggerModelPart(),
        batches=TaggerBatchPart(),
        training=TrainingPart(steps=1, evaluate_every=1),
        name="n",
    )


@pytest.mark.parametrize(
    "spec", [char_spec(hidden=7, minutes=2.5, learning_rate=0.1, vocab_limit=9), tagger_spec()]
)
def test_a_spec_comes_back_from_json(spec: CharSpec | TaggerSpec) -> None:
    assert spec_from_dict(json.loads(spec.to_json())) == spec
    assert type(spec).from_dict(json.loads(spec.to_json())) == spec


def test_fields_from_the_future_are_left_out() -> None:
    values = char_spec().to_dict()
    values["model"]["gates"] = 5
    values["mood"] = "good"
    assert CharSpec.from_dict(values) == char_spec()


def test_formats_from_the_future_are_refused() -> None:
    for spec in (char_spec(), tagger_spec()):
        with pytest.raises(InputError, match="newer lstmterm"):
            spec_from_dict(spec.to_dict() | {"format": 99})


def test_a_spec_read_from_a_file_is_checked_too() -> None:
    values = char_spec().to_dict()
    values["model"]["hidden"] = -3
    with pytest.raises(InputError, match="--hidden must be at least 1"):
        CharSpec.from_dict(values)


def test_specs_are_values() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        char_spec().model.hidden = 3  # pyright: ignore[reportAttributeAccessIssue]


def test_no_two_knobs_of_a_command_share_an_option() -> None:
    for parts in (
        (TextPart, CharModelPart, CharBatchPart, TrainingPart),
        (DataPart, TaggerModelPart, TaggerBatchPart, TrainingPart),
    ):
        options = [knob.option for part in parts for knob in knobs(part)]
        assert len(options) == len(set(options))


# Typed, and as words of a command line


@each_knob
@given(data=st.data())
def test_a_typed_value_is_read_back(part: type[Part], knob: Knob, data: st.DataObject) -> None:
    value = data.draw(values_of(knob).filter(lambda v: v is not None))
    if knob.type is str and not knob.choices:
        assert parse(knob, f" {value} ") == value.strip()
    elif knob.type is bool:
        assert parse(knob, "yes" if value else "No") is value
    else:
        assert parse(knob, number_text(value) if not knob.choices else value) == value


@each_knob
def test_a_value_becomes_an_option(part: type[Part], knob: Knob) -> None:
    if knob.type is bool:
        assert arguments(knob, True) == [f"--{knob.option}"]
        assert arguments(knob, False) == [f"--no-{knob.option}"]
    elif knob.type is float:
        assert arguments(knob, 3.0) == [f"--{knob.option}", "3"]
        assert arguments(knob, 0.1 + 0.2) == [f"--{knob.option}", "0.30000000000000004"]
    else:
        assert arguments(knob, 12 if knob.type is int else "x")[0] == f"--{knob.option}"


KNOWN = {knob.name: knob for part in PARTS for knob in knobs(part)}


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("steps", "1,000", 1000),
        ("steps", "12,345,678", 12_345_678),
        ("steps", "1_000", 1000),
        ("clip", " 1,000 ", 1000.0),
        ("clip", "0.8", 0.8),
    ],
)
def test_a_comma_divides_thousands(name: str, text: str, value: float) -> None:
    assert parse(KNOWN[name], text) == value


@pytest.mark.parametrize(
    "text", ["0,8", "1,5", ",5", "5,", "10,00", "1,0000", "1000,000", "1,000.5", "1,000,5"]
)
@pytest.mark.parametrize(("name", "noun"), [("clip", "a finite number"), ("steps", "a whole number")])
def test_any_other_comma_is_refused(name: str, noun: str, text: str) -> None:
    with pytest.raises(InputError) as refused:
        parse(KNOWN[name], text)
    assert str(refused.value) == f"--{name} must be {noun} (got {text!r})."


def test_what_is_typed_wrongly_is_one_sentence() -> None:
    for name, text, sentence in (
        ("hidden", "many", "--hidden must be a whole number (got 'many')."),
        ("hidden", "9,999", "--hidden must be at most 8192 (got 9999)."),
        ("cased", "perhaps", "--cased must be yes or no (got 'perhaps')."),
        ("dropout", "inf", "--dropout must be a finite number (got inf)."),
    ):
        with pytest.raises(InputError) as refused:
            parse(KNOWN[name], text)
        assert str(refused.value) == sentence
