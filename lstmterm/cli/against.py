"""`score --against`: two predictors on one text."""

import dataclasses
import json
import re

import click
import numpy as np

from lstmterm.cli.character_model import character_model
from lstmterm.cli.notes import note
from lstmterm.cli.progress import progress_bar, reading
from lstmterm.cli.scoring import print_each
from lstmterm.cli.table import print_table
from lstmterm.corpora import kneser_ney
from lstmterm.corpora.baselines import MOST_COUNTED
from lstmterm.errors import InputError
from lstmterm.infer.error_types import compare, error_types, word_counts
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.model_text import refuse_other_level, renumbered, training_text
from lstmterm.infer.surprise import Measures, Surprise
from lstmterm.models.model_file import ModelCard

MOST = 1_000_000  # characters of the text
_NGRAM = re.compile(r"([1-6])-gram")


def compare_with(
    card: ModelCard,
    model: CharLSTM,
    ids: np.ndarray,
    other: str,
    *,
    per_char: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Compare a model's losses on `ids`, (T,), with those of `other`, a model or an n-gram model.

    Prints a line for each character, or a row for each type of character.
    """
    of_ngrams = _NGRAM.fullmatch(other) is not None
    training = None
    if of_ngrams or not per_char:
        with reading(quiet) as progress:
            training = training_text(card, progress)
    losses = _of_ngrams(card, training, ids, other) if of_ngrams else _of_model(card, ids, other, quiet)
    with progress_bar("scoring", quiet) as progress:
        found = Surprise.of(model, ids, progress)
    if per_char:
        measures = Measures(found.nats, found.ranks, found.entropy)
        print_each([measures], card.vocabulary, ids, as_json, losses)
    else:
        _print_types(card, ids, found.nats, losses, training, as_json, quiet)


def _print_types(
    card: ModelCard,
    ids: np.ndarray,
    nats: np.ndarray,
    other: np.ndarray,
    training: np.ndarray | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Print a row for each type of character: where the model beats the other, and by how much."""
    counts = None
    if training is not None:
        counts = word_counts(card.vocabulary.each(training[-MOST_COUNTED:]))
    types = error_types(card.vocabulary.each(ids), nats, other, counts)
    rows = compare(types, nats, other)
    if as_json:
        for row in rows:
            click.echo(json.dumps({**dataclasses.asdict(row), "gain": row.gain}))
        return
    if counts is None and not quiet:
        note("The text that the model was trained on was not found, so no word counts as rare.")
    print_table(
        ("type", "characters", "bits", "other", "gain", "share of gain"),
        [
            (
                r.name,
                f"{r.count:,}",
                f"{r.bits:.3f}",
                f"{r.other_bits:.3f}",
                f"{r.gain:.3f}",
                f"{r.share:.1%}",
            )
            for r in rows
        ],
        right=("characters", "bits", "other", "gain", "share of gain"),
    )


def _of_model(card: ModelCard, ids: np.ndarray, other: str, quiet: bool) -> np.ndarray:
    """The losses of another model on the same characters."""
    second, model = character_model(other)
    refuse_other_level(card, second)
    with progress_bar(f"scoring with {second.name}", quiet) as progress:
        return Surprise.of(model, renumbered(ids, card.vocabulary, second.vocabulary), progress).nats


def _of_ngrams(card: ModelCard, training: np.ndarray | None, ids: np.ndarray, other: str) -> np.ndarray:
    """The losses of the n-gram model of the model's training text."""
    if training is None:
        raise InputError(
            f"--against {other} needs the text that {card.name!r} was trained on, unchanged, and it was not found."
        )
    symbols = len(card.vocabulary)
    *_, p = kneser_ney.probabilities(training[-MOST_COUNTED:], np.asarray(ids), symbols, int(other[0]))
    return np.where(ids[1:] < symbols, -np.log(p[1:]), np.nan).astype(np.float32)
