"""Accounts without a home folder, or with one that they cannot write to: real processes of another user."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.small import small_text
from tests.ui.terminal import Terminal

NOBODY = "54321"  # a number that no account has
AS_NOBODY = ["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]
READING = [
    "--inh-caps",
    "+dac_read_search",
    "--ambient-caps",
    "+dac_read_search",
]  # Python may be in root's home
ROOT = Path(__file__).parents[2]
NO_HOME = "There is no home folder to write to: HOME is not set, and this account has none."


@pytest.fixture(scope="module")
def as_nobody() -> list[str]:
    """What a command begins with to be run by a user without an account."""
    if os.geteuid() == 0 and shutil.which("setpriv"):
        for words in ([*AS_NOBODY, *READING], AS_NOBODY):  # containers may lack the capability
            if (
                subprocess.run(
                    [*words, sys.executable, "-c", ""], capture_output=True, check=False
                ).returncode
                == 0
            ):
                return words
    pytest.skip("only root can run a command as another user")


@pytest.fixture
def unprivileged(request: pytest.FixtureRequest) -> list[str]:
    """What a command begins with to be run by a user who is not root."""
    return request.getfixturevalue("as_nobody") if os.geteuid() == 0 else []


@pytest.fixture
def unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that names no home folder."""
    for name in [n for n in os.environ if n in ("HOME", "LSTMTERM_HOME") or n.startswith("XDG_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """An empty folder for everybody; those of pytest are for its user alone."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        yield Path(folder)


@pytest.fixture
def read_only(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home that its owner has closed; root needs to be another user to respect it."""
    with tempfile.TemporaryDirectory() as home:
        Path(home).chmod(0o555)
        monkeypatch.setenv("LSTMTERM_HOME", home)
        yield Path(home)


def run(prefix: list[str], folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A command's exit code and output."""
    return subprocess.run(
        [*prefix, sys.executable, "-m", "lstmterm", *words],
        cwd=folder, env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def check(prefix: list[str], folder: Path, wrong: str) -> None:
    """What only reads works, and what trains says at once what it needs; no file appears in the folder."""
    text = folder / "text.txt"
    text.write_text(small_text(500))
    for words in (
        ["generate", "shakespeare", "--length", "5"],
        ["models"],
        ["score", "shakespeare", "text.txt"],
    ):
        ended = run(prefix, folder, *words)
        assert ended.returncode == 0, (words, ended.stderr)
        assert ended.stdout, words
    for words in (
        ["train", "text.txt", "--steps", "1"],
        ["train", "text.txt", "--detach"],
        ["train-tagger", "rot13", "--steps", "1"],
        ["sweep", "text.txt", "--set", "hidden=8,16"],
    ):
        ended = run(prefix, folder, *words)
        assert (ended.returncode, ended.stdout) == (2, ""), (words, ended.stderr)
        assert ended.stderr.startswith(f"lstmterm: Training keeps its run and its model in files. {wrong}"), (
            words
        )
        assert len(ended.stderr.splitlines()) == 1, ended.stderr
        assert "LSTMTERM_HOME" in ended.stderr
    examined = run(prefix, folder, "doctor").stdout
    assert wrong in examined
    assert "no-home-folder" not in examined
    assert [*folder.iterdir()] == [text]


@pytest.mark.usefixtures("unknown")
def test_a_user_without_an_account(as_nobody: list[str], open_folder: Path) -> None:
    check(as_nobody, open_folder, NO_HOME)


def test_a_home_that_cannot_be_written(unprivileged: list[str], read_only: Path, open_folder: Path) -> None:
    check(
        unprivileged, open_folder, f"{read_only / 'state/runs'} cannot be made: {read_only} is not writable."
    )
    assert not [*read_only.iterdir()]


@pytest.mark.usefixtures("unknown")
def test_root_without_a_home_makes_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LSTMTERM_HOME", "~no-such-user/here")
    ended = run([], tmp_path, "train", "harbour", "--steps", "1")
    assert ended.returncode == 2
    assert "There is no home folder for '~no-such-user/here', which is in LSTMTERM_HOME." in ended.stderr
    ended = run([], tmp_path, "corpora", "add", str(ROOT / "corpora/harbour.txt"), "--name", "mine")
    assert ended.returncode == 1
    assert "which is in LSTMTERM_HOME. Set it to the full path of a folder." in ended.stderr
    assert not [*tmp_path.iterdir()]
    assert not Path("/no-home-folder").exists()


def test_the_screen_opens_and_the_form_says_what_training_needs(
    unprivileged: list[str], read_only: Path
) -> None:
    terminal = Terminal([*unprivileged, sys.executable, "-m", "lstmterm"], read_only)
    try:
        terminal.wait_for("Training keeps its run and")
        terminal.wait_for("cannot be made")
        terminal.send("\x11")
        assert terminal.wait_for_end() == 0
    finally:
        terminal.close()
    assert not [*read_only.iterdir()]
