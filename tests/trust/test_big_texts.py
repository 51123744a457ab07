"""Texts of any size are checked, learned, scored and tagged in memory that does not grow with them."""

import json
import tempfile
from pathlib import Path

import pytest

from lstmterm import paths
from tests.trust.measuring import measured

PROMISE = "A text of 1 GB is checked, learned, scored and tagged in bounded memory"
LONG = 1_000  # MB of text

_SMALL = 100  # MB of the text with which the memory is compared; smaller ones are held whole
_A_WHILE = 25  # seconds for which a text is scored and tagged; all of it would take hours
_PATIENCE = 3600  # seconds for the others, however busy the machine is
_STEPS = (
    "--steps",
    "3",
    "--hidden",
    "32",
    "--layers",
    "1",
    "--batch-size",
    "8",
    "--seq-length",
    "32",
    "--threads",
    "1",
)
_COMMANDS = {
    "check": (("corpora", "check", "{text}", "--json"), 0),
    "train": (("train", "{text}", "--name", "big", "--overwrite", "--quiet", *_STEPS), 0),
    "score": (("score", "big", "{text}", "--json"), 143),
    "tag": (("tag", "english-upos", "{text}", "--format", "tsv"), 143),
}


def _write(path: Path, megabytes: int) -> int:
    """A text of lines that all differ, of about so many MB. Returns its characters."""
    lines = (paths.shipped_corpora() / "harbour.txt").read_text("utf-8").splitlines()
    characters = number = 0
    with open(path, "w", encoding="utf-8") as file:
        while characters < megabytes * 1_000_000:
            part = "".join(f"{number + k} {line}\n" for k, line in enumerate(lines))
            file.write(part)
            characters += len(part)
            number += len(lines)
    return characters


def _peaks(megabytes: int, folder: Path) -> dict[str, int]:
    """The memory of each command in MB, for a text of this size."""
    path = folder / "text.txt"
    characters = _write(path, megabytes)
    peaks = {}
    for name, (words, interrupted) in _COMMANDS.items():
        found = measured(
            *(word.format(text=path) for word in words),
            home=folder / "home",
            at_most=_A_WHILE if interrupted else _PATIENCE,
        )
        assert found.code in (0, interrupted), f"{name}: {found.code}, {found.said[-500:]}"
        if name == "check":
            assert json.loads(found.out)["characters"] == characters
        peaks[name] = found.memory
    return peaks


def check(rounds: int) -> str:
    """Do everything with a text of `rounds` MB, and compare the memory with that of a small one."""
    with tempfile.TemporaryDirectory() as folder:
        small = _peaks(min(rounds, _SMALL), Path(folder))
    if rounds <= _SMALL:
        return f"{rounds} MB in {small}"
    with tempfile.TemporaryDirectory() as folder:
        large = _peaks(rounds, Path(folder))
    growth = {name: (large[name] - small[name]) / (rounds - _SMALL) * 1_000 for name in small}
    for name in small:
        assert large[name] < 800, f"{name} of {rounds} MB takes {large[name]} MB"
    shown = "; ".join(
        f"{name} {large[name]} MB ({small[name]} MB for {_SMALL} MB, {large[name] + 9 * max(growth[name], 0):.0f} MB for 10 GB)"
        for name in small
    )
    return f"{rounds} MB of text: {shown}"


def test_a_small_text_goes_all_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.trust.test_big_texts._COMMANDS", {"check": _COMMANDS["check"]})
    check(2)
