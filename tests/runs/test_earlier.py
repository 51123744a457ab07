"""Which earlier run of a text a plan names."""

import dataclasses
import json
from typing import Any

from lstmterm import paths
from lstmterm.runs.earlier import Earlier, EarlierTagger, nearest, nearest_tagger
from lstmterm.runs.summary import Summary
from lstmterm.spec.tagger import DataPart
from tests.runs.rows import a_row, a_tagger_run


def a_run(name: str, digest: str = "abc", **figures: Any) -> Summary:
    """A finished run on disk, of a text with this digest."""
    summary = a_row(name, **figures).summary
    folder = paths.runs() / summary.id
    folder.mkdir(parents=True)
    spec = {
        "task": "charlm",
        "text": {"name": "harbour", "digest": digest},
        "model": {"layers": 2, "hidden": 256},
    }
    (folder / "spec.json").write_text(json.dumps(spec))
    return summary


def test_the_run_that_trained_for_about_as_long_is_named() -> None:
    runs = [
        a_run("short", seconds=20.0),
        a_run("alike", seconds=200.0, val_loss=1.5),
        a_run("long", seconds=4000.0),
        a_run("other", "def", seconds=180.0),
        a_run("stopped", status="stopped", seconds=180.0),
        a_run("none", seconds=180.0, val_loss=None),
        a_run("tags", task="tagger", seconds=180.0),
    ]
    assert nearest(runs, "harbour", "abc", 180.0) == Earlier("alike", "2x256", 200.0, 1.5)
    assert nearest(runs, "harbour", "xyz", 180.0) is None
    assert nearest(runs, "reber", "abc", 180.0) is None


def test_a_run_whose_settings_are_gone_is_left_out() -> None:
    assert nearest([a_row("gone").summary], "harbour", "abc", 180.0) is None


DATA = DataPart(source="/words.csv", name="words", sha256={"train": "abc"})


def test_the_run_of_a_tagger_is_named_with_its_accuracy() -> None:
    runs = [
        a_tagger_run("short", 0.5, DATA, seconds=20.0),
        a_tagger_run("alike", 0.95, DATA, seconds=200.0),
        a_tagger_run("unmeasured", None, DATA, seconds=180.0),
        a_tagger_run("other", 0.7, dataclasses.replace(DATA, sha256={"train": "def"}), seconds=180.0),
        a_tagger_run("column", 0.7, dataclasses.replace(DATA, column="XPOS"), seconds=180.0),
        a_tagger_run("stopped", 0.7, DATA, status="stopped", seconds=180.0),
    ]
    found = nearest_tagger(runs, dataclasses.replace(DATA, source="/moved.csv"), None, 180.0)
    assert found == EarlierTagger("alike", "1x64", 200.0, 0.95)
    assert found is not None
    assert found.sentence == (
        "The earlier run alike reached 95.0% on the validation data of this file in 3:20 with 1x64."
    )
    assert nearest_tagger(runs, DATA, None, None) == EarlierTagger("short", "1x64", 20.0, 0.5), "the first"
    assert nearest_tagger(runs, DATA, "english-upos", 180.0) is None, "it started from other weights"
