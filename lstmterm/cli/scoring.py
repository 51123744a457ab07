"""What `score` reads and prints."""

import json
import math
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeGuard

import click
import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from lstmterm.corpora.opening import open_corpus
from lstmterm.corpora.vocabulary import Vocabulary
from lstmterm.errors import InputError
from lstmterm.infer.score import Score, total
from lstmterm.models.model_file import ModelCard
from lstmterm.visible import visible

_READING = ("level", "encoding", "raw_newlines", "nfc", "glob", "vocab_limit")


@dataclass(frozen=True)
class EncodedText:
    """A text to score, in the model's numbers: `ids` of shape (n,), any unsigned type."""

    name: str
    sha256: str  # of the whole content that it is from
    ids: np.ndarray


def own_text(card: ModelCard, split: str, quiet: bool, place: str | None = None) -> EncodedText:
    """A part of the model's own text as it was cut for training, from its source or from another `place`."""
    source = place or card.corpus.get("source")
    sha256, span = card.corpus.get("sha256"), card.split.get(split)
    if not (isinstance(source, str) and isinstance(sha256, str) and _is_span(span)):
        raise InputError(
            f"{card.name!r} does not record the text that it learned from; give a FILE to score."
        )
    if span[1] - span[0] < 2:
        raise InputError(f"{card.name!r} was trained without a {split} text; give a FILE to score.")
    with reading(quiet) as progress:
        corpus = open_corpus(source, **recorded_reading(card), expected_sha256=sha256, progress=progress)
    if corpus.vocabulary != card.vocabulary or len(corpus) < span[1]:
        raise InputError(f"{source} is not the text that {card.name!r} was trained on; give a FILE to score.")
    return EncodedText(f"{corpus.name}, {split}", corpus.sha256, corpus.ids[span[0] : span[1]])


def recorded_reading(card: ModelCard) -> dict[str, Any]:
    """How the model's own text was read, as options of `open_corpus`."""
    return {name: value for name, value in card.text_part.items() if name in _READING}


def any_text(card: ModelCard, file: str, encoding: str | None, quiet: bool) -> EncodedText:
    """A text in the model's numbers, read in the way in which the model's own text was."""
    vocabulary = card.vocabulary
    with reading(quiet) as progress:
        if vocabulary.level == "byte":
            corpus = open_corpus(file, level="byte", progress=progress)
            return EncodedText(corpus.name, corpus.sha256, corpus.ids)
        corpus = open_corpus(
            file,
            encoding=encoding,
            raw_newlines=bool(card.text_part.get("raw_newlines")),
            nfc=bool(card.text_part.get("nfc")),
            progress=progress,
        )
    if not quiet:
        for note in corpus.notes:
            click.echo(visible(note), err=True)
    renumbered = np.append(vocabulary.encode(corpus.vocabulary.symbols), vocabulary.unknown)
    return EncodedText(corpus.name, corpus.sha256, renumbered.astype(vocabulary.dtype)[corpus.ids])


def scored(surprises: Iterable[np.ndarray], predictions: int, quiet: bool) -> Score:
    """The score of so many predictions, with a bar on a terminal."""
    with progress_bar("scoring", quiet) as progress:
        return total(surprises, predictions, progress)


@contextmanager
def progress_bar(doing: str, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Takes how much is done, and of how much; shows it as a bar on a terminal."""
    columns = (TextColumn(doing), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(
        *columns, console=_console(), transient=True, disable=quiet or not sys.stderr.isatty()
    ) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, whole: bar.update(task, completed=done, total=whole)


def print_score(score: Score, as_json: bool, **more: Any) -> None:
    """The figures, for a person or as a line of JSON, which also has `more`."""
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
    click.echo(f"{score.unknown:,} unknown, read but not scored")


def print_each(
    surprises: Iterable[np.ndarray], vocabulary: Vocabulary, ids: np.ndarray, as_json: bool
) -> None:
    """Every character and its nats, a line each; none for the first, which is only read, and unknown ones."""
    write = sys.stdout.write
    write(_line(vocabulary, int(ids[0]), math.nan, as_json))
    position = 1
    for losses in surprises:
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


def _is_span(value: Any) -> TypeGuard[list[int]]:
    return isinstance(value, list) and len(value) == 2 and all(type(v) is int and v >= 0 for v in value)


def _console() -> Console:
    return Console(stderr=True, highlight=False, markup=False, emoji=False)


@contextmanager
def reading(quiet: bool) -> Iterator[Callable[[str, int, int | None], None] | None]:
    """Shows on a terminal how far a text is read."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    with _console().status("reading") as status:
        yield lambda stage, done, total: status.update(f"{stage} {done / total:.0%}" if total else stage)
