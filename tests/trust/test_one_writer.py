"""Two processes begin at the same moment: one trains, the other is told which process does; a killed one frees the run."""

import signal
import tempfile
import time
from pathlib import Path

from lstmterm.runs import storage
from lstmterm.runs.folder import Run
from tests import processes
from tests.processes import FAST, Process, Trouble
from tests.small import small_text

PROMISE = "One writer a run, and one run a model: of two starts at once one wins, and a killed winner frees it within a second"
LONG = 100

SLOW = Trouble(seconds_a_step=0.05, save_every=1000)


def check(rounds: int) -> str:
    """Start two processes for one name, then for one run, until `rounds` pairs were tried."""
    slowest, tried = 0.0, {"starts": 0, "resumes": 0}
    with tempfile.TemporaryDirectory() as scratch:
        out, text = Path(scratch) / "out", Path(scratch) / "text.txt"
        text.write_text(small_text(3000))
        for number in range(rounds):
            name = f"run-{number - number % 2}"
            starts = number % 2 == 0
            command = (
                ("train", text, "--name", name, *FAST, "--steps", 100_000) if starts else ("resume", name)
            )
            tried["starts" if starts else "resumes"] += 1
            pair = [processes.start(out, *command, trouble=SLOW) for _ in range(2)]
            processes.until(lambda: any(p.process.exitcode is not None for p in pair), "one to give way")  # noqa: B023
            ended = [p for p in pair if p.process.exitcode is not None]
            assert len(ended) == 1, "both ended: " + " / ".join(p.err for p in ended)
            (loser,), (winner,) = ended, [p for p in pair if p not in ended]
            run = winning(name, winner)
            assert run.status() == "running"
            assert (loser.process.exitcode, run.id in loser.err) == (2 if starts else 1, True), loser.err
            if not starts:
                assert f"another process ({winner.pid})" in loser.err, loser.err
            winner.send(signal.SIGKILL)
            begun = time.monotonic()
            processes.until(lambda: run.status() != "running", "the run to be free", 5)  # noqa: B023
            slowest = max(slowest, time.monotonic() - begun)
            winner.process.join()
            assert slowest < 1, f"free after {slowest:.1f} s"
    return (
        f"{tried['starts']} double starts and {tried['resumes']} double resumes: one winner each, the other told which; "
        f"free at most {slowest:.2f} s after kill -9"
    )


def winning(name: str, winner: Process) -> Run:
    """The run that the winner trains, once it does."""

    def held() -> list[Run]:
        assert winner.process.exitcode is None, winner.err
        return [run for run in storage.all_runs() if run.name == name and run.is_held()]

    processes.until(lambda: held() and (held()[0].folder / "state.safetensors").exists(), "it to train")
    (run,) = held()
    return run


def test_one_writer() -> None:
    assert "one winner each" in check(2)
