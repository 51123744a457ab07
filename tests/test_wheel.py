"""The wheel itself, built from the sdist and used outside the repository."""

import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package as the wheel brings it, and nothing else."""
    work = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", work], cwd=REPOSITORY, check=True
    )
    (sdist,) = work.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extraction_filter = getattr(tarfile, "data_filter", None)  # Python 3.11.0 to 3.11.3 has none
        archive.extractall(work)
    (source,) = (path for path in work.iterdir() if path.is_dir())
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", work], cwd=source, check=True
    )
    (wheel,) = work.glob("*.whl")
    target = work / "site"
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "-q",
            "--no-deps",
            "--no-compile",
            "--target",
            target,
            wheel,
        ],
        check=True,
    )
    return target


def run(installed: Path, folder: Path, *words: str) -> str:
    """What a command of the installed package prints, started in `folder`."""
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "lstmterm", *words],
        cwd=folder,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def test_wheel_carries_texts_models_and_types(installed: Path) -> None:
    for name in (
        "py.typed",
        "_data/corpora/harbour.txt",
        "_data/corpora/catalogue.toml",
        "_data/checkpoints/README.md",
    ):
        assert (installed / "lstmterm" / name).is_file(), name
    assert not list(installed.glob("tests")), "the wheel holds the package alone"
    assert "lstmterm train" in (installed / "share/man/man1/lstmterm.1").read_text("utf-8").replace(
        "\\-", "-"
    )


def test_wheel_finds_its_texts_outside_the_repository(installed: Path, tmp_path: Path) -> None:
    listed = run(installed, tmp_path, "corpora", "--json")
    assert '"harbour"' in listed
    assert '"tinyshakespeare"' in listed


def test_wheel_trains_and_writes(installed: Path, tmp_path: Path) -> None:
    run(installed, tmp_path, "train", "--steps", "3", "--hidden", "8", "--quiet")
    written = run(installed, tmp_path, "generate", "harbour", "--length", "40", "--seed", "7")
    assert len(written.rstrip("\n")) >= 30
    assert written == run(installed, tmp_path, "generate", "harbour", "--length", "40", "--seed", "7")
