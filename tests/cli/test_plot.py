"""`lstmterm plot`."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from lstmterm import paths
from lstmterm.cli.plot import plot
from lstmterm.errors import InputError
from lstmterm.runs import events, storage
from tests.ui.journals import NOW, learning, write

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


def test_what_happened_is_marked_and_said(home: Path) -> None:
    back = "The loss was not finite at step 4,100. Returning to step 4,000 with 0.5 of the learning rate."
    more = [events.Resumed(step=4000, time=NOW, steps=9800), events.Warned(step=4000, time=NOW, message=back)]
    warned = events.Warned(step=2000, time=NOW, message="The disk is nearly full.")
    write(paths.runs() / RUN, [*learning(), warned, *more])
    drawn = CliRunner().invoke(plot, ["harbour", "--width", "80", "--height", "12"]).output
    axis = next(line for line in drawn.splitlines() if "└" in line)
    assert "!" in axis
    assert axis.endswith("↶")
    assert "◆ best  ⡇ raw  ! message  ↶ rolled back" in drawn
    assert f"! Step 2,000: The disk is nearly full.\n↶ {back}\n" in drawn
    warnings = [events.Warned(step=n, time=NOW, message="full") for n in range(1, 31)]
    write(paths.runs() / RUN, [*learning(), *warnings])
    drawn = CliRunner().invoke(plot, ["harbour"]).output
    assert "The last 12 of 30 marks:" in drawn
    assert drawn.count(": full") == 12
