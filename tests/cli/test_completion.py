"""What the shell completes after each command, and what that imports."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import BashComplete

from lstmterm import paths
from lstmterm.cli import lstmterm


def completed(*words: str) -> list[str]:
    """The names that are offered for the last word; `a file` where files are too."""
    *before, incomplete = words
    shell = BashComplete(lstmterm, {}, "lstmterm", "_LSTMTERM_COMPLETE")
    found = shell.get_completions(before, incomplete)
    return ["a file" if item.type == "file" else item.value for item in found]


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Two models of the user, one that ships, two runs, a text."""
    monkeypatch.setattr(paths, "shipped_models", lambda: tmp_path / "shipped")
    for file in (paths.models() / "bard", paths.models() / "bar\x1b", paths.models() / "tides"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.with_suffix(".safetensors").touch()
    (tmp_path / "shipped").mkdir()
    (tmp_path / "shipped" / "barcarole.safetensors").touch()
    for run in ("20250131-142530-bard", "20250131-150000-bard", "20250201-080000-tides", ".hidden"):
        (paths.runs() / run).mkdir(parents=True)
    (paths.corpora() / "ballads").mkdir(parents=True)


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        *((words, ["a file", "bard", "barcarole"]) for words in (
            ("generate", "ba"), ("next", "ba"), ("score", "ba"), ("tag", "ba"), ("evaluate", "ba"), ("show", "ba"),
            ("export", "ba"), ("train", "harbour", "--from", "ba"),
        )),
        (("rename", "ba"), ["bard"]),
        (("remove", "tides", "ba"), ["bard"]),
        *((words, ["tides", "bard"]) for words in (
            ("attach", ""), ("stop", ""), ("resume", ""), ("plot", ""), ("runs", "remove", ""),
        )),
        (("attach", "202501"), ["20250131-150000-bard", "20250131-142530-bard"]),
        (("train", "ba"), ["a file", "ballads"]),
        (("plan", "har"), ["a file", "harbour"]),
        (("corpora", "fetch", "tinys"), ["tinyshakespeare"]),
        (("corpora", "remove", ""), ["ballads"]),
        (("cor",), ["corpora"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_names_are_completed(words: tuple[str, ...], offered: list[str]) -> None:
    assert completed(*words) == offered


def test_completing_imports_nothing_heavy() -> None:
    code = (
        "from click.shell_completion import BashComplete; from lstmterm.cli import lstmterm; import sys\n"
        "shell = BashComplete(lstmterm, {}, 'lstmterm', '_LSTMTERM_COMPLETE')\n"
        "for words in (['generate'], ['attach'], ['train'], ['tag'], ['corpora', 'fetch']):\n"
        "    shell.get_completions(words, '')\n"
        "print({m.split('.')[0] for m in sys.modules} & {'numpy', 'torch', 'textual', 'rich', 'requests'})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
