"""What a training command says at its end."""

from pathlib import Path

from tests import processes
from tests.processes import FAST


def test_a_model_that_has_not_learned_is_not_recommended(text: Path, out: Path) -> None:
    knobs = ("train", text, *FAST, "--steps", 60)
    idle = processes.run(out, *knobs, "--name", "idle", "--lr", 1e-9)
    assert idle.process.exitcode == 0, idle.err
    last = idle.err.splitlines()[-1]
    assert last.startswith("It has not learned: ")
    assert "of the unigram baseline; train for longer, or with a lower " in last
    assert "Try it" not in idle.err
    useful = processes.run(out, *knobs, "--name", "useful", "--lr", 0.02)
    assert useful.err.splitlines()[-1].endswith("Try it: lstmterm generate useful")
    for quiet in ("--quiet", "--json"):
        silent = processes.run(out, *knobs, "--name", quiet.strip("-"), "--lr", 1e-9, quiet)
        assert (silent.process.exitcode, silent.err) == (0, "")
