"""Training speed in characters per second, and the loss reached in a given time.

    python benchmarks/charlm.py speed
    python benchmarks/charlm.py loss TEXT --minutes 1 --minutes 3 --seeds 3

`speed` alternates between short rounds of lstmterm's training step and of a tutorial's loop (float32,
one-hot input, `nn.LSTM`, Adam; and the same with bfloat16 autocast). Each loop runs in its own process,
at the same sizes; the ratio is that of the medians. The loops use Adam or AdamW; the last column is
lstmterm's step with Muon, which its plans use. `loss` trains models with the real command, holding out
the last tenth of the text; with `--nanogpt CHECKOUT` also nanoGPT by its CPU recipe, and the plan in the same time.
Both print Markdown tables.
"""

import contextlib
import json
import multiprocessing
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Self

import click
import nanogpt as nanogpt_recipe
import torch
from torch import nn
from torch.nn import functional as F

from lstmterm.nn import calibrate, optim
from lstmterm.nn.charlm import CharLM
from lstmterm.nn.device import autocast, choose_device, use_threads
from lstmterm.nn.initial import detached
from lstmterm.nn.losses import mean_nll
from lstmterm.planning import processors
from lstmterm.spec.character import CharModelPart
from lstmterm.spec.training import TrainingPart

SYMBOLS = 65
SHAPES = (
    (384, 16, 48),
    (384, 32, 48),
    (512, 32, 64),
    (512, 64, 64),
    (512, 128, 64),
)  # hidden units, batch size, sequence length
ROUNDS = 7
STEPS = 8  # per round


@click.group()
def main() -> None:
    """Benchmarks of the character model's training."""


@main.command()
def speed() -> None:
    """Compare characters per second with a plain float32 loop of the same sizes."""
    device = choose_device("auto")
    threads = processors.usable()
    machine = calibrate.machine(device, threads)
    product = matrix_rate(device, machine.precision)
    click.echo(
        f"{calibrate.processor(device)}, {device}, {threads} threads, torch {torch.__version__}, {machine.precision}; "
        f"a 1024 x 1024 matrix product makes {product / 1e9:,.0f} GFLOP/s\n"
    )
    click.echo(
        "| model | batch x length | plain loop | plain, bfloat16 | lstmterm | ratio | of matmul speed "
        "| with Muon |"
    )
    click.echo("| --- | --- | --- | --- | --- | --- | --- | --- |")
    loops = (
        (plain_loop, "float32"),
        (plain_loop, "bfloat16"),
        (our_loop, machine.precision, "adamw"),
        (our_loop, machine.precision, "muon"),
    )
    with contextlib.ExitStack() as processes:
        workers = [(processes.enter_context(Worker(loop)), options) for loop, *options in loops]
        for hidden, batch_size, seq_length in SHAPES:
            for worker, options in workers:
                worker.build(hidden, batch_size, seq_length, str(device), threads, *options)
            chars = STEPS * batch_size * seq_length
            rounds = [[chars / worker.seconds() for worker, _ in workers] for _ in range(ROUNDS)]
            plain, plain16, ours, planned = (statistics.median(rates) for rates in zip(*rounds, strict=True))
            share = ours * flops_a_char(hidden) / product
            click.echo(
                f"| 1x{hidden} | {batch_size} x {seq_length} | {plain:,.0f} | {plain16:,.0f} | {ours:,.0f} "
                f"| {ours / plain:.2f} | {share:.0%} | {planned:,.0f} |"
            )


class Worker:
    """A process that builds a training loop and times some of its steps on request."""

    def __init__(self, loop: Callable[..., Callable[[], None]]) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=serve, args=(theirs, loop), daemon=True)
        self.process.start()

    def build(self, *size: int | str) -> None:
        """Build a loop of this size."""
        self.pipe.send(size)
        self.pipe.recv()

    def seconds(self) -> float:
        """Run its steps and return the time in seconds."""
        time.sleep(0.05)  # let the other process' threads stop spinning
        self.pipe.send(None)
        return self.pipe.recv()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.join()


def serve(pipe: Connection, loop: Callable[..., Callable[[], None]]) -> None:
    """Build and time loops on request."""
    steps: Callable[[], None] = lambda: None  # noqa: E731 - replaced by the first build
    device = torch.device("cpu")
    while True:
        size = pipe.recv()
        if size is None:
            pipe.send(seconds(steps, device))
            continue
        device = torch.device(size[3])
        torch.set_num_threads(size[4])
        steps = loop(*size[:3], device, *size[5:])
        pipe.send(None)


def flops_a_char(hidden: int, embedding: int = 64) -> float:
    """Floating-point operations per trained character: the forward pass, and twice as many backward."""
    return 3 * 2 * (4 * hidden * (embedding + hidden) + hidden * SYMBOLS)


def matrix_rate(device: torch.device, precision: str) -> float:
    """FLOP/s of a product of two 1024 x 1024 matrices."""
    dtype = torch.bfloat16 if precision == "bfloat16" else torch.float32
    a = torch.randn(1024, 1024, device=device, dtype=dtype)
    times = [seconds(lambda: a @ a, device) for _ in range(30)]
    return 2 * 1024**3 / statistics.median(times[5:])


def seconds(work: Callable[[], object], device: torch.device) -> float:
    """Time `work` in seconds."""
    begun = time.perf_counter()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - begun


