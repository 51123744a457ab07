"""`lstmterm next`, as a user types it."""

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lstmterm.cli import lstmterm
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.sample import Sampler
from lstmterm.spec.sampling import Sampling
from tests.character_models import LETTERS, TorchModel


@pytest.fixture(autouse=True)
def model() -> None:
    TorchModel(1, 24).publish("bard")


def _run(*words: str, **options: Any) -> Result:
    return CliRunner().invoke(lstmterm, ["next", "bard", *words], catch_exceptions=False, **options)


def _rows(*words: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in _run(*words, "--json").stdout.splitlines()]


def test_characters_have_the_probabilities_of_sampling_and_of_the_model() -> None:
    sampler = Sampler(CharLSTM.from_tensors(TorchModel(1, 24).tensors()), LETTERS, [0])
    sampler.begin("Once")
    drawn, plain = sampler.expected(Sampling(0.5)), sampler.expected()
    rows = _rows("--prompt", "Once", "--temperature", "0.5", "--most", "4")
    assert [row["text"] for row in rows] == [LETTERS.symbols[k] for k in drawn.argsort()[::-1][:4]]
    for row in rows:
        k = LETTERS.symbols.index(row["text"])
        assert row["probability"] == pytest.approx(drawn[k], abs=1e-6)
        assert row["plain"] == pytest.approx(plain[k], abs=1e-6)


def test_words_stand_in_a_table_with_visible_spaces() -> None:
    rows = _rows("--prompt", "Once.", "--words", "--temperature", "1")
    assert all(row["probability"] == row["plain"] for row in rows)
    table = [
        line.split("\t")
        for line in _run("--prompt", "Once.", "--words", "--temperature", "1").stdout.splitlines()
    ]
    assert [cell for cell, _, _ in table] == [
        row["text"].replace(" ", "␣").replace("\n", "␊") for row in rows
    ]  # fmt: skip
    assert [float(p) for _, p, _ in table] == [round(row["probability"], 4) for row in rows]


def test_a_prompt_from_a_pipe_and_its_unknown_characters() -> None:
    piped = _run("--prompt", "-", "--json", input="Oncé")
    assert piped.stdout == _run("--prompt", "Oncé", "--json").stdout
    assert "does not know these characters of the prompt: é" in piped.stderr
    assert _run("--prompt", "Oncé", "--quiet").stderr == ""


def test_a_held_unit_changes_what_is_likely() -> None:
    assert _rows("--prompt", "Once", "--hold", "0:3=5") != _rows("--prompt", "Once")
