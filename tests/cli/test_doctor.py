"""`doctor` shows the machine, the folders and the terminal; a measurement is made only once."""

import json
import os

import pytest
import torch

from lstmterm import installed, paths
from lstmterm.cli import main
from lstmterm.nn import calibrate, device
from lstmterm.planning.machine import Machine


@pytest.fixture(autouse=True)
def measured(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each measurement was asked to be made again; nothing is measured."""
    renewed: list[bool] = []

    def machine(device: object, threads: int, renew: bool = False) -> Machine:
        renewed.append(renew)
        return Machine("cpu", threads, "float32", 12_345.0)

    monkeypatch.setattr(calibrate, "machine", machine)
    return renewed


def doctor(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What `lstmterm doctor` prints."""
    with pytest.raises(SystemExit) as ended:
        main(["doctor", *words])
    assert not ended.value.code
    return capsys.readouterr().out


def test_a_finding_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    out = doctor(capsys)
    assert (
        "12,345 (1x384, batch size 32, sequence length 48, float32; 60% of the time for matrix products)"
        in out
    )
    lines = {line.split("  ")[0].strip(): line for line in out.splitlines()}
    assert str(paths.models()) in lines["models"]
    assert {"lstmterm", "python", "torch", "numpy", "threads", "settings", "terminal"} <= lines.keys()


def test_json_and_renew(capsys: pytest.CaptureFixture[str], measured: list[bool]) -> None:
    found = json.loads(doctor(capsys, "--json", "--renew"))
    assert (found["precision"], found["corpora"]) == ("float32", str(paths.corpora()))
    assert json.loads(doctor(capsys, "--machine"))["chars_per_second"] == 12_345.0
    assert measured == [True, False]


def test_damaged_measurements_are_named_once(capsys: pytest.CaptureFixture[str]) -> None:
    paths.calibration().parent.mkdir(parents=True)
    paths.calibration().write_text('{"here": {"device": "cpu", "threads": "two"}}')
    for expected in (True, False):
        with pytest.raises(SystemExit):
            main(["doctor"])
        assert ("were damaged" in capsys.readouterr().err) == expected


def test_what_is_wrong_is_named_with_what_to_do(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    assert doctor(capsys).splitlines()[-1] == "Nothing is wrong."
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setattr(installed, "missing", lambda: ["rich"])
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    advice = " ".join(json.loads(doctor(capsys, "--json"))["advice"])
    for words in ("TERM is not set", "pip install 'rich>=", f"{paths.runs()} cannot be made: "):
        assert words in advice


def test_a_torch_with_cuda_without_a_gpu_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device, "TORCH_VERSION", "2.13.0+cu130")
    monkeypatch.setattr(device, "choose_device", lambda name: torch.device("cpu"))
    assert "brings CUDA" in doctor(capsys)