def plain_loop(
    hidden: int, batch_size: int, seq_length: int, device: torch.device, precision: str
) -> Callable[[], None]:
    """The loop of a typical tutorial."""
    lstm = nn.LSTM(SYMBOLS, hidden, batch_first=True).to(device)
    head = nn.Linear(hidden, SYMBOLS).to(device)
    parameters = [*lstm.parameters(), *head.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=1e-3)
    ids = torch.randint(SYMBOLS, (batch_size, seq_length + 1), device=device)
    state = None

    def steps() -> None:
        nonlocal state
        for _ in range(STEPS):
            with torch.autocast(device.type, torch.bfloat16, enabled=precision == "bfloat16"):
                output, state = lstm(F.one_hot(ids[:, :-1], SYMBOLS).float(), state)
                logits = head(output)
            state = tuple(s.detach() for s in state)
            loss = F.cross_entropy(logits.float().flatten(0, 1), ids[:, 1:].flatten())
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
            loss.item()

    steps()
    return steps


def our_loop(
    hidden: int, batch_size: int, seq_length: int, device: torch.device, precision: str, optimizer_name: str
) -> Callable[[], None]:
    """lstmterm's training step."""
    use_threads(torch.get_num_threads())
    model = CharLM(SYMBOLS, CharModelPart(hidden=hidden)).to(device)
    part = TrainingPart.from_dict(
        {"steps": 1, "evaluate_every": 1, "optimizer": optimizer_name, "precision": precision}
    )
    optimizer = optim.make_optimizer(model, part)
    block = torch.randint(SYMBOLS, (seq_length + 1, batch_size), device=device)
    state = model.first_state(batch_size)

    def steps() -> None:
        nonlocal state
        for _ in range(STEPS):
            with autocast(device, precision):
                logits, after = model(block[:-1], state)
            state = detached(after)
            loss = mean_nll(logits, block[1:], "cross-entropy", SYMBOLS)
            optimizer.forget_gradients()
            loss.backward()
            norm = optim.clip_gradients(model, part.clip)
            optim.guarded_step(optimizer, torch.isfinite(norm))

    steps()
    return steps


@main.command()
@click.argument("text", type=click.Path(exists=True, path_type=Path))
@click.option("--minutes", type=float, multiple=True, default=(1.0,), show_default=True)
@click.option("--seeds", type=click.IntRange(1), default=1, show_default=True, help="How many.")
@click.option("--first", type=click.IntRange(0), default=1, show_default=True, help="The first seed.")
@click.option(
    "--option", "options", multiple=True, help="Passed on to `lstmterm train`, such as --option=--hidden=512."
)
@click.option(
    "--keep", type=click.Path(file_okay=False, path_type=Path), help="Keep the models in this folder."
)
@click.option(
    "--nanogpt",
    metavar="CHECKOUT",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Then train nanoGPT by its CPU recipe (see nanogpt.py), and the plan for as long as that took.",
)
def loss(
    text: Path,
    minutes: tuple[float, ...],
    seeds: int,
    first: int,
    options: tuple[str, ...],
    keep: Path | None,
    nanogpt: Path | None,
) -> None:
    """Train with `lstmterm train TEXT --val 0.1 --test 0` and print the losses."""
    head = "| minutes | seed | model | val_loss | val_loss_reset | seconds | steps | chars/s |\n"
    head += "| --- | --- | --- | --- | --- | --- | --- | --- |"
    click.echo(head)
    for time_given in minutes:
        for seed in range(first, first + seeds):
            click.echo(row(text, time_given, seed, options, keep))
    if nanogpt:
        its_row, seconds = nanogpt_recipe.measured(nanogpt, text)
        click.echo(f"\n{nanogpt_recipe.HEAD}\n{its_row}\n\nThe plan in the same time:\n\n{head}")
        click.echo(row(text, round(seconds / 60, 2), first, options, keep))


def row(text: Path, minutes: float, seed: int, options: tuple[str, ...], keep: Path | None) -> str:
    """Train, and return a row of the table."""
    started, done = trained(text, minutes, seed, options, keep)
    return (
        f"| {minutes:g} | {seed} | {started['summary']} | {done['val_loss']:.4f} | "
        f"{done['val_loss_reset']:.4f} | {done['seconds']:.1f} | {done['steps']:,} | "
        f"{done['chars_per_second']:,.0f} |"
    )


def trained(
    text: Path, minutes: float, seed: int, options: tuple[str, ...], keep: Path | None
) -> tuple[dict, dict]:
    """Train in a temporary home and return the first and the last event."""
    with tempfile.TemporaryDirectory() as home:
        command = [
            sys.executable,
            "-m",
            "lstmterm",
            "train",
            str(text.absolute()),
            "--val",
            "0.1",
            "--test",
            "0",
        ]
        command += ["--minutes", str(minutes), "--seed", str(seed), "--json", *options]
        output = subprocess.run(
            command, env={**os.environ, "LSTMTERM_HOME": home}, stdout=subprocess.PIPE, text=True, check=True
        ).stdout
        events = [json.loads(line) for line in output.splitlines()]
        if keep is not None:
            keep.mkdir(parents=True, exist_ok=True)
            model = Path(home) / "data" / "models" / f"{events[-1]['model']}.safetensors"
            shutil.copy(model, keep / f"{text.stem}-{minutes:g}-{seed}.safetensors")
    return events[0], events[-1]


if __name__ == "__main__":
    main()
