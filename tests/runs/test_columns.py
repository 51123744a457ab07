"""The columns of the table of runs."""

import dataclasses
import math
import time

import pytest

from lstmterm.errors import InputError
from lstmterm.runs import marks
from lstmterm.runs.columns import COLUMNS, DEFAULT, chosen, column, in_order
from lstmterm.runs.marks import Marks
from lstmterm.runs.rows import Row, rows_of
from lstmterm.runs.summary import summaries
from tests.damaged import one_of_each
from tests.recorded import FINISHED, a_run
from tests.runs.rows import a_row


def cells(row: Row) -> dict[str, str]:
    return {column.name: column.shown(row) for column in COLUMNS}


def test_every_column_shows_what_a_run_has() -> None:
    marked = Marks(("good", "old"), "a try", archived=True, group="sweep-1")
    row = dataclasses.replace(a_row(marks=marked, began=time.time() - 7300), is_reference=True)
    found = cells(row)
    assert found | {"changed": ""} == {
        "run": "20250101-000000-harbour", "name": "harbour", "state": "finished", "kind": "character",
        "text": "harbour", "size": "2x256", "batch": "32x48", "val": "1.3900", "reset": "1.4000", "bits": "2.005",
        "at": "800", "steps": "850 of 850", "time": "3:03", "speed": "10.9k", "when": "2 h ago", "changed": "",
        "tags": "good old archived reference", "note": "a try", "reason": "", "group": "sweep-1",
    }  # fmt: skip


def test_what_is_not_known_is_empty_and_nothing_fails() -> None:
    row = a_row(
        val_loss=None, val_loss_reset=math.nan, best_step=None, seconds=None, began=0, chars_per_second=None
    )
    bare = dataclasses.replace(row, spec={})
    for name in ("size", "batch", "val", "reset", "bits", "at", "time", "when", "speed", "tags", "note"):
        assert column(name).shown(bare) == "", name


def test_runs_on_disk_become_rows_also_damaged_ones() -> None:
    good = a_run("20250101-000000-good", FINISHED)
    bad = one_of_each()
    marks.pin(good)
    rows = rows_of(summaries())
    assert len(rows) == len(bad) + 1
    assert [row.summary.id for row in rows if row.is_reference] == [good.id]
    shown = {row.summary.id: (cells(row)["state"], cells(row)["reason"]) for row in rows}
    assert shown.pop(good.id) == ("finished", "")
    assert shown == {run.id: ("damaged", run.damage()) for run in bad}


def test_columns_are_chosen_by_their_names() -> None:
    assert [each.name for each in chosen("run,val  tag loss")] == ["run", "val", "tags"]
    assert [each.name for each in chosen(DEFAULT)] == DEFAULT.split()
    with pytest.raises(InputError, match=r"no column 'valu'\. Did you mean 'val'"):
        chosen("valu")
    with pytest.raises(InputError, match="at least one"):
        chosen(" ")


def test_a_setting_is_a_column_by_its_option_and_its_field() -> None:
    assert chosen("learning_rate lr LR") == chosen("lr")
    assert [each.heading for each in chosen("token-dropout batch_size")] == ["token-dropout", "batch-size"]
    row = a_row(hidden=96)
    shown = {each.name: each.shown(row) for each in chosen("hidden lr nfc optimizer threads cased")}
    assert shown == {
        "hidden": "96",
        "lr": "0.002",
        "nfc": "no",
        "optimizer": "adamw",
        "threads": "0",
        "cased": "",
    }
    assert column("hidden").right
    assert column("hidden").shown(dataclasses.replace(row, spec={})) == ""
    assert column("hidden").shown(dataclasses.replace(row, spec={"model": 3})) == ""
    rows = [a_row("a", hidden=96), a_row("b", hidden=64), dataclasses.replace(a_row("c"), spec={})]
    assert [each.summary.name for each in in_order(rows, "-hidden")] == ["a", "b", "c"]


def test_a_setting_does_not_hide_a_column() -> None:
    for each in COLUMNS:
        assert all(column(name) is each for name in (each.name, *each.also))


def test_names_are_unique_and_every_column_has_a_sentence() -> None:
    names = [name for each in COLUMNS for name in (each.name, *each.also)]
    assert len(names) == len(set(names))
    assert all(each.sentence.endswith(".") for each in COLUMNS)


def test_rows_are_sorted_by_value_with_the_unknown_last() -> None:
    rows = [a_row("a", val_loss=1.5), a_row("b", val_loss=None), a_row("c", val_loss=1.2)]

    def order(by: str) -> str:
        return "".join(row.summary.name for row in in_order(rows, by))

    assert order("val") == "cab"
    assert order("-val") == "acb"
    assert order("-name") == "cba"
    moments = [a_row("a", began=10.0), a_row("b", began=20.0), a_row("c", began=0)]
    assert "".join(row.summary.name for row in in_order(moments, "when")) == "bac"
    assert "".join(row.summary.name for row in in_order(moments, "-when")) == "abc"
