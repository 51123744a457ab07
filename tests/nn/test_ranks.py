"""Several ranks: they train the model that one process trains, stop together, and end when one is lost."""

import math
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch

from lstmterm.nn import saved_state, train
from lstmterm.nn.char_task import CharTask
from lstmterm.nn.checkpoints import LATEST
from lstmterm.nn.joined_ranks import JoinedRanks
from lstmterm.nn.ranks import Ranks
from lstmterm.nn.task import Interrupted, Tensors
from lstmterm.runs import folder, storage
from lstmterm.runs.events import Failed, Saved, Started, Step, Stopped, Warned
from tests import processes
from tests.processes import FAST, Process, Trouble
from tests.small import small_text

STEPS = 50
STREAMS = 5  # that no number of ranks divides
RATE = {"sgd": 0.3, "adamw": 0.01, "muon": 0.01}
CLOSE = {"sgd": 1e-5, "adamw": 1e-3, "muon": 1e-3}  # of a tensor's norm; the test that uses it says why


@pytest.fixture
def text(tmp_path: Path) -> Path:
    """A text with characters beyond the vocabulary, many in its first half and none in its second."""
    rare = random.Random(1)
    first = "".join(rare.choice("#%&") if rare.random() < 0.2 else c for c in small_text(1500))
    path = tmp_path / "text.txt"
    path.write_text(first + small_text(1500))
    return path


def words(text: Path, name: str, *more: object, optimizer: str = "sgd") -> list[object]:
    return [
        "train", text, "--name", name, *FAST, "--batch-size", STREAMS, "--vocab-limit", 20, "--steps", STEPS,
        "--evaluate-every", 20, "--optimizer", optimizer, "--lr", RATE[optimizer], "--clip", 0.1, *more,
    ]  # fmt: skip


def start(folder: Path, count: int, *arguments: object, troubles: Sequence[Trouble] = ()) -> list[Process]:
    """`lstmterm ARGUMENTS` on `count` ranks, as torchrun starts them."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    variables = {
        "WORLD_SIZE": count,
        "LOCAL_WORLD_SIZE": count,
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": port,
    }
    variables |= {"GLOO_SOCKET_IFNAME": "lo" if sys.platform == "linux" else "lo0"}
    return [
        processes.start(
            folder / f"rank{rank}",
            *arguments,
            trouble=troubles[rank] if troubles else Trouble(),
            variables={name: str(v) for name, v in {**variables, "RANK": rank, "LOCAL_RANK": rank}.items()},
        )
        for rank in range(count)
    ]


def run(
    folder: Path, count: int, *arguments: object, troubles: Sequence[Trouble] = ()
) -> tuple[list[int], list[Process]]:
    """The ranks' exit codes."""
    ranks = start(folder, count, *arguments, troubles=troubles)
    return [rank.wait() for rank in ranks], ranks


def alone(folder: Path, *arguments: object) -> None:
    done = processes.run(folder, *arguments)
    assert done.process.exitcode == 0, done.err


def saved(name: str) -> Tensors:
    """The last state of a run."""
    return saved_state.read(storage.find(name).folder / LATEST)[0]


def furthest(name: str, of: str) -> float:
    """How far a run's weights are from another's, in the norm of the tensor that differs most."""
    here, there = (saved_state.part(saved(n), "model") for n in (name, of))
    return max(((here[k] - there[k]).norm() / there[k].norm()).item() for k in there)


# The same model


@pytest.mark.parametrize("optimizer", list(CLOSE))
def test_ranks_train_what_one_process_trains(tmp_path: Path, text: Path, optimizer: str) -> None:
    """Adam divides by the gradient's own size, so where that is tiny, rounding weighs more; so does Muon."""
    alone(tmp_path / "one", *words(text, "one", optimizer=optimizer))
    codes, ranks = run(tmp_path / "two", 2, *words(text, "two", optimizer=optimizer))
    assert codes == [0, 0], ranks[0].err
    assert furthest("two", "one") < CLOSE[optimizer]
    position = saved_state.part(saved("two"), "position"), saved_state.part(saved("one"), "position")
    assert position[0]["h"].shape[1] == STREAMS
    for key in ("h", "c", "place"):
        torch.testing.assert_close(position[0][key], position[1][key], rtol=1e-3, atol=1e-4)

    # one of them reports and writes
    assert ranks[1].out == ranks[1].err == ""
    assert len(storage.all_runs()) == 2
    assert "batch 5 x 10 on 2 ranks" in ranks[0].err

    # and it reports both: losses and characters a second are those of all streams
    losses = [
        [e.loss * e.steps for e in storage.find(n).events() if isinstance(e, Step)] for n in ("one", "two")
    ]
    assert sum(losses[0]) == pytest.approx(sum(losses[1]), rel=1e-4)
    starts = [e for n in ("one", "two") for e in storage.find(n).events() if isinstance(e, Started)]
    assert starts[0].units_per_step == starts[1].units_per_step


def not_reduced() -> None:
    JoinedRanks.reduce = Ranks.reduce


