"""`lstmterm plot`."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from lstmterm import paths
from lstmterm.cli.plot import plot
from lstmterm.errors import InputError
from lstmterm.runs import storage
from tests.ui.journals import learning, write

RUN = "20250131-142230-harbour"


def test_curves_are_drawn_with_what_they_mean(home: Path) -> None:
    write(paths.runs() / RUN, learning())
    (paths.runs() / RUN / "state.safetensors").touch()
    drawn = CliRunner().invoke(plot, ["harbour", "--width", "80", "--height", "12"])
    assert drawn.exit_code == 0, drawn.output
    assert "◆" in drawn.output
    assert "trigram" in drawn.output
    assert "nats per character" in drawn.output
    assert f"Interrupted at step 4,116; resume it with `lstmterm resume {RUN}`." in drawn.output


def test_curves_are_written_to_files_and_to_stdout(home: Path, tmp_path: Path) -> None:
    write(paths.runs() / RUN, learning())
    images = [tmp_path / f"c{suffix}" for suffix in (".svg", ".pdf", ".png")]
    options = [word for path in images for word in (f"--{path.suffix[1:]}", str(path))]
    wrote = CliRunner().invoke(plot, ["harbour", *options, "--csv", "-"])
    assert wrote.exit_code == 0, wrote.output
    assert all(path.stat().st_size > 1000 for path in images)
    assert wrote.stdout.startswith("step,train_loss")


def test_a_run_without_a_step_has_no_curves(home: Path) -> None:
    storage.create(RUN, "{}")
    with pytest.raises(InputError, match="no curves yet"):
        CliRunner().invoke(plot, ["harbour"], catch_exceptions=False)
