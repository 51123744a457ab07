"""The language in which runs are filtered."""

import contextlib
import math
import time

import pytest
from hypothesis import given, strategies

from lstmterm.errors import InputError
from lstmterm.runs.columns import column
from lstmterm.runs.marks import Marks
from lstmterm.runs.query import parse
from tests.runs.rows import a_row

ROW = a_row(
    marks=Marks(("good", "summer"), "With MORE dropout"),
    began=time.time() - 2 * 86400,
    val_loss=1.39,
    seconds=182,
)


@pytest.mark.parametrize(
    "query",
    [
        "", "harbour", "HARB", "more", "text:harb", "text=harbour", "val<1.5", "val<=1.39", "val=1.39", "val:1.3900",
        "loss>1", "tag:good", "tag:su", "tags=good", "-tag:bad", "-failed", "state:finished text:harbour val<1.5",
        "when<3d", "when>1d", "time>3min", "time<0.1h", "speed>10k", "steps>=850", "size:2x", 'note:"more drop"',
        '"more dropout"', "steps<1,000", "state=finished", "kind=character", "size=2x256",
        "batch=32x48", "val=1.4", "reset=1.40", "bits=2.01", "bits:2.005", "at=800", "steps=850", "speed=10.9k", "speed=11k",
        "time=182", "time=3:02", "time=3min", "time>3:00", "time=3.0min", "time=0.05h", "when=2d", "when:48h",
        "hidden=256", "hidden>128 layers<3", "batch-size=32", "batch_size<=32", "dropout<2e-1", "dropout=1E-1", "lr=2e-3",
        "optimizer=adamw", "optimizer:adam", "nfc=no", "-batch-size>32",
        "val < 1.5", "val <1.5 tag:good", "-val> 1.5 harbour", "steps >= 850",
    ],
)  # fmt: skip
def test_a_run_matches(query: str) -> None:
    assert parse(query).matches(ROW)


@pytest.mark.parametrize(
    "query",
    [
        "shakespeare", "text=harb", "val<1.39", "val>1.39", "tag:bad", "tag=goo", "tag:ood", "-tag:good", "-harbour",
        "when<1d", "when=1d", "when=3d", "time>4min", "time=3:03", "time=4min", "speed=10.8k", "steps=851",
        "val=1.38", "val=2", "hidden=96", "-hidden=256", "lr=3e-3", "lr>2e-3", "optimizer=muon", "runtime-dropout", "cased=yes", "speed<10k", "text:harbour val<1", "group:x", "val > 1.5", "harbour val < 1", 'note:"dropout more"',
    ],
)  # fmt: skip
def test_a_run_does_not_match(query: str) -> None:
    assert not parse(query).matches(ROW)


@pytest.mark.parametrize(
    "query", ["state=running", "status:run", "running", '"running 40%"', "-state=finished"]
)
def test_a_run_that_trains_is_found_by_its_state_however_far_it_is(query: str) -> None:
    row = a_row(status="running", step=340)
    assert column("state").shown(row) == "running 40%"
    assert parse(query).matches(row)
    assert not parse(query).matches(ROW)


def test_runs_are_found_by_what_is_damaged_or_why_they_failed() -> None:
    row = a_row(status="damaged", reason="spec.json is not a file")
    assert (column("state").shown(row), column("reason").shown(row)) == ("damaged", "spec.json is not a file")
    assert all(parse(query).matches(row) for query in ("state=damaged", '"not a file"', "reason:spec"))


@pytest.mark.parametrize("term", ["val<", "tag:", "-", "steps <", "state="])
def test_a_term_without_a_value_is_left_out_only_while_it_is_typed(term: str) -> None:
    assert parse(f"harbour {term}", typing=True).matches(ROW)
    assert not parse(f"shakespeare {term}", typing=True).matches(ROW)
    with pytest.raises(InputError, match="has no value"):
        parse(f"harbour {term}")  # an empty variable of a shell: without the term it matches too many


def test_an_unknown_figure_matches_no_comparison() -> None:
    for value in (None, math.nan):
        row = a_row(val_loss=value)
        assert not any(parse(f"val{sign}1").matches(row) for sign in ("<", "<=", ">", ">=", "=", ":"))


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("vall<1", "no column 'vall'"),
        ("val<x", "compared with a number such as 1.5, 200 or 70k, not with 'x'"),
        ("time<3miles", "such as 30s, 5min"),
        ("hidden=many", "hidden is compared with a number"),
        ("hiden=96", "no column 'hiden'. Did you mean 'hidden'"),
        ("optimizer<3", "ask for optimizer:3"),
        ("text<harbour", "text is a text, so ask for text:harbour"),
    ],
)
def test_a_term_that_means_nothing_is_one_sentence(query: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        parse(query)


def test_archived_runs_are_kept_only_where_they_are_asked_for() -> None:
    shelved = a_row("old", marks=Marks(archived=True))
    assert parse("").kept([ROW, shelved]) == [ROW]
    assert parse("harbour").kept([ROW, shelved]) == [ROW]
    assert parse("archived").kept([ROW, shelved]) == [shelved]
    assert parse("tag:archived").kept([ROW, shelved]) == [shelved]


@given(strategies.text())
def test_any_text_is_a_query_or_a_sentence(text: str) -> None:
    with contextlib.suppress(InputError):
        assert parse(text).matches(ROW) in (True, False)
