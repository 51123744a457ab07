"""A request is the same however it was made: from options, from typed texts, from a stored spec."""

import math
from collections.abc import Mapping
from typing import Any

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lstmterm.cli import train
from lstmterm.errors import InputError
from lstmterm.paths import NameRejected
from lstmterm.planning.length import Length
from lstmterm.planning.request import TrainRequest, planned_knobs
from lstmterm.spec.base import Kind
from lstmterm.spec.kinds import knobs_of
from lstmterm.spec.knobs import Knob
from tests.small import small_spec
from tests.taggers import spec_of

KINDS: list[Kind] = ["charlm", "tagger"]
each_kind = pytest.mark.parametrize("kind", KINDS)
words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)


def values_of(knob: Knob) -> st.SearchStrategy[Any]:
    """What a knob may be set to."""
    if knob.choices:
        return st.sampled_from(knob.choices)
    if knob.type is bool:
        return st.booleans()
    if knob.type is str:
        return words
    low, high = max(knob.low, -1e300), min(knob.high, 1e300)
    if knob.type is int:
        return st.integers(math.ceil(low), math.floor(min(high, 10**18)))
    return st.floats(low, high, allow_nan=False)


lengths = st.one_of(
    st.none(),
    st.builds(Length, st.just("minutes"), st.floats(1e-6, 500_000)),
    st.builds(Length, st.just("epochs"), st.floats(1e-6, 1e6)),
    st.builds(Length, st.just("steps"), st.integers(1, 10**9)),
)
names = st.none() | st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,20}", fullmatch=True)
sources = words.filter(lambda source: not source.startswith("-")) | st.just("-")


def givens(kind: Kind) -> st.SearchStrategy[dict[str, Any]]:
    """Knobs that may be set together: only one model can have a deadline."""
    knobs = {name: values_of(knob) for name, knob in knobs_of(kind).items() if name != "steps"}
    every = st.fixed_dictionaries({}, optional=knobs)
    return every.filter(
        lambda given: not (given.get("deadline") and (given.get("folds") or given.get("ensemble")))
    )


@st.composite
def requests(draw: st.DrawFn, kind: Kind) -> TrainRequest:
    given = draw(givens(kind))
    return TrainRequest(
        kind=kind,
        source=draw(sources),
        name=draw(names),
        length=draw(lengths),
        given=given,
        start_from=None if given.get("ensemble") else draw(st.none() | words),
        overwrite=draw(st.booleans()),
        yes=draw(st.booleans()) if kind == "tagger" else False,
    )


def parsed(arguments: list[str]) -> TrainRequest:
    """The request that the real command makes of its arguments."""
    kind: Kind = "charlm" if arguments[0] == "train" else "tagger"
    command = train.train if kind == "charlm" else train.train_tagger
    options = command.make_context(arguments[0], arguments[1:]).params
    source = options.pop("corpus" if kind == "charlm" else "data")
    for output in ("detach", "as_json", "quiet", "run_id", "nice"):
        options.pop(output)
    return TrainRequest.from_options(kind, source, **options)


@each_kind
@given(data=st.data())
def test_its_arguments_make_the_same_request(kind: Kind, data: st.DataObject) -> None:
    request = data.draw(requests(kind))
    assert parsed(request.to_arguments()) == request


def test_a_source_that_looks_like_an_option_is_given_as_a_path() -> None:
    assert parsed(TrainRequest("charlm", "-odd.txt").to_arguments()).source == "./-odd.txt"


def typed(values: Mapping[str, Any]) -> dict[str, str]:
    """What a user types for some values."""
    return {n: ("yes" if v else "no") if isinstance(v, bool) else str(v) for n, v in values.items()}


@each_kind
@given(data=st.data())
def test_typed_texts_make_the_same_request(kind: Kind, data: st.DataObject) -> None:
    known, drawn = knobs_of(kind), data.draw(givens(kind))
    values = {
        name: value for name, value in drawn.items() if known[name].type is not str or known[name].choices
    }
    request = TrainRequest.from_texts(kind, "harbour", "bard", "90 s", typed(values))
    assert request == TrainRequest(kind, "harbour", "bard", Length("minutes", 1.5), values)


