"""What `score` prints."""

import json
import math
import sys
from collections.abc import Callable, Iterable
from typing import Any

import click
import numpy as np

from lstmterm.amounts import NATS_PER_BIT, figure
from lstmterm.infer.score import Score
from lstmterm.infer.surprise import Measures
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
    click.echo(f"{figure(score.nats_per_char, 4)} nats per character")
    click.echo(f"{figure(score.bits_per_char, 4)} bits per character")
    click.echo(f"{figure(score.perplexity)} perplexity")
    click.echo(f"{score.chars:,} characters scored")
    click.echo(f"{score.unknown:,} unknown characters read but not scored")


def print_each(
    parts: Iterable[Measures],
    characters: Callable[[slice], str],
    as_json: bool,
    other: np.ndarray | None = None,
) -> None:
    """Print a line for each character with its nats, bits and rank, and the entropy before it in nats.

    Then come the nats of another predictor, (N - 1,), and their difference, if it is given. The first
    character has none of them, and an unknown one only the entropy. What was not measured is left out.
    """
    write = sys.stdout.write
    nothing = (math.nan, 0, math.nan, None if other is None else math.nan)
    write(_line(characters(slice(0, 1)), *nothing, as_json))
    position = 1
    for part in parts:
        here = slice(position, position + len(part.nats))
        others = [None] * len(part.nats) if other is None else other[position - 1 : here.stop - 1].tolist()
        rows = zip(
            characters(here),
            part.nats.tolist(),
            part.ranks.tolist(),
            part.entropy.tolist(),
            others,
            strict=True,
        )
        write("".join(_line(*row, as_json) for row in rows))
        position = here.stop


def _line(
    character: str,
    nats: float,
    rank: int,
    entropy: float,
    other: float | None,
    as_json: bool,
) -> str:
    figures = {"nats": nats, "bits": nats / NATS_PER_BIT, "rank": rank or math.nan, "entropy": entropy}
    if other is not None:
        figures |= {"other_nats": other, "difference": other - nats}
    if as_json:
        return json.dumps({"char": character} | {k: _finite(round(v, 6)) for k, v in figures.items()}) + "\n"
    return "\t".join((visible(character), *map(_figure, figures.values()))) + "\n"


def _figure(number: float) -> str:
    return "" if math.isnan(number) else str(number) if isinstance(number, int) else f"{number:.6f}"


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
