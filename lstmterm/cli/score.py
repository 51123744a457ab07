"""`score`: the loss of a text."""

from typing import Any

import click

from lstmterm.cli import completion
from lstmterm.cli.knobs import given, knob_options
from lstmterm.spec.character import AdaptPart


@click.command()
@click.argument("model", required=False, shell_complete=completion.models)
@click.argument("file", required=False)
@click.option("--split", type=click.Choice(["val", "test"]), help="Score this part of the model's own text.")
@click.option("--reset", type=click.IntRange(1), metavar="N", help="Forget everything every N characters.")
@click.option("--per-char", is_flag=True, help="Print each character and its nats, tab between.")
@click.option("--encoding", metavar="NAME", help="The text's encoding; without it, it is found out.")
@click.option("--adapt", is_flag=True, help="Learn from each window of the text once it was predicted.")
@knob_options(AdaptPart)
@click.option("--save", metavar="NAME", help="Keep the adapted model in your library.")
@click.option("--overwrite", is_flag=True, help="Replace a model that has the NAME already.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as a line of JSON.")
@click.option("--quiet", is_flag=True, help="Show no progress and no notes.")
def score(
    model: str | None,
    file: str | None,
    split: str | None,
    reset: int | None,
    per_char: bool,
    encoding: str | None,
    adapt: bool,
    save: str | None,
    overwrite: bool,
    as_json: bool,
    quiet: bool,
    **knobs: Any,
) -> None:
    """Measure how well MODEL predicts FILE: a file, a folder, a corpus' name, or `-`.

    A text of N characters makes N - 1 predictions: the first is only read. The state is zero (or the
    model's learned one) at the start and carried on, or begins anew every --reset characters.
    Characters that the model does not know are read and not scored.

    With --adapt a copy of MODEL learns from the text while it reads it (dynamic evaluation): a window
    of characters is predicted first and learned from then. MODEL itself stays as it is.
    """
    from lstmterm.errors import InputError
    from lstmterm.planning.processors import limit_blas

    limit_blas()
    from lstmterm.cli import scoring
    from lstmterm.cli.character_model import character_model

    if model is not None and (file is None) == (split is None):
        raise InputError(
            "Name the text to score, or --split val or test of the model's own text; one of them."
        )
    if split is not None and encoding is not None:
        raise InputError(
            "--split reads the model's own text as it was read then; --encoding goes with a FILE."
        )
    _refuse_disagreeing(adapt, reset, save, overwrite, given(knobs))
    found = character_model(model)
    if save is not None:
        _refuse_taken(save, overwrite)
    if split is not None:
        text = scoring.own_text(found.card, split, quiet)
    else:
        text = scoring.any_text(found.card, str(file), encoding, quiet)
    if len(text.ids) < 2:
        raise InputError("The text has fewer than two characters, so there is nothing to predict.")
    if adapt:
        from lstmterm.cli.adapting import Adapting

        adapting = Adapting(found.card, AdaptPart(**knobs), quiet)
        losses, more = adapting.surprises(text.ids), {"adapted": adapting.facts()}
    else:
        from lstmterm.infer.score import surprises

        adapting, losses, more = None, surprises(found.lstm, text.ids, reset=reset), {}
    if per_char:
        scoring.print_each(losses, found.vocabulary, text.ids, as_json)
    else:
        scoring.print_score(scoring.scored(losses, len(text.ids) - 1, quiet), as_json, **more)
    if adapting is not None and save is not None:
        adapting.save(save, text, overwrite=overwrite, quiet=quiet)


def _refuse_disagreeing(
    adapt: bool, reset: int | None, save: str | None, overwrite: bool, knobs: dict[str, Any]
) -> None:
    """Raise `InputError` for options that do not go together."""
    from lstmterm.errors import InputError

    if adapt and reset is not None:
        raise InputError("--reset forgets what was read, and --adapt learns from it; give one of them.")
    alone = [f"--adapt-{name}" for name in knobs] + ["--save"] * (save is not None)
    if alone and not adapt:
        raise InputError(f"{alone[0]} goes with --adapt.")
    if overwrite and save is None:
        raise InputError("--overwrite goes with --save NAME.")


def _refuse_taken(name: str, overwrite: bool) -> None:
    """Raise `InputError`, before the long work, where the result could not be kept under this name."""
    from lstmterm.models import library
    from lstmterm.runs import storage

    library.refuse_taken(name, overwrite)
    storage.refuse_running(name)
