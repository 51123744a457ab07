"""`lstmterm score`, as a user types it."""

import gzip
import hashlib
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from lstmterm.cli import lstmterm, main
from lstmterm.corpora import kneser_ney
from lstmterm.corpora.corpus import open_corpus
from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.errors import InputError
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.score import score, surprisals
from tests.character_models import LETTERS, TorchModel, trained_on

TEXT = "".join(f"Line {i} of a little text, with ☃ {i % 9} in it.\n" for i in range(40))


@pytest.fixture
def model() -> CharLSTM:
    TorchModel(1, 32).publish("bard")
    return CharLSTM.from_tensors(TorchModel(1, 32).tensors())


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def _run(*words: str, stdin: bytes | None = None) -> Any:
    return CliRunner().invoke(lstmterm, ["score", *words], input=stdin)


@pytest.mark.parametrize("reset", [None, 100])
def test_a_files_figures_are_the_scores(model: CharLSTM, text: Path, reset: int | None) -> None:
    words = [] if reset is None else ["--reset", str(reset)]
    figures = json.loads(_run("bard", str(text), "--json", *words).stdout)
    expected = score(model, LETTERS.encode(TEXT), reset=reset)
    assert figures["chars"] == expected.chars == len(TEXT) - 1 - 40
    assert figures["unknown"] == 40
    assert figures["nats_per_char"] == pytest.approx(expected.nats_per_char, rel=1e-6)
    assert figures["bits_per_char"] == pytest.approx(expected.nats_per_char / math.log(2), rel=1e-6)
    shown = _run("bard", str(text), *words).stdout
    assert f"{expected.nats_per_char:.4f} nats per character" in shown
    assert f"{expected.chars:,} characters scored" in shown


def test_packed_piped_and_recoded_texts_score_the_same(model: CharLSTM, text: Path, tmp_path: Path) -> None:
    packed = tmp_path / "text.txt.gz"
    packed.write_bytes(gzip.compress(TEXT.encode()))
    recoded = tmp_path / "wide.txt"
    recoded.write_bytes(TEXT.replace("\n", "\r\n").encode("utf-16"))
    figures = _run("bard", str(text), "--json").stdout
    for other in (packed, recoded):
        assert _run("bard", str(other), "--json", "--quiet").stdout == figures


def test_every_character_with_its_nats(model: CharLSTM, text: Path) -> None:
    losses = np.concatenate(list(surprisals(model, LETTERS.encode(TEXT))))
    lines = [json.loads(line) for line in _run("bard", str(text), "--per-char", "--json").stdout.splitlines()]
    assert "".join(line["char"] for line in lines) == TEXT
    assert lines[0]["nats"] is None
    np.testing.assert_allclose(
        [np.nan if line["nats"] is None else line["nats"] for line in lines[1:]], losses, atol=1e-5
    )
    table = _run("bard", str(text), "--per-char").stdout.splitlines()
    assert len(table) == len(TEXT)
    assert table[0] == "L\t\t\t\t"
    assert table[TEXT.index("\n")].startswith("␊\t")


@pytest.mark.parametrize("words", [[], ["--reset", "100"]])
def test_the_figures_of_each_character_agree_with_each_other_and_with_the_score(
    model: CharLSTM, text: Path, words: list[str]
) -> None:
    lines = [
        json.loads(x) for x in _run("bard", str(text), "--per-char", "--json", *words).stdout.splitlines()
    ]
    whole = json.loads(_run("bard", str(text), "--json", *words).stdout)
    known = [line for line in lines if line["nats"] is not None]
    assert len(known) == whole["chars"]
    assert sum(line["nats"] for line in known) / len(known) == pytest.approx(whole["nats_per_char"], abs=1e-6)
    assert sum(line["bits"] for line in known) / len(known) == pytest.approx(whole["bits_per_char"], abs=1e-6)
    for line in known:
        assert line["bits"] == pytest.approx(line["nats"] / math.log(2), abs=2e-6)
        assert 1 <= line["rank"] <= len(LETTERS)
        assert (line["rank"] == 1) or line["nats"] > math.log(2) - 1e-6
    unknown = [line for line in lines[1:] if line["nats"] is None]
    assert len(unknown) == whole["unknown"] == 40
    assert all(line["rank"] is None and line["entropy"] > 0 for line in unknown)
    table = [line.split("\t") for line in _run("bard", str(text), "--per-char", *words).stdout.splitlines()]
    assert {len(row) for row in table} == {5}
    assert [row[3] for row in table] == [str(line["rank"] or "") for line in lines]


