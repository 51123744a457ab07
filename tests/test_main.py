"""The start of the program."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lstmterm import __main__, paths
from tests.processes import FAST

# The C locale says nothing of encodings; Python itself takes it for UTF-8 only where it may.
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
UTF_8 = {"LC_ALL": "C", "PYTHONUTF8": "1"}


@pytest.mark.parametrize("variables", [ASCII, UTF_8], ids=["ascii", "utf-8"])
def test_names_and_arguments_are_utf_8_in_the_c_locale(tmp_path: Path, variables: dict[str, str]) -> None:
    def lstmterm(*words: str) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "lstmterm", *words]
        return subprocess.run(
            command, cwd=tmp_path, env=os.environ | variables, check=True, capture_output=True
        )

    (tmp_path / "café.txt").write_text("Un café, s'il vous plaît. " * 100, "utf-8")
    train = lstmterm("train", "café.txt", *FAST, "--steps", "1")
    assert "Training the model café on café: " in train.stderr.decode("utf-8")
    assert [path.name for path in paths.models().iterdir() if path.suffix] == ["café.safetensors"]
    generate = lstmterm("generate", "café", "--prompt", "é", "--echo", "--length", "3", "--seed", "1")
    assert "does not know" not in generate.stderr.decode("utf-8")
    assert generate.stdout.decode("utf-8").startswith("é")


def test_windows_is_answered_with_a_sentence_about_wsl(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(SystemExit) as ended:
        __main__.main()
    assert "WSL" in str(ended.value.code)
