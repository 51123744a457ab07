"""`score`: the loss of a text."""

import click


@click.command()
@click.argument("model", required=False)
@click.argument("file", required=False)
@click.option("--split", type=click.Choice(["val", "test"]), help="Score this part of the model's own text.")
@click.option("--reset", type=click.IntRange(1), metavar="N", help="Forget everything every N characters.")
@click.option("--per-char", is_flag=True, help="Print each character and its nats, tab between.")
@click.option("--encoding", metavar="NAME", help="The text's encoding; without it, it is found out.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as a line of JSON.")
@click.option("--quiet", is_flag=True, help="Show no progress and no notes.")
def score(
    model: str | None,
    file: str | None,
    split: str | None,
    reset: int | None,
    per_char: bool,
    encoding: str | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Measure how well MODEL predicts FILE: a file, a folder, a corpus' name, or `-`.

    A text of N characters makes N - 1 predictions: the first is only read. The state is zero (or the
    model's learned one) at the start and carried on, or begins anew every --reset characters.
    Characters that the model does not know are read and not scored.
    """
    from lstmterm.errors import InputError
    from lstmterm.processors import limit_blas

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
    found = character_model(model)
    if split is not None:
        ids = scoring.own_text(found.card, split, quiet)
    else:
        ids = scoring.any_text(found.card, str(file), encoding, quiet)
    if len(ids) < 2:
        raise InputError("The text has fewer than two characters, so there is nothing to predict.")
    if per_char:
        scoring.print_each(found.lstm, found.vocabulary, ids, reset, as_json)
    else:
        scoring.print_score(scoring.scored(found.lstm, ids, reset, quiet), as_json)