def test_adapted_characters_have_no_rank(model: CharLSTM, text: Path) -> None:
    lines = _run("bard", str(text), "--per-char", "--adapt", "--quiet").stdout.splitlines()
    assert len(lines) == len(TEXT)
    assert [bool(cell) for cell in lines[5].split("\t")] == [True, True, True, False, False]


def test_mixed_with_what_was_read(model: CharLSTM, text: Path) -> None:
    plain, mixed, adapted, both = (
        json.loads(_run("bard", str(text), "--json", *words).stdout)
        for words in ([], ["--mix"], ["--adapt"], ["--adapt", "--mix"])
    )
    assert mixed["mixed"] is both["mixed"] is True
    assert both["adapted"] == adapted["adapted"]
    assert mixed["nats_per_char"] < plain["nats_per_char"]
    assert both["nats_per_char"] < adapted["nats_per_char"]
    assert {run["chars"] for run in (plain, mixed, both)} == {plain["chars"]}
    each = [
        json.loads(x) for x in _run("bard", str(text), "--mix", "--per-char", "--json").stdout.splitlines()
    ]
    nats = [line["nats"] for line in each if line["nats"] is not None]
    assert sum(nats) / len(nats) == pytest.approx(mixed["nats_per_char"], abs=1e-5)
    assert all(line["rank"] is None for line in each)


def test_two_models_on_one_text(model: CharLSTM, text: Path) -> None:
    TorchModel(2, 16, seed=4).publish("other")
    mine, other = (
        [json.loads(x)["nats"] for x in _run(name, str(text), "--per-char", "--json").stdout.splitlines()]
        for name in ("bard", "other")
    )
    command = ("bard", str(text), "--against", "other")
    lines = [json.loads(x) for x in _run(*command, "--per-char", "--json").stdout.splitlines()]
    for line, a, b in zip(lines, mine, other, strict=True):
        assert (line["nats"], line["other_nats"]) == (pytest.approx(a, abs=2e-6), pytest.approx(b, abs=2e-6))
        if a is not None and b is not None:
            assert line["difference"] == pytest.approx(b - a, abs=2e-6)
    rows = [json.loads(x) for x in _run(*command, "--json").stdout.splitlines()]
    known = [(a, b) for a, b in zip(mine, other, strict=True) if a is not None and b is not None]
    assert rows[-1]["name"] == "all"
    assert rows[-1]["count"] == len(known) == sum(row["count"] for row in rows[:-1])
    assert rows[-1]["gain"] == pytest.approx(
        sum(b - a for a, b in known) / len(known) / math.log(2), abs=1e-5
    )
    table = _run(*command, "--quiet").stdout.splitlines()
    assert table[-1].startswith(f"all\t{len(known):,}\t")


def test_a_model_against_the_n_grams_of_its_training_text(text: Path) -> None:
    trained_on(text, (len(TEXT) - 600, len(TEXT) - 300, len(TEXT) - 300))
    corpus = open_corpus(str(text))
    rows = [
        json.loads(x)
        for x in _run("own", "--split", "val", "--against", "5-gram", "--json").stdout.splitlines()
    ]
    *_, p = kneser_ney.probabilities(corpus.ids[:-600], corpus.ids[-600:-300], len(corpus.vocabulary), 5)
    assert rows[-1]["other_bits"] == pytest.approx(-np.log2(p[1:]).mean(), rel=1e-5)
    assert rows[-1]["other_bits"] < rows[-1]["bits"]  # the model's weights are random
    assert any(row["name"] == "the other predicts it" and row["gain"] < 0 for row in rows)
    TorchModel().publish("nameless")
    assert "needs the text that 'nameless' was trained on" in str(
        _run("nameless", str(text), "--against", "5-gram").exception
    )


def test_a_model_of_bytes_against_one_of_characters(model: CharLSTM, text: Path) -> None:
    TorchModel(vocabulary=Vocabulary.bytes()).publish("bytes")
    lines = [
        json.loads(x)
        for x in _run("bytes", str(text), "--against", "bard", "--per-char", "--json").stdout.splitlines()
    ]
    assert "".join(line["char"] for line in lines) == TEXT
    bytes_of = [json.loads(x) for x in _run("bytes", str(text), "--per-char", "--json").stdout.splitlines()]
    assert len(bytes_of) == len(TEXT.encode())
    at = TEXT.index("☃")
    assert lines[at]["nats"] == pytest.approx(sum(b["nats"] for b in bytes_of[at : at + 3]), abs=1e-5)
    assert lines[at]["other_nats"] is None, "the other does not know it"
    other = [
        json.loads(x)["nats"] for x in _run("bard", str(text), "--per-char", "--json").stdout.splitlines()
    ]
    assert [line["other_nats"] for line in lines[1:]] == pytest.approx(other[1:], abs=1e-5)
    rows = [
        json.loads(x) for x in _run("bytes", str(text), "--against", "bard", "--json").stdout.splitlines()
    ]
    assert rows[-1]["count"] == len(TEXT) - 1 - TEXT.count("☃")


