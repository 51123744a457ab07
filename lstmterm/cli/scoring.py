"""What `score` prints."""

import json
import math
import sys
from collections.abc import Iterable
from typing import Any

import click
import numpy as np

from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.infer.score import Score
from lstmterm.visible import visible


def print_score(score: Score, as_json: bool, **more: Any) -> None:
    """Print the figures as text, or as a line of JSON, which also has `more`."""
    if as_json:
        figures = {
            "chars": score.chars,
            "nats_per_char": _finite(score.nats_per_char),
            "bits_per_char": _finite(score.bits_per_char),
            "perplexity": _finite(score.perplexity),
            "unknown": score.unknown,
            **more,
        }
        click.echo(json.dumps(figures))
        return
    click.echo(f"{score.nats_per_char:.4f} nats per character")
    click.echo(f"{score.bits_per_char:.4f} bits per character")
    click.echo(f"{score.perplexity:.3f} perplexity")
    click.echo(f"{score.chars:,} characters scored")
    click.echo(f"{score.unknown:,} unknown characters read but not scored")


def print_each(
    surprisals: Iterable[np.ndarray], vocabulary: Vocabulary, ids: np.ndarray, as_json: bool
) -> None:
    """Print a line for each character with its nats, which the first one and unknown ones don't have."""
    write = sys.stdout.write
    write(_line(vocabulary, int(ids[0]), math.nan, as_json))
    position = 1
    for losses in surprisals:
        symbols = ids[position : position + len(losses)].tolist()
        write(
            "".join(_line(vocabulary, *each, as_json) for each in zip(symbols, losses.tolist(), strict=True))
        )
        position += len(losses)


def _line(vocabulary: Vocabulary, symbol: int, nats: float, as_json: bool) -> str:
    character = vocabulary.symbols[symbol] if symbol < len(vocabulary) else "\ufffd"
    if as_json:
        return json.dumps({"char": character, "nats": _finite(round(nats, 6))}) + "\n"
    return f"{visible(character)}\t{'' if math.isnan(nats) else f'{nats:.6f}'}\n"


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
