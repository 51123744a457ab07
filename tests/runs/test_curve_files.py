"""Curves as files."""

import csv
import io
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from lstmterm.errors import InputError
from lstmterm.runs import curve_files
from lstmterm.runs.events import Evaluated
from lstmterm.runs.progress import Progress
from tests.ui.journals import learning


def test_csv_has_every_training_and_every_validation_loss() -> None:
    progress = Progress.of(learning())
    written = curve_files.encoded(progress, ".csv", title="x").decode()
    rows = list(csv.DictReader(io.StringIO(written)))
    assert sum(bool(r["train_loss"]) for r in rows) == len(progress.losses)
    assert [(int(r["step"]), float(r["val_loss"])) for r in rows if r["val_loss"]] == [
        (step, pytest.approx(loss, rel=1e-5)) for step, loss in progress.validations
    ]
    trained = [row for row in rows if row["train_loss"]]
    assert [float(row["speed"]) for row in trained] == [
        pytest.approx(speed, rel=1e-5) for speed in progress.speeds
    ]
    assert all(row["learning_rate"] and row["gradient_norm"] for row in trained)
    steps = [int(r["step"]) for r in rows]
    assert steps == sorted(steps)


def test_csv_has_what_a_tagger_measures() -> None:
    accurate = Evaluated(
        step=2, time=2.0, val_loss=None, train_loss=1.5, best=True, metrics={"dev_accuracy": 0.5}
    )
    written = curve_files.encoded(Progress.of([accurate]), ".csv", title="x").decode()
    (row,) = csv.DictReader(io.StringIO(written))
    assert (row["step"], row["val_loss"], row["dev_accuracy"]) == ("2", "", "0.5")


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("bits", [False, True])
def test_svg_is_well_formed_and_its_title_is_text(log: bool, bits: bool) -> None:
    title = "</text><script>$x^2$\x1b[31m"
    written = curve_files.encoded(Progress.of(learning()), ".svg", title=title, bits=bits, log=log)
    root = ElementTree.fromstring(written.decode())
    assert not root.findall(".//{*}script")
    assert b"\x1b" not in written
    texts = ["".join(element.itertext()) for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert any("</text><script>$x^2$" in text for text in texts)
    assert any(text.startswith("trigram") for text in texts)
    assert ("loss, bits per character" if bits else "loss, nats per character") in texts


@pytest.mark.parametrize(("suffix", "magic"), [(".png", b"\x89PNG"), (".pdf", b"%PDF")])
def test_other_images_are_written_too(tmp_path: Path, suffix: str, magic: bytes) -> None:
    target = tmp_path / f"curve{suffix}"
    curve_files.save(target, curve_files.encoded(Progress.of(learning()), suffix, title="harbour"))
    assert target.read_bytes().startswith(magic)


def test_another_suffix_is_refused() -> None:
    with pytest.raises(InputError, match=r"\.csv, \.svg, \.pdf or \.png, not as \.gif"):
        curve_files.encoded(Progress.of(learning()), ".gif", title="x")


def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"There is no folder .*\. Create it first, or choose another\.$"):
        curve_files.save(tmp_path / "nowhere" / "curve.csv", b"step")


def test_without_matplotlib_an_image_is_refused_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(InputError, match=r"pip install 'lstmterm\[plot\]'"):
        curve_files.encoded(Progress.of(learning()), ".svg", title="x")
    assert curve_files.encoded(Progress.of(learning()), ".csv", title="x").startswith(b"step,train_loss")
