"""What every test shares: a home of its own, and examples that may take long on a busy machine."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

from lstmterm import paths

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
os.environ.pop("CI", None)  # in which commands print plain lines, and the screen does not open


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh `LSTMTERM_HOME` for each test."""
    folder = tmp_path / "home"
    monkeypatch.setenv("LSTMTERM_HOME", str(folder))
    return folder


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of shipped models of our own."""
    folder = tmp_path / "shipped"
    monkeypatch.setattr(paths, "shipped_models", lambda: folder)
    return folder
