"""Dynamic evaluation: tune its rules and rates, and measure the gain.

    python benchmarks/adapt.py tune TEXT [--chars 50000] [--model FILE]
    python benchmarks/adapt.py tail MODEL

`tune` never uses the last tenth of the text, which is kept for the final figure. From the other nine
tenths it trains a model on the first 90 % (or loads such a model from FILE) and tries the rules on the
remaining 10 %, which are new to that model. `tail` scores a model's validation text with the real
command: plain, and adapting with the defaults of each rule. Both print Markdown tables.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click

from lstmterm.planning.processors import usable

os.environ.setdefault("OPENBLAS_NUM_THREADS", str(usable()))

import numpy as np

from lstmterm.corpora import splits
from lstmterm.corpora.corpus import open_corpus
from lstmterm.errors import RunError
from lstmterm.infer.adapt import DEFAULTS, Adaptation, AdaptingModel, root_mean_square
from lstmterm.models import model_file

RATES = {"sgd": (0.0025, 0.005, 0.01, 0.02), "rms": (0.01, 0.016, 0.02, 0.03)}
SEQ_LENGTHS = (10, 20, 32, 40)
DECAYS = (0.0, 0.001, 0.002, 0.005)


@click.group()
def main() -> None:
    """Benchmarks of dynamic evaluation."""


@main.command()
@click.argument("text", type=click.Path(exists=True, path_type=Path))
@click.option("--chars", type=click.IntRange(2), default=50_000, show_default=True, help="To adapt to.")
@click.option("--model", type=click.Path(exists=True, path_type=Path), help="A model that `tune` trained.")
@click.option("--keep", type=click.Path(path_type=Path), help="Keep the model that is trained in this file.")
@click.option("--epochs", default=6.0, show_default=True, help="Passes that its training makes.")
def tune(text: Path, chars: int, model: Path | None, keep: Path | None, epochs: float) -> None:
    """Try rules, rates, sequence lengths and decays on training text."""
    corpus = open_corpus(str(text))
    held_out = splits.cut(len(corpus), 0.1, 0).val[0]
    with tempfile.TemporaryDirectory() as folder:
        if model is None:
            model = trained_on(corpus.text(0, held_out), Path(folder), epochs)
        loaded = model_file.load(model)
        if keep is not None:
            keep.write_bytes(model.read_bytes())
    train, val = (loaded.card.split[part] for part in ("train", "val"))
    if val[1] > held_out:
        raise click.ClickException(
            "This model's validation text lies in the last tenth, which is not tuned on."
        )
    sizes = loaded.card.sizes
    renumbered = loaded.card.vocabulary.encode(corpus.vocabulary.symbols)
    ids = renumbered[corpus.ids[:held_out]]
    learned, new = ids[slice(*train)], ids[slice(*val)][:chars]
    plain = nats(AdaptingModel(loaded.tensors, replace(DEFAULTS["sgd"], rate=0.0)), new)
    click.echo(f"{sizes['layers']}x{sizes['hidden']}, {len(new):,} characters; not adapting: {plain:.4f}\n")
    click.echo("| rule | rate | seq length | decay | nats/char | gain | CPU seconds |")
    click.echo("| --- | --- | --- | --- | --- | --- | --- |")
    scales: dict[int, np.ndarray] = {}
    for how in trials():
        if how.rule == "rms" and how.seq_length not in scales:
            scales[how.seq_length] = root_mean_square(loaded.tensors, learned, how.seq_length)
        begun = time.process_time()
        scale = scales[how.seq_length] if how.rule == "rms" else None
        try:
            loss = nats(AdaptingModel(loaded.tensors, how, scale), new)
            result = f"{loss:.4f} | {plain - loss:.4f}"
        except RunError:
            result = "diverged | "
        click.echo(
            f"| {how.rule} | {how.rate:g} | {how.seq_length} | {how.decay:g} | {result} "
            f"| {time.process_time() - begun:.0f} |"
        )


def trials() -> Iterator[Adaptation]:
    """The rates of each rule, then sequence lengths and decays at its default rate."""
    for rule, best in DEFAULTS.items():
        for rate in RATES[rule]:
            yield replace(best, rate=rate)
        for length in SEQ_LENGTHS:
            if length != best.seq_length:
                yield replace(best, seq_length=length)
        for decay in DECAYS:
            if decay != best.decay:
                yield replace(best, decay=decay)


def nats(model: AdaptingModel, ids: np.ndarray) -> float:
    """The mean loss of a text."""
    return float(np.nanmean(np.concatenate(list(model.surprisals(ids))), dtype=np.float64))


def trained_on(text: str, folder: Path, epochs: float) -> Path:
    """The file of a model that learned the first 90 % of `text`."""
    source = folder / "head.txt"
    source.write_text(text, encoding="utf-8")
    shape = "--hidden 512 --batch-size 32 --seq-length 64 --dropout 0.5"
    command = f"train {source} --val 0.1 --test 0 --raw-newlines --encoding utf-8 {shape} --epochs {epochs} --name head"
    lstmterm(command.split(), {"LSTMTERM_HOME": str(folder)})
    return folder / "data" / "models" / "head.safetensors"


@main.command()
@click.argument("model")
def tail(model: str) -> None:
    """What `lstmterm score MODEL --split val` gives with and without --adapt."""
    click.echo("| | nats a character | gain | seconds |")
    click.echo("| --- | --- | --- | --- |")
    plain = None
    for name, options in (
        ("as it is", []),
        *((f"adapting, {rule}", ["--adapt", "--adapt-rule", rule]) for rule in DEFAULTS),
    ):
        begun = time.perf_counter()
        figures = json.loads(lstmterm(["score", model, "--split", "val", "--json", *options]))
        seconds = time.perf_counter() - begun
        loss = figures["nats_per_char"]
        plain = plain or loss
        click.echo(f"| {name} | {loss:.4f} | {plain - loss:.4f} | {seconds:.1f} |")


def lstmterm(words: list[str], more: dict[str, str] | None = None) -> str:
    """What the command prints."""
    command = [sys.executable, "-m", "lstmterm", *words]
    environment = {**os.environ, **(more or {})}
    environment.pop("OPENBLAS_NUM_THREADS", None)  # the command limits them itself
    return subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout


if __name__ == "__main__":
    main()
