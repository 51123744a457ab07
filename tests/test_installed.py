"""What is missing is named with the command that adds it, for each installer."""

import sys
from pathlib import Path

import pytest

from lstmterm import installed


@pytest.mark.parametrize(
    ("receipt", "command"),
    [
        ("", f"{sys.executable} -m pip install torch --index-url {installed.CPU_TORCH}"),
        (
            "pipx_metadata.json",
            f"pipx inject --force lstmterm torch --pip-args='--index-url {installed.CPU_TORCH}'",
        ),
        ("uv-receipt.toml", f"uv pip install --python {sys.executable} torch --torch-backend cpu"),
    ],
)
def test_the_command_fits_the_installer(
    receipt: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    if receipt:
        (tmp_path / receipt).touch()
    assert installed.adding("torch", cpu=True) == command
    assert "reinstall" in installed.adding("torch", again=True)
    assert installed.CPU_TORCH not in installed.adding("torch")


def test_an_intel_mac_is_told_that_torch_is_no_longer_made_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    assert "Intel" in str(installed.without_torch(ModuleNotFoundError("torch", name="torch")))


def test_packages_that_are_missing_or_too_old_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {"torch", "textual", "numpy"} <= installed.required().keys()
    assert installed.missing() == []
    monkeypatch.setattr(
        installed, "required", lambda: {"click": ">=99.1", "rich": ">=14.2,<99", "no-such": ""}
    )
    assert installed.missing() == ["click", "no-such"]
