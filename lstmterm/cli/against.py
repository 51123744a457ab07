"""`score --against`: two predictors on one text."""

import dataclasses
import json

import click

from lstmterm.cli.character_model import character_model
from lstmterm.cli.notes import note
from lstmterm.cli.progress import progress_bar, reading
from lstmterm.cli.scoring import print_each
from lstmterm.cli.table import print_table
from lstmterm.infer.against import MOST, NGRAMS, Comparison, Predicted, by_model, by_ngrams, counted_words
from lstmterm.infer.error_types import shares_tell
from lstmterm.infer.lstm import CharLSTM
from lstmterm.infer.model_text import ModelText, training_text
from lstmterm.infer.surprise import Surprise
from lstmterm.models.model_file import ModelCard


def compare_with(
    card: ModelCard,
    model: CharLSTM,
    text: ModelText,
    other: str,
    *,
    per_char: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Compare a model's losses on a text with those of `other`, a model or an n-gram model.

    Prints a line for each character, or a row for each type of character.
    """
    if len(text.ids) > MOST and not quiet:
        note(f"Only the first {MOST:,} of {len(text.ids):,} characters are compared.")
    characters = text.characters(MOST)
    training = None
    if other in NGRAMS or not per_char:
        with reading(quiet) as progress:
            training = training_text(card, progress)
    if other in NGRAMS:
        with progress_bar("counting", quiet) as progress:
            second = by_ngrams(card, training, characters, other, progress)
    else:
        second = _of_model(*character_model(other), characters, quiet)
    first = _of_model(card, model, characters, quiet)
    if per_char:
        print_each([first.measures], characters.__getitem__, as_json, second.measures.nats)
        return
    compared = Comparison.of(first, second, counted_words(card, training))
    _print_types(compared, as_json, quiet)


def _of_model(card: ModelCard, model: CharLSTM, characters: str, quiet: bool) -> Predicted:
    with progress_bar(f"scoring with {card.name}", quiet) as progress:
        surprise = Surprise.of(model, card.vocabulary.encode(characters), progress)
    return by_model(card, characters, surprise)


def _print_types(compared: Comparison, as_json: bool, quiet: bool) -> None:
    """Print a row for each type of character: where the model beats the other, and by how much."""
    if as_json:
        for row in compared.rows:
            click.echo(json.dumps({**dataclasses.asdict(row), "gain": row.gain}))
        return
    if not compared.rare_known and not quiet:
        note("The text that the model was trained on was not found, so no word counts as rare.")
    tell = shares_tell(compared.rows)
    print_table(
        ("type", "characters", "bits", "other", "gain", "share of gain"),
        [
            (
                r.name,
                f"{r.count:,}",
                f"{r.bits:.3f}",
                f"{r.other_bits:.3f}",
                f"{r.gain:.3f}",
                f"{r.share:.1%}" if tell else "–",
            )
            for r in compared.rows
        ],
        right=("characters", "bits", "other", "gain", "share of gain"),
    )
