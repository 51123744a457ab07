"""What every test shares: a home of its own."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh `LSTMTERM_HOME` for each test."""
    folder = tmp_path / "home"
    monkeypatch.setenv("LSTMTERM_HOME", str(folder))
    return folder
