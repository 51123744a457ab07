"""What is exported is read back by the libraries that own the formats."""

import dataclasses
import importlib
import json
import math
import struct
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lstmterm.errors import InputError
from lstmterm.runs import export, marks
from lstmterm.runs.events import Evaluated
from lstmterm.runs.folder import Run
from tests.recorded import FINISHED, STARTED, STEP, a_run

RUN = "20250101-000000-harbour"


@pytest.fixture
def run() -> Run:
    """A run of three steps, the last of which was not finite, with an evaluation."""
    steps = [dataclasses.replace(STEP, step=n, time=100.0 + n, loss=3.0 - n) for n in (1, 2)]
    lost = dataclasses.replace(STEP, step=3, time=103.0, loss=math.nan)
    val = Evaluated(step=2, time=102.5, val_loss=1.75, train_loss=1.5, best=True, metrics={"accuracy": 0.5})
    end = dataclasses.replace(FINISHED, step=3, time=104.0, val_loss=1.75, test_loss=1.8)
    made = a_run(RUN, STARTED, *steps, val, lost, end)
    marks.change(made, add=["good"], note="a note")
    return made


def test_json_has_the_facts_the_settings_and_the_figures(run: Run) -> None:
    found = json.loads(export.as_json(run))
    assert (found["id"], found["val_loss"], found["marks"]["tags"]) == (RUN, 1.75, ["good"])
    assert found["settings"] == {"name": "harbour", "format": 2} or found["settings"]["name"] == "harbour"
    assert [row["value"] for row in found["series"]["train/loss"]] == [2.0, 1.0, None]
    assert found["series"]["val/loss"] == [{"step": 2, "time": 102.5, "value": 1.75}]
    assert [row["value"] for row in found["series"]["train/speed"]] == [STEP.chars_per_second] * 3
    assert found["series"]["val/accuracy"][0]["value"] == 0.5
    assert found["series"]["final/test_loss"][0]["value"] == 1.8


def test_tensorboard_reads_it(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.util import tensor_util

    target = export.to_tensorboard(run, tmp_path / "boards")
    assert target == tmp_path / "boards" / RUN
    read = EventAccumulator(str(target)).Reload()
    assert {
        "train/loss",
        "train/learning_rate",
        "train/speed",
        "val/loss",
        "val/accuracy",
        "final/test_loss",
    } <= {*read.Tags()["tensors"]}
    losses = [
        (e.step, e.wall_time, float(tensor_util.make_ndarray(e.tensor_proto)))
        for e in read.Tensors("train/loss")
    ]
    assert losses[:2] == [(1, 101.0, 2.0), (2, 102.0, 1.0)]
    assert math.isnan(losses[2][2])
    with pytest.raises(InputError, match="exists already"):
        export.to_tensorboard(run, tmp_path / "boards")


def records_in(content: bytes) -> Iterator[bytes]:
    """The records of a `.wandb` file, which are those of a LevelDB log after a header of 7 bytes."""
    assert content[:4] == b":W&B"
    at, size, whole = 7, 32768, b""
    while at + 7 <= len(content):
        if size - at % size < 7:  # what is left of a block is padding
            at += size - at % size
            continue
        length, kind = struct.unpack("<HB", content[at + 4 : at + 7])
        whole = (b"" if kind in (1, 2) else whole) + content[at + 7 : at + 7 + length]
        at += 7 + length
        if kind in (1, 4):  # all of a record, or its last part
            yield whole


def test_weights_and_biases_reads_it(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("wandb")
    protocol = importlib.import_module("wandb.proto.wandb_internal_pb2")
    for name in ("CONFIG", "CACHE", "DATA"):
        monkeypatch.setenv(f"WANDB_{name}_DIR", str(tmp_path / name))
    target = export.to_wandb(run, tmp_path)
    (file,) = target.glob("*.wandb")
    rows, header = [], None
    for data in records_in(file.read_bytes()):
        record = protocol.Record()
        record.ParseFromString(data)
        if record.WhichOneof("record_type") == "run":
            header = record.run
        if record.WhichOneof("record_type") == "history":
            items = record.history.item
            rows.append(
                {item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in items}
            )
    assert header is not None
    assert (header.display_name, list(header.tags), header.notes) == (RUN, ["good"], "a note")
    assert [(row["_step"], row["_timestamp"], row["train/loss"]) for row in rows[:2]] == [
        (1, 101.0, 2.0),
        (2, 102.0, 1.0),
    ]
    assert rows[1]["val/loss"] == 1.75


@pytest.mark.parametrize(
    ("package", "write"), [("tensorboard", export.to_tensorboard), ("wandb", export.to_wandb)]
)
def test_a_missing_package_is_one_sentence_with_the_command_that_adds_it(
    package: str,
    write: Callable[[Run, Path], Path],
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.setitem(sys.modules, f"{package}.summary", None)
    with pytest.raises(InputError, match=rf"needs the package {package}; `.* {package}` adds it"):
        write(run, tmp_path)
    assert not [*tmp_path.glob(f"*{package}*")]


def test_a_run_without_figures_is_one_sentence() -> None:
    with pytest.raises(InputError, match="has not made a step"):
        export.as_json(a_run(RUN, STARTED))