def test_empty_texts_are_not_given() -> None:
    request = TrainRequest.from_texts("charlm", "harbour", "", "3", {"hidden": " ", "layers": "2"})
    assert request == TrainRequest("charlm", "harbour", None, Length("minutes", 3), {"layers": 2})


@pytest.mark.parametrize(
    ("values", "error", "sentence"),
    [
        ({"given": {"batch_size": 0}}, InputError, "--batch-size must be at least 1 (got 0)."),
        ({"given": {"optimizer": "lion"}}, InputError, "(got 'lion')"),
        ({"name": "../x"}, NameRejected, "model's name"),
        ({"given": {"ensemble": 2, "deadline": True}}, InputError, "leave out --deadline or --ensemble"),
        (
            {"given": {"ensemble": 2}, "start_from": "shakespeare"},
            InputError,
            "leave out --from or --ensemble",
        ),
    ],
)
def test_what_cannot_be_trained_is_refused_at_once(
    values: dict[str, Any], error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error) as refused:
        TrainRequest("charlm", "harbour", **values)
    assert sentence in str(refused.value)


def test_a_deadline_is_for_one_model() -> None:
    given = {"folds": 3, "deadline": True}
    with pytest.raises(InputError, match="leave out --deadline or --folds"):
        TrainRequest("tagger", "harbour-tags", given=given)
    TrainRequest("tagger", "harbour-tags", given={**given, "folds": 0})


def test_one_length_is_given() -> None:
    with pytest.raises(InputError, match="give one of them"):
        TrainRequest.from_options("charlm", "harbour", minutes=1, steps=5)


@pytest.mark.parametrize("spec", [small_spec(nfc=True), spec_of(cased=True)], ids=["charlm", "tagger"])
def test_a_spec_can_be_trained_again(spec: Any) -> None:
    kind: Kind = spec.task
    request = TrainRequest.from_spec(kind, spec.to_dict())
    assert request is not None
    again = parsed(request.to_arguments())
    assert (again.name, again.length) == (spec.name, Length("steps", spec.training.steps))
    for part in spec.parts():
        for name, value in vars(getattr(spec, part)).items():
            if name in knobs_of(kind) and name != "steps" and value not in (None, False):
                assert again.given[name] == value


def test_a_spec_without_its_data_cannot() -> None:
    assert TrainRequest.from_spec("charlm", {}) is None
    assert TrainRequest.from_spec("charlm", {"text": {"source": "a"}, "model": {"hidden": -1}}) is None


@pytest.mark.parametrize("spec", [small_spec(), spec_of()], ids=["charlm", "tagger"])
def test_a_spec_of_an_older_version_is_trained_without_what_is_planned_since(spec: Any) -> None:
    kind: Kind = spec.task
    for part, kept in spec.to_dict().items():
        for name in planned_knobs(kind) & (kept.keys() if isinstance(kept, dict) else set()) - {"steps"}:
            older = spec.to_dict() | {part: {field: value for field, value in kept.items() if field != name}}
            request = TrainRequest.from_spec(kind, older)
            assert request is not None
            default = knobs_of(kind)[name].default
            assert parsed(request.to_arguments()).given.get(name) == default, name


def test_a_spec_of_a_version_without_teachers_is_trained_without_them() -> None:
    spec = small_spec().to_dict()
    del spec["ensemble"]
    request = TrainRequest.from_spec("charlm", spec)
    assert request is not None
    again = parsed(request.to_arguments()).given
    assert (again["ensemble"], again["ngram_share"]) == (0, 0.0)


def test_a_flag_that_a_plan_may_set_is_unset_by_name() -> None:
    spec = spec_of(cased=False)
    request = TrainRequest.from_spec("tagger", spec.to_dict())
    assert request is not None
    assert "--no-cased" in request.to_arguments()


def test_the_command_refuses_it_with_exit_code_2() -> None:
    with pytest.raises(click.ClickException) as refused:
        parsed(["train", "harbour", "--hidden", "many"])
    assert refused.value.exit_code == 2
