"""`lstmterm copied`, as a user types it."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from lstmterm.cli import lstmterm
from lstmterm.corpora.corpus import open_corpus
from tests.character_models import LETTERS, TorchModel
from tests.corpora.files import write

TEXT = "The gulls cry over the harbour.\nNobody\x1b answers them at night.\n" * 3


def run(*words: str) -> Any:
    return CliRunner().invoke(lstmterm, ["copied", *words])


@pytest.fixture
def corpus(tmp_path: Path) -> str:
    return write(tmp_path, TEXT + "It is late.\n", "corpus.txt")


def test_a_file_is_compared_with_a_corpus(tmp_path: Path, corpus: str) -> None:
    wanted = "We heard it: gulls cry over the land. It is late.\n"
    found = json.loads(run(write(tmp_path, wanted), "--corpus", corpus, "--least", "12", "--json").stdout)
    assert found["longest"] == len(" gulls cry over the ")
    longest = found["longest_copy"]
    assert longest["text"] == " gulls cry over the "
    assert TEXT[longest["position"] :].startswith(longest["text"])
    assert longest["line"] == TEXT[: longest["position"]].count("\n") + 1
    assert longest["before"].endswith("The")
    assert longest["after"].startswith("harbour.")
    assert [span["text"] for span in found["spans"]] == [" gulls cry over the ", "It is late.\n"]
    windows = [wanted[i : i + 8] for i in range(len(wanted) - 7)]
    share = sum(window in TEXT + "It is late.\n" for window in windows) / len(windows)
    assert found["share_8"] == pytest.approx(share, abs=1e-6)
    assert (found["share_32"], found["characters"]) == (0, len(wanted))


def test_the_table_shows_where_it_stands(tmp_path: Path, corpus: str) -> None:
    result = run(write(tmp_path, "Nobody\x1b answers them."), "--corpus", corpus)
    assert result.exit_code == 0
    rows = dict(line.split("\t", 1) for line in result.stdout.splitlines() if line.count("\t") == 1)
    assert rows["longest copy"].startswith("20 characters")
    assert "in line" in rows["found"]
    assert "\x1b" not in result.stdout
    assert "Nobody␛ answers them" in result.stdout
    nothing = run(write(tmp_path, "XXX"), "--corpus", corpus)
    assert "no character of the text occurs" in nothing.stdout


def test_a_model_is_compared_with_what_it_was_trained_on(tmp_path: Path) -> None:
    place = write(tmp_path, "\n" + LETTERS.symbols[1:] * 5, "letters.txt")
    opened = open_corpus(place)
    assert opened.vocabulary == LETTERS
    size = len(opened)
    TorchModel().publish(
        "bard",
        corpus={"name": "letters", "sha256": opened.sha256, "source": place, "chars": size},
        split={"train": [0, size // 2], "val": [size // 2, size], "test": [size, size]},
    )
    found = json.loads(run("bard", "--length", "80", "--seed", "3", "--json").stdout)
    assert found["corpus_characters"] == size // 2
    assert found["characters"] == len(found["sample"]) == 80
    generated = CliRunner().invoke(lstmterm, ["generate", "bard", "--length", "80", "--seed", "3", "--json"])
    line = json.loads(generated.stdout)
    assert line["text"] == found["sample"]
    assert line["copied"] == {name: found[name] for name in line["copied"]}
    assert line["copied"]["longest"] >= 1
    other = json.loads(run("bard", "--length", "80", "--seed", "3", "--corpus", place, "--json").stdout)
    assert other["spans"] == found["spans"]
    assert other["corpus_characters"] == size // 2


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    TorchModel().publish("bard")
    assert "--corpus" in str(run("bard").exception)
    assert "--corpus" in str(run(write(tmp_path, TEXT)).exception)
    generated = CliRunner().invoke(lstmterm, ["generate", "bard", "--length", "8", "--json"])
    assert json.loads(generated.stdout)["copied"] is None