def averaged() -> None:
    """The mean of the ranks' means, as if all had the same number of scored characters."""
    CharTask._share = lambda self, scored, streams: 1 / self.ranks.count


def clipped_too_early() -> None:
    reduce = JoinedRanks.reduce

    def after_clipping(self: JoinedRanks, model: torch.nn.Module, loss: torch.Tensor) -> torch.Tensor:
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.1)
        return reduce(self, model, loss)

    JoinedRanks.reduce = after_clipping


@pytest.mark.parametrize("broken", [not_reduced, averaged, clipped_too_early])
def test_wrong_gradients_train_another_model(tmp_path: Path, text: Path, broken: Callable[[], None]) -> None:
    alone(tmp_path / "one", *words(text, "one", "--steps", 10))
    codes, ranks = run(
        tmp_path / "two", 2, *words(text, "two", "--steps", 10), troubles=[Trouble(broken=broken)] * 2
    )
    assert codes == [0, 0], ranks[0].err
    assert furthest("two", "one") > 100 * CLOSE["sgd"]


# Stop and resume


def stopped_at(step: int, folder: Path, text: Path, name: str, count: int, *more: object) -> None:
    """A run of `count` ranks (or one process), stopped by a signal to the last one."""
    trouble = Trouble(signals={step: signal.SIGTERM})
    if count == 1:
        assert processes.run(folder, *words(text, name, *more), trouble=trouble).process.exitcode == 143
        return
    troubles = [*[Trouble()] * (count - 1), trouble]
    codes, ranks = run(folder, count, *words(text, name, *more), troubles=troubles)
    assert codes == [*[0] * (count - 1), 143], [rank.err for rank in ranks]


@pytest.mark.parametrize(("before", "after"), [(1, 3), (3, 1), (2, 3)])
def test_another_number_of_ranks_goes_on_with_the_same_model(
    tmp_path: Path, text: Path, before: int, after: int
) -> None:
    alone(tmp_path / "whole", *words(text, "whole"))
    stopped_at(33, tmp_path / "before", text, "run", before)
    (stop,) = (e for e in storage.find("run").events() if isinstance(e, Stopped))
    assert (stop.step, stop.reason) == (33, "SIGTERM")
    if after == 1:
        alone(tmp_path / "after", "resume", "run")
    else:
        assert run(tmp_path / "after", after, "resume", "run")[0] == [0] * after
    assert furthest("run", "whole") < CLOSE["sgd"]
    said = [e.message for e in storage.find("run").events() if isinstance(e, Warned)]
    assert sum("rounded in another order" in message for message in said) == 1


def test_the_same_number_of_ranks_goes_on_exactly(tmp_path: Path, text: Path) -> None:
    """With each rank's own random numbers too."""
    random_knobs = ("--dropout", 0.3, "--initial-state", "random")
    assert run(tmp_path / "whole", 2, *words(text, "whole", *random_knobs))[0] == [0, 0]
    stopped_at(33, tmp_path / "before", text, "run", 2, *random_knobs)
    assert run(tmp_path / "after", 2, "resume", "run")[0] == [0, 0]
    expected, found = saved("whole"), saved("run")
    assert {"random.cpu", "random.cpu.1"} <= expected.keys() == found.keys()
    assert not torch.equal(expected["random.cpu"], expected["random.cpu.1"])
    assert all(torch.equal(expected[key], found[key]) for key in expected)


def test_a_request_stops_all_ranks(tmp_path: Path, text: Path) -> None:
    slow = Trouble(seconds_a_step=0.02)
    ranks = start(tmp_path / "ranks", 2, *words(text, "run", "--steps", 100_000), troubles=[slow, slow])
    processes.until(lambda: storage.all_runs() and any(storage.find("run").events()), "the run")
    processes.until(lambda: any(isinstance(e, Step) for e in storage.find("run").events()), "the first steps")
    assert processes.run(tmp_path / "stop", "stop", "run").process.exitcode == 0
    assert [rank.wait() for rank in ranks] == [0, 0]
    last = [*storage.find("run").events()][-1]
    assert isinstance(last, Stopped)
    assert last.reason == "requested"


def poisoned() -> None:
    next_loss = CharTask.next_loss

    def no_number(self: CharTask) -> tuple[torch.Tensor, int]:
        loss, units = next_loss(self)
        return loss * math.nan, units

    CharTask.next_loss = no_number


def test_a_run_that_diverges_goes_back_on_all_ranks(tmp_path: Path, text: Path) -> None:
    troubles = [Trouble(), Trouble(broken=poisoned)]  # only the second rank's loss is no number
    codes, ranks = run(tmp_path / "ranks", 2, *words(text, "run"), troubles=troubles)
    assert codes == [1, 1], ranks[0].err
    assert "(--lr)" in ranks[0].err
    assert ranks[1].err == ""


# Losses


