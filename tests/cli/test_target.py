"""Files that commands write: nothing is replaced unasked."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from lstmterm.cli import lstmterm
from lstmterm.errors import InputError
from tests.recorded import FINISHED, STARTED, STEP, a_run

COMMANDS = (
    ("runs", "export", "harbour", "FILE"),
    ("runs", "export", "harbour", "FILE", "--format", "json"),
    ("plot", "harbour", "--csv", "FILE"),
    ("drafts", "export", "night", "FILE"),
    ("export", "shakespeare", "FILE"),
    ("evaluate", "english-upos", "gold.csv", "--confusion", "FILE"),
)


def run(command: tuple[str, ...], file: object, *more: str) -> BaseException | None:
    words = [str(file) if word == "FILE" else word for word in command]
    return CliRunner().invoke(lstmterm, [*words, *more]).exception


@pytest.fixture(autouse=True)
def _written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("gold.csv").write_text("word,upos\nThe,DET\nsea,NOUN\n")
    a_run("20250101-000000-harbour", STARTED, STEP, FINISHED)
    written = ("generate", "shakespeare", "--draft", "night", "--prompt", "The sea", "--length", "3")
    assert run(written, "") is None


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_file_is_replaced_only_with_overwrite(command: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "mine.txt"
    file.write_text("my book")
    refused = run(command, file)
    assert isinstance(refused, InputError)
    assert str(refused) == f"{file} already exists; choose another file (--overwrite replaces it)."
    assert file.read_text() == "my book"
    assert run(command, file, "--overwrite") is None
    assert file.read_bytes() != b"my book"


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_place_where_no_file_can_be_is_refused(command: tuple[str, ...], tmp_path: Path) -> None:
    missing = run(command, tmp_path / "none" / "file")
    assert isinstance(missing, InputError)
    assert str(missing) == f"There is no folder {tmp_path / 'none'}. Create it first, or choose another."
    if command[0] != "export":  # which writes into a folder
        is_folder = run(command, tmp_path)
        assert str(is_folder) == f"{tmp_path} is a folder; name a file in it."


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_the_home_folder_is_known(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert run(command, "~/figures") is None
    assert (tmp_path / "figures").stat().st_size
