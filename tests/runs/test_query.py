"""The language in which runs are filtered."""

import contextlib
import math
import time

import pytest
from hypothesis import given, strategies

from lstmterm.errors import InputError
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
        '"more dropout"', "val<", "tag:", "-", "steps<1,000",
    ],
)  # fmt: skip
def test_a_run_matches(query: str) -> None:
    assert parse(query).matches(ROW)


@pytest.mark.parametrize(
    "query",
    [
        "shakespeare", "text=harb", "val<1.39", "val>1.39", "tag:bad", "tag=goo", "tag:ood", "-tag:good", "-harbour",
        "when<1d", "time>4min", "speed<10k", "text:harbour val<1", "group:x", 'note:"dropout more"',
    ],
)  # fmt: skip
def test_a_run_does_not_match(query: str) -> None:
    assert not parse(query).matches(ROW)


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
