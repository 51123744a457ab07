"""A small text to train on, and a folder for what processes print."""

from pathlib import Path

import pytest

from tests.small import small_text


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_text(small_text(3000))
    return path


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"