def test_split_scores_the_models_own_text_as_it_was_cut(text: Path) -> None:
    trained_on(text, (len(TEXT) - 600, len(TEXT) - 300, len(TEXT) - 300))
    corpus = open_corpus(str(text))
    reference = CharLSTM.from_tensors(TorchModel(vocabulary=corpus.vocabulary).tensors())
    figures = json.loads(_run("own", "--split", "val", "--json").stdout)
    assert figures["chars"] == 299
    expected = score(reference, corpus.ids[-600:-300]).nats_per_char
    assert figures["nats_per_char"] == pytest.approx(expected, rel=1e-6)
    assert corpus.sha256 == hashlib.sha256(text.read_bytes()).hexdigest()


def test_split_refuses_another_text_and_a_split_that_was_not_cut(text: Path) -> None:
    trained_on(text, (len(TEXT) - 600, len(TEXT) - 300, len(TEXT) - 300))
    assert "without a test text" in str(_run("own", "--split", "test").exception)
    text.write_text(TEXT.replace("little", "larger"), encoding="utf-8")
    said = str(_run("own", "--split", "val").exception)
    assert "has changed" in said
    assert "a new run" not in said  # it is the model that is scored
    TorchModel().publish("nameless")
    assert "does not record the text" in str(_run("nameless", "--split", "val").exception)


def test_wrong_use_is_a_sentence(model: CharLSTM, text: Path) -> None:
    for words, said in (
        ([], "Models: bard"),
        (["bard"], "Give either a text to score"),
        (["bard", str(text), "--split", "val"], "or --split val or test"),
        (["bard", "/nowhere/text.txt"], "There is no file"),
        (["bard", _short(text, b"a")], "has only one character; it must have at least two characters."),
        (["bard", _short(text, b"\0\1\2\0")], "is a binary file, not a text"),
        (["bard", _short(text, "潮落\t".encode())], "'bard' knows no character of "),
        (
            ["bard", _short(text, "潮落\t".encode()), "--adapt", "--save", "new"],
            "'bard' knows no character of ",
        ),
    ):
        result = _run(*words)
        assert isinstance(result.exception, InputError), words
        assert said in str(result.exception)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--adapt", "--reset", "9"], "cannot be combined"),
        (["--against", "bard", "--adapt"], "--against compares plain scores; leave out --adapt"),
        (["--against", "bard", "--reset", "9"], "--against compares plain scores; leave out --reset"),
        (["--mix", "--reset", "9"], "cannot be combined"),
        (["--against", "bard", "--mix"], "--against compares plain scores; leave out --mix"),
        (["--against", "nobody"], "no model named 'nobody'"),
        (["--save", "x"], "--save needs --adapt"),
        (["--adapt-rate", "0.1"], "--adapt-rate needs --adapt"),
        (["--adapt", "--overwrite"], "--overwrite needs --save"),
        (["--adapt", "--adapt-rate", "nan"], "finite number"),
        (["--adapt", "--adapt-rate", "-1"], "--adapt-rate must be at least 0"),
        (["--adapt", "--adapt-seq-length", "0"], "--adapt-seq-length must be at least 1 (got 0)"),
        (["--adapt", "--adapt-window", "7"], "--adapt-window is now called --adapt-seq-length"),
        (["--adapt", "--adapt-decay", "2"], "--adapt-decay must be at most 1"),
        (["--adapt", "--adapt-rule", "adam"], "adam"),
        (["--adapt", "--save", "../x"], "name"),
    ],
)
def test_options_that_disagree_are_a_sentence(
    words: list[str], said: str, model: CharLSTM, text: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as done:
        main(["score", "bard", str(text), *words])
    assert done.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert "Traceback" not in err


def _short(text: Path, content: bytes) -> str:
    path = text.with_name(f"{content.hex()}.txt")
    path.write_bytes(content)
    return str(path)