@pytest.mark.parametrize(("count", "victim"), [(2, 1), (3, 2), (2, 0)])
def test_a_lost_rank_ends_the_run_and_can_be_resumed(
    tmp_path: Path, text: Path, count: int, victim: int
) -> None:
    troubles = [Trouble(save_every=10)] * count
    troubles[victim] = Trouble(signals={35: signal.SIGKILL}, save_every=10)
    codes, ranks = run(tmp_path / "ranks", count, *words(text, "run"), troubles=troubles)
    assert codes == [-9 if rank == victim else 1 for rank in range(count)]
    found = storage.find("run")
    said = f"Rank {victim} was lost at step 35; `lstmterm resume {found.id}` continues from step 30."
    speaker = 1 if victim == 0 else 0
    assert said in ranks[speaker].err
    assert all(said not in rank.err for rank in ranks if rank is not ranks[speaker])
    if victim:
        last = [*found.events()][-1]
        assert isinstance(last, Failed)
        assert last.message == said
    alone(tmp_path / "whole", *words(text, "whole"))
    assert run(tmp_path / "again", 2, "resume", "run")[0] == [0, 0]
    assert furthest("run", "whole") < CLOSE["sgd"]


def failing() -> None:
    """A rank that meets an error of its own in its fifth step."""
    step = train.Trainer.step

    def fails(self: train.Trainer) -> None:
        if self.counters.step == 5:
            raise MemoryError("there is no memory left")
        step(self)

    train.Trainer.step = fails


def test_a_rank_that_fails_says_why(tmp_path: Path, text: Path) -> None:
    codes, ranks = run(
        tmp_path / "ranks", 2, *words(text, "run"), troubles=[Trouble(), Trouble(broken=failing)]
    )
    assert codes == [1, 1]
    assert "Rank 1 ended (there is no memory left) at step 5" in ranks[0].err
    assert ranks[1].err == ""


@pytest.fixture
def torchrun(tmp_path: Path, text: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A run of two ranks that torchrun itself starts, in training."""
    lo = "lo" if sys.platform == "linux" else "lo0"
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": lo}
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command += ["-m", "lstmterm", *map(str, words(text, "run", "--steps", 10_000_000))]
    command += ["--evaluate-every", "20"]
    with open(tmp_path / "log", "wb") as log:
        agent = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        processes.until(
            lambda: agent.poll() is not None or (storage.all_runs() and saves(storage.find("run")) > 1),
            "the steps",
            seconds=5 * processes.PATIENCE,  # three processes that each import torch
        )
        yield agent
    finally:
        agent.terminate()
        agent.wait()


def saves(run: folder.Run) -> int:
    return sum(isinstance(e, Saved) and e.what == "state" for e in run.events())


def test_torchrun_leaves_no_process(tmp_path: Path, torchrun: subprocess.Popen[bytes]) -> None:
    assert torchrun.poll() is None, (tmp_path / "log").read_text()
    ranks = sorted(psutil.Process(torchrun.pid).children(), key=lambda child: child.environ()["RANK"])
    assert len(ranks) == 2
    ranks[1].kill()
    torchrun.wait()
    _, alive = psutil.wait_procs(ranks, timeout=processes.PATIENCE)
    assert not alive
    last = [*storage.find("run").events()][-1]
    assert isinstance(last, Failed)
    assert last.message.startswith("Rank 1 was lost at step")
    assert last.message in (tmp_path / "log").read_text()


# What ranks cannot do


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (["train-tagger", "harbour-tags"], "A tagger is trained by one process; start it without torchrun."),
        (
            ["train", "harbour", "--detach"],
            "--detach starts one process of its own; start it without torchrun.",
        ),
        (
            ["train", "harbour", *FAST, "--batch-size", 1],
            "--batch-size must be at least 2, the number of processes",
        ),
        (["train", "nowhere"], "nowhere"),
        (["resume", "nowhere"], "nowhere"),
    ],
)
def test_what_cannot_be_is_said_once(tmp_path: Path, command: list[object], sentence: str) -> None:
    ranks = start(tmp_path / "ranks", 2, *command)
    assert ranks[0].wait() == 2
    assert sentence in ranks[0].err
    ranks[1].process.kill()  # as torchrun does where the others do not end by themselves
    ranks[1].wait()
    assert "lstmterm:" not in ranks[1].err  # torch itself may warn that it lost a process


def test_a_stop_while_the_first_rank_computes_the_final_figures_stops_all() -> None:
    class Told(JoinedRanks):
        """A rank whose messages are kept, without a network."""

        def __init__(self, rank: int, said: list[dict[str, Any]]) -> None:
            self.rank, self.said = rank, said

        def send(self, values: Mapping[str, Any]) -> None:
            self.said.append(dict(values))

        def receive(self) -> dict[str, Any]:
            return self.said[-1]

    def stopped() -> dict[str, Any]:
        raise Interrupted("SIGTERM")

    said: list[dict[str, Any]] = []
    for rank in (0, 1):
        with pytest.raises(Interrupted, match="SIGTERM"):
            Told(rank, said).from_first(stopped)
    assert [Told(rank, said).from_first(lambda: {"val_loss": 1.5}) for rank in (0, 1)] == [
        {"val_loss": 1.5}
    ] * 2
