"""Measure nanoGPT's CPU recipe on the same text.

    python benchmarks/nanogpt.py CHECKOUT TEXT [--iterations 2000] [--threads 2]

CHECKOUT is a clone of https://github.com/karpathy/nanoGPT; it is copied to a temporary folder and not
changed. nanoGPT's `data/shakespeare_char/prepare.py` prepares the text (the script would download it,
so the file is put where it looks first). The model is trained with the CPU command from nanoGPT's
README, and only that command is timed. nanoGPT estimates its loss on 20 random batches of the
validation text and keeps the best model; here the loss of that model is computed over the whole
validation text in consecutive blocks of 64 characters, as `val_loss_reset` does with blocks of 256.
Prints one row of a Markdown table.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

RECIPE = (
    "--device=cpu --compile=False --eval_iters=20 --log_interval=1 --block_size=64 --batch_size=12 "
    "--n_layer=4 --n_head=4 --n_embd=128 --dropout=0.0"
)
HEAD = "| model | seconds | iterations | its own estimate | whole validation text | characters |\n| --- | --- | --- | --- | --- | --- |"

# Run in the checkout, where nanoGPT's modules are; reads the file that its training wrote.
EVALUATE = """
import sys, numpy, torch
from torch.nn.functional import cross_entropy
from model import GPT, GPTConfig
torch.set_num_threads(int(sys.argv[2]))
saved = torch.load(sys.argv[1], map_location="cpu", weights_only=True)
model = GPT(GPTConfig(**saved["model_args"]))
model.load_state_dict(saved["model"])
model.eval()
ids = torch.from_numpy(numpy.fromfile("data/shakespeare_char/val.bin", dtype=numpy.uint16).astype(numpy.int64))
size, total = model.config.block_size, 0.0
with torch.no_grad():
    for start in range(0, len(ids) - 1, size * 128):
        stretch = ids[start : start + size * 128 + 1]
        whole = (len(stretch) - 1) // size * size
        parts = [(stretch[:whole].view(-1, size), stretch[1 : whole + 1].view(-1, size))] if whole else []
        if whole < len(stretch) - 1:
            parts.append((stretch[None, whole:-1], stretch[None, whole + 1 :]))
        for x, y in parts:
            logits, _ = model(x, y)
            total += cross_entropy(logits.flatten(0, 1).double(), y.flatten(), reduction="sum").item()
print(total / (len(ids) - 1), len(ids) - 1)
"""


@click.command()
@click.argument("checkout", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("text", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--iterations", type=click.IntRange(1), default=2000, show_default=True)
@click.option("--threads", type=click.IntRange(1), default=2, show_default=True)
def peer(checkout: Path, text: Path, iterations: int, threads: int) -> None:
    """Train nanoGPT in CHECKOUT on TEXT by its README's CPU recipe, and print what it reaches."""
    click.echo(HEAD)
    click.echo(measured(checkout, text, iterations, threads)[0])


def measured(checkout: Path, text: Path, iterations: int = 2000, threads: int = 2) -> tuple[str, float]:
    """Prepare, train and evaluate in a copy of `checkout`; a row of the table, and the seconds of training."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "nanoGPT"
        clone(checkout, copy)
        return _measured_in(copy, text, iterations, threads)


def _measured_in(copy: Path, text: Path, iterations: int, threads: int) -> tuple[str, float]:
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}

    def python(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, *words], cwd=copy, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise click.ClickException(f"{words[0]} failed:\n{done.stderr[-2000:]}")
        return done.stdout

    data = copy / "data" / "shakespeare_char"
    (data / "input.txt").write_bytes(text.read_bytes())
    without_network(data / "requests.py")
    python("data/shakespeare_char/prepare.py")
    length = [f"--max_iters={iterations}", f"--lr_decay_iters={iterations}"]
    begun = time.perf_counter()
    log = python("train.py", "config/train_shakespeare_char.py", *RECIPE.split(), *length)
    seconds = time.perf_counter() - begun
    _untrained, *estimates = re.findall(r"val loss ([0-9.]+)", log)
    if not estimates:
        raise click.ClickException("nanoGPT saves a model every 250 iterations; make at least 250.")
    loss, chars = python("-c", EVALUATE, "out-shakespeare-char/ckpt.pt", str(threads)).split()[-2:]
    row = (
        f"| nanoGPT's CPU recipe, {threads} threads | {seconds:.1f} | {iterations:,} | {min(estimates, key=float)} "
        f"| {float(loss):.4f} | {int(chars):,} |"
    )
    return row, seconds


def clone(checkout: Path, copy: Path) -> None:
    """A work tree of the repository (bare or not) at `copy`."""
    subprocess.run(["git", "clone", "--quiet", "--shared", str(checkout), str(copy)], check=True)


def without_network(module: Path) -> None:
    """`prepare.py` imports requests, and uses it only where the text is not there yet."""
    module.write_text("")


if __name__ == "__main__":
    peer()
