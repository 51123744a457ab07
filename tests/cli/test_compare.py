"""`lstmterm compare`, as a user types it."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from lstmterm.cli import lstmterm, main
from lstmterm.corpora.vocabulary import Vocabulary
from tests.character_models import LETTERS, TorchModel, trained_on
from tests.ui.tagger_models import WORDS, keep_tagger

TEXT = "".join(f"Line {i} of a little text, with a {i % 9} in it.\n" for i in range(60))
SAMPLE = ("--seed", "5", "--length", "90")


def run(*words: str) -> list[dict[str, Any]]:
    """The lines of JSON that a command prints."""
    result = CliRunner().invoke(lstmterm, [*words, "--json", "--quiet"], catch_exceptions=False)
    return [json.loads(line) for line in result.stdout.splitlines()]


def score(*words: str) -> float:
    return run("score", *words)[0]["nats_per_char"]


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "lines.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture
def models(text: Path) -> tuple[str, str]:
    """One that was trained on the first part of the text, and one that knows more characters."""
    trained_on(text, (1500, 2000, len(TEXT)))
    TorchModel(2, 16, seed=4).publish("other")
    return "own", "other"


def test_losses_are_those_of_score(models: tuple[str, str], text: Path) -> None:
    lines = run("compare", *models, str(text), "--adapt", *SAMPLE)
    assert [line["model"] for line in lines] == [*models]
    for line in lines:
        name = line["model"]
        assert line["nats_per_char"] == pytest.approx(score(name, str(text)), rel=1e-6)
        assert line["nats_per_char_reset"] == pytest.approx(
            score(name, str(text), "--reset", "256"), rel=1e-6
        )
        assert line["nats_per_char_adapted"] == pytest.approx(score(name, str(text), "--adapt"), rel=1e-6)
        assert (line["chars"], line["unknown"]) == (len(TEXT) - 1, 0)
    assert "nats_per_char_adapted" not in run("compare", *models, str(text))[0]


def test_samples_are_those_of_generate_and_their_copies_those_of_copied(
    models: tuple[str, str], text: Path
) -> None:
    more = (*SAMPLE, "--prompt", "Line", "--temperature", "0.5")
    for line in run("compare", *models, str(text), *more):
        (alone,) = run("generate", line["model"], *more)
        assert (line["sample"], line["copied"]) == (alone["text"], alone["copied"])
        assert {k: line[k] for k in ("seed", "prompt", "sampling")} == {
            k: alone[k] for k in ("seed", "prompt", "sampling")
        }
        assert line["chars_per_second"] > 0
    (alone,) = run("copied", "own", *more)
    own, other = run("compare", *models, str(text), *more)
    assert own["copied"] == {name: alone[name] for name in own["copied"]}
    assert own["copied"]["longest"] > 0
    assert other["copied"] is None  # its training text is not here


def test_the_text_is_the_validation_text_of_the_first_model(models: tuple[str, str], text: Path) -> None:
    own, other = run("compare", *models)
    assert own["nats_per_char"] == pytest.approx(score("own", "--split", "val"), rel=1e-6)
    part = text.with_name("part.txt")
    part.write_text(TEXT[1500:2000])
    assert other["nats_per_char"] == pytest.approx(score("other", str(part)), rel=1e-6)
    assert (own["text"], own["chars"]) == ("lines, val", 499)
    with pytest.raises(SystemExit) as wrong:
        main(["compare", "other", "own"])
    assert wrong.value.code == 2


def test_characters_that_a_model_does_not_know_are_scored_for_none(
    models: tuple[str, str], tmp_path: Path
) -> None:
    few = Vocabulary("\n LTabcdefghiklmnoqrstuvwxz0123456789,.")
    TorchModel(1, 24, seed=6, vocabulary=few).publish("few")
    strange = tmp_path / "strange.txt"
    strange.write_text("A ☃ in Line 5, with Kings.\n" * 9, encoding="utf-8")
    each = {
        name: [
            json.loads(x) for x in _invoke("score", name, str(strange), "--per-char", "--json").splitlines()
        ]
        for name in ("few", "other")
    }
    known = [
        k for k in range(1, len(each["few"])) if all(lines[k]["nats"] is not None for lines in each.values())
    ]
    assert 0 < len(known) < len(each["few"]) - 1
    for line in run("compare", "few", "other", str(strange)):
        nats = [each[line["model"]][k]["nats"] for k in known]
        assert line["nats_per_char"] == pytest.approx(sum(nats) / len(nats), abs=2e-6)
        assert (line["chars"], line["unknown"]) == (len(known), len(each["few"]) - 1 - len(known))
    said = CliRunner().invoke(lstmterm, ["compare", "few", "other", str(strange)]).stderr
    assert "read but not scored: A K ☃" in said


def _invoke(*words: str) -> str:
    return CliRunner().invoke(lstmterm, words, catch_exceptions=False).stdout


def test_who_was_trained_on_the_text_is_said(models: tuple[str, str], text: Path) -> None:
    assert (
        "own was trained on this text or a part of it."
        in CliRunner().invoke(lstmterm, ["compare", *models, str(text)]).stderr
    )
    assert "was trained on" not in CliRunner().invoke(lstmterm, ["compare", *models]).stderr


def test_the_table_and_the_samples(models: tuple[str, str]) -> None:
    TorchModel(2, 16, seed=4).publish("evil[red]" + "x" * 60)
    words = ("compare", "own", "evil[red]" + "x" * 60, *SAMPLE)
    own, other = run(*words)
    rows = _invoke(*words, "--quiet")
    first, second, _, title, *_ = rows.splitlines()
    assert first.split("\t")[:3] == ["own", "1x32", f"{own['parameters'] / 1000:.3g}k"]
    assert second.split("\t")[4:6] == [
        f"{other[key]:.3f}" for key in ("nats_per_char", "nats_per_char_reset")
    ]
    assert second.endswith("\t–")
    assert title == "--- own ---"
    assert own["sample"] in rows
    assert "---" not in _invoke("compare", "own", "other", "--length", "0", "--quiet")


def test_taggers_are_compared_by_their_tags(tmp_path: Path) -> None:
    keep_tagger("upos", WORDS)
    keep_tagger("worse", {**WORDS, "sea": "VERB"})
    data = tmp_path / "gold.csv"
    data.write_text("text,tag\nthe sea rises .,DET NOUN VERB PUNCT\nthe glim owes us,DET NOUN NOUN PRON\n")
    lines = run("compare", "upos", "worse", str(data))
    for line in lines:
        (alone,) = [json.loads(_invoke("evaluate", line["model"], str(data), "--json"))]
        for name in ("tokens", "accuracy", "accuracy_known", "accuracy_unknown", "macro_f1"):
            assert line[name] == alone[name]
        assert line["words_per_second"] > 0
    assert lines[0]["accuracy"] > lines[1]["accuracy"]
    assert _invoke("compare", "upos", "worse", str(data)).startswith("upos\t1x")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Name at least two models to compare."),
        (("own",), "Name at least two models to compare."),
        (("own", "{text}"), "Name at least two models to compare."),
        (("own", "othre"), "There is no model named 'othre'. Did you mean 'other'?"),
        (("own", "other", "nowhere"), "nowhere"),
        (("own", "tags"), "'tags' is a tagger and 'own' a character model; compare models of one kind."),
        (("other", "own"), "The text that 'other' was trained on was not found"),
        (("tags", "tags"), "There is no tagged data here that 'tags' was not trained on"),
        (("tags", "tags", "{text}", "--adapt"), "leave out --adapt"),
        (("tags", "tags", "{text}", "--top-k", "3"), "leave out --adapt"),
        (("own", "other", "--length", "-1"), "--length must be at least 0"),
    ],
)
def test_wrong_use_is_a_sentence(
    words: tuple[str, ...], said: str, models: tuple[str, str], text: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep_tagger("tags", WORDS)
    with pytest.raises(SystemExit) as done:
        main(["compare", *(word.format(text=text) for word in words)])
    assert done.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert "Traceback" not in err


def test_a_text_with_the_name_of_a_model(models: tuple[str, str]) -> None:
    TorchModel(vocabulary=LETTERS).publish("harbour")
    three = run("compare", "own", "other", "harbour", "--length", "0")
    assert [line["text"] for line in three] == ["lines, val"] * 3
    two = run("compare", "own", "other", "--text", "harbour", "--length", "0")
    assert [line["text"] for line in two] == ["harbour"] * 2
