"""`lstmterm cells`, as a user types it."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from lstmterm.cli import lstmterm, main
from lstmterm.infer.activity import saturation
from lstmterm.infer.features import NAMES
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.trace import GATES
from lstmterm.infer.units import rank
from tests.character_models import LETTERS, TorchModel, trained_on

TEXT = "".join(f"Line {i} (of a little text) says: NO, it is {i % 9}.\n" for i in range(60))


@pytest.fixture
def text(tmp_path: Path) -> str:
    TorchModel(2, 12).publish("bard")
    path = tmp_path / "text.txt"
    path.write_text(TEXT, encoding="utf-8")
    return str(path)


def _rows(*words: str) -> list[dict[str, Any]]:
    result = CliRunner().invoke(lstmterm, ["cells", *words, "--json"], catch_exceptions=False)
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_the_best_unit_of_each_feature(text: str) -> None:
    rows = _rows("bard", text)
    expected = rank(CharLSTM.from_tensors(TorchModel(2, 12).tensors()), LETTERS.encode(TEXT), TEXT)
    assert [row["feature"] for row in rows] == [f.feature for f in expected.best_pairs()]
    assert {row["feature"] for row in rows} <= set(NAMES)
    best = expected.best_pairs()[0]
    assert rows[0]["unit"] == f"{best.layer}:{best.unit}"
    assert rows[0]["correlation"] == pytest.approx(best.correlation, abs=1e-5)
    assert rows[0]["chance"] == pytest.approx(best.chance_correlation, abs=1e-5)
    table = CliRunner().invoke(lstmterm, ["cells", "bard", text]).stdout.splitlines()
    assert len(table) == len(rows)
    assert table[0].startswith(f"{best.feature}\t{best.layer}:{best.unit}\t{best.correlation:.3f}\t")


def test_what_is_not_beyond_chance_is_not_named(text: str) -> None:
    rows = _rows("bard", text)
    table = CliRunner().invoke(lstmterm, ["cells", "bard", text]).stdout.splitlines()
    for row, line in zip(rows, table, strict=True):
        assert (line.split("\t")[1] == "none") == (not row["beyond_chance"])


def test_the_units_of_a_feature_and_the_feature_of_each_unit(text: str) -> None:
    rows = _rows("bard", text, "--feature", "parentheses", "--most", "5", "--quantity", "h")
    assert len(rows) == 5
    strengths = [abs(row["correlation"]) for row in rows]
    assert strengths == sorted(strengths, reverse=True)
    each = _rows("bard", text, "--each")
    assert [row["unit"] for row in each] == [f"{layer}:{unit}" for layer in range(2) for unit in range(12)]


def test_a_unit_is_described(text: str) -> None:
    (facts,) = _rows("bard", text, "--unit", "1:3", "--most", "4")
    assert facts["unit"] == "1:3"
    assert facts["c"]["min"] <= facts["c"]["mean"] <= facts["c"]["max"]
    assert sum(facts["histogram"]["counts"]) == len(TEXT)
    assert facts["highest"][0]["c"] == pytest.approx(facts["c"]["max"])
    assert facts["lowest"][0]["c"] == pytest.approx(facts["c"]["min"])
    assert [s["c"] for s in facts["silenced"]] == [0, pytest.approx(facts["c"]["mean"])]
    for gate in facts["gates"].values():
        assert 0 <= gate["left"] + gate["right"] <= 1
    shown = CliRunner().invoke(lstmterm, ["cells", "bard", text, "--unit", "1:3"]).stdout
    for part in ("forget gate", "features that it follows", "c is highest", "c is lowest", "loss rises"):
        assert part in shown


def test_similar_places_are_shown_in_their_context(text: str) -> None:
    rows = _rows("bard", text, "--similar", TEXT[: TEXT.index("little")], "--most", "3")
    assert len(rows) == 3
    assert [row["cosine"] for row in rows] == sorted((row["cosine"] for row in rows), reverse=True)
    assert rows[0]["cosine"] > 0.99
    for row in rows:
        assert row["place"].endswith(" (of a │little text)")
        assert TEXT[: row["position"] + 1].endswith(" (of a ")


def test_the_models_own_text_is_read_without_one(text: str, capfd: pytest.CaptureFixture[str]) -> None:
    n = len(TEXT)
    trained_on(Path(text), (n - 600, n - 300, n))
    with pytest.raises(SystemExit) as done:
        main(["cells", "own"])
    assert done.value.code == 0
    assert "Text: text, train." in capfd.readouterr().err  # the validation text is short


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["bard", "{text}", "--feature", "qoutes"], "Did you mean 'quotes'?"),
        (["bard", "{text}", "--feature", "comment"], "is the same everywhere in this text"),
        (["bard", "{text}", "--unit", "2:0"], "its layers are 0 to 1, and the units of each are 0 to 11"),
        (["bard", "{text}", "--unit", "7"], "is not a layer and a unit such as 0:12"),
        (["bard", "{text}", "--unit", "0:1", "--each"], "Choose one of"),
        (["bard", "--encoding", "utf-8"], "--encoding needs a TEXT"),
        (["bard"], "The text that 'bard' was trained on was not found unchanged; give a text"),
        (["bard", "/nowhere/a.txt"], "There is no file"),
        ([], "Models: bard"),
    ],
)
def test_wrong_use_is_a_sentence(
    words: list[str], said: str, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as done:
        main(["cells", *(word.format(text=text) for word in words)])
    assert done.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert "Traceback" not in err


def test_the_gates_of_all_units_are_plotted(text: str) -> None:
    rows = _rows("bard", text, "--gates")
    assert [row["unit"] for row in rows] == [f"{layer}:{unit}" for layer in range(2) for unit in range(12)]
    found = saturation(CharLSTM.from_tensors(TorchModel(2, 12).tensors()), LETTERS.encode(TEXT))
    for row in rows:
        layer, unit = map(int, row["unit"].split(":"))
        for gate in GATES:
            assert row[gate]["left"] == pytest.approx(found.left[gate][layer, unit], abs=1e-5)
            assert row[gate]["right"] == pytest.approx(found.right[gate][layer, unit], abs=1e-5)
    plots = CliRunner().invoke(lstmterm, ["cells", "bard", text, "--gates"]).stdout
    assert [line for line in plots.splitlines() if "gates of layer" in line][3].startswith(
        "input gates of layer 1"
    )
    assert plots.count("└") == 6
    assert any("\u2800" < character <= "\u28ff" for character in plots)
