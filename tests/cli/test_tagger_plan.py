"""`plan-tagger`: what `train-tagger` would do."""

import json
from pathlib import Path

from click.testing import CliRunner

from lstmterm.cli import lstmterm
from lstmterm.models import tagger_request
from lstmterm.planning.request import TrainRequest
from tests.runs.rows import a_tagger_run


def plan(*words: str) -> tuple[str, str]:
    """What the command prints on stdout and on stderr."""
    result = CliRunner().invoke(lstmterm, ["plan-tagger", *words])
    assert result.exit_code == 0, f"{result.output}{result.exception!r}"
    return result.stdout, result.stderr


def test_a_taggers_plan_says_how_long_how_good_and_how_large_without_training() -> None:
    printed, said = plan("harbour-tags")
    assert [line.split("\t")[0] for line in printed.splitlines()] == ["how long", "how good", "how large"]
    assert "The baseline is counting: each word's most frequent tag is right for " in printed
    assert "--why" in said
    assert "why\tIts size suits" in plan("harbour-tags", "--why")[0]
    assert plan("rot13")[0].startswith("how long\t300 steps")


def test_the_plan_of_further_training_as_json() -> None:
    found = json.loads(plan("harbour-tags", "--from", "english-upos", "--json")[0])
    assert found["what"] == "Learns the data's words only."
    assert found["counting"] is None
    assert found["how long"].startswith("3 minutes, at most ")


def test_doubtful_data_is_warned_of(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,tag\n" + "a b,X X\n" * 20)
    assert "Warning: The column tag has a single tag, X" in plan(str(tmp_path / "a.csv"))[0]


def test_an_earlier_run_of_the_same_data_is_named() -> None:
    part = tagger_request.read(TrainRequest("tagger", "harbour-tags")).part
    a_tagger_run("words", 0.951, part, seconds=61.0)
    reached = "The earlier run words reached 95.1% on the validation data of this file in 1:01 with 1x64. "
    assert f"how good\t{reached}The baseline is counting: " in plan("harbour-tags")[0]
    earlier = {"name": "words", "size": "1x64", "seconds": 61.0, "accuracy": 0.951}
    assert json.loads(plan("harbour-tags", "--json")[0])["earlier"] == earlier
    assert json.loads(plan("rot13", "--json")[0])["earlier"] is None
