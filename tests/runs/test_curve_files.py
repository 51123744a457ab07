"""The curve as a file, and the command that writes it."""

import csv
import io
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from click.testing import CliRunner

from lstmterm import paths
from lstmterm.cli.plot import plot
from lstmterm.errors import InputError
from lstmterm.runs import curve_files
from tests.runs.test_progress import told
from tests.ui.journals import learning, write


def test_csv_has_every_record_and_every_validation() -> None:
    progress = told(learning())
    rows = list(csv.DictReader(io.StringIO(curve_files.csv_text(progress))))
    assert sum(bool(r["train_loss"]) for r in rows) == len(progress.losses)
    assert [(int(r["step"]), float(r["val_loss"])) for r in rows if r["val_loss"]] == [
        (step, pytest.approx(loss, rel=1e-5)) for step, loss in progress.validations
    ]
    steps = [int(r["step"]) for r in rows]
    assert steps == sorted(steps)


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("bits", [False, True])
def test_svg_is_well_formed_and_its_title_is_text(log: bool, bits: bool) -> None:
    svg = curve_files.svg_text(told(learning()), title="</text><script>\x1b[31m", bits=bits, log=log)
    root = ElementTree.fromstring(svg)
    assert not root.findall(".//{*}script")
    assert "\x1b" not in svg
    assert len(root.findall(".//{*}circle")) == 8
    coordinates = [float(n) for d in re.findall(r' d="([^"]*)"', svg) for n in re.findall(r"-?\d+\.?\d*", d)]
    assert min(coordinates) >= 0
    assert max(coordinates) <= 800


def test_another_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"\.csv, \.svg or \.png"):
        curve_files.write(told(learning()), tmp_path / "curve.gif", title="x")


def test_the_command_draws_and_writes(tmp_path: Path) -> None:
    write(paths.runs() / "20250131-142230-harbour", learning())
    (paths.runs() / "20250131-142230-harbour" / "log").touch()
    drawn = CliRunner().invoke(plot, ["harbour", "--width", "80", "--height", "12"])
    assert drawn.exit_code == 0, drawn.output
    assert "◆" in drawn.output
    assert "trigram" in drawn.output
    target = tmp_path / "c.svg"
    wrote = CliRunner().invoke(plot, ["harbour", "--svg", str(target), "--csv", "-"])
    assert wrote.exit_code == 0, wrote.output
    assert target.read_text().startswith("<svg")
    assert wrote.stdout.startswith("step,train_loss")
