"""`score`: the loss of a text."""

from typing import TYPE_CHECKING, Any

import click

from lstmterm.cli import completion
from lstmterm.cli.knobs import knob_options, renamed
from lstmterm.cli.notes import note
from lstmterm.errors import InputError
from lstmterm.runs import storage
from lstmterm.spec.character import AdaptPart
from lstmterm.spec.knobs import knobs as each_knob

if TYPE_CHECKING:
    from lstmterm.infer.adapt import AdaptingLibraryModel
    from lstmterm.models.model_file import ModelCard


@click.command()
@click.argument("model", required=False, shell_complete=completion.models)
@click.argument("file", required=False)
@click.option("--split", type=click.Choice(["val", "test"]), help="Score this part of the model's own text.")
@click.option("--reset", type=click.IntRange(1), metavar="N", help="Reset the state every N characters.")
@click.option("--per-char", is_flag=True, help="Print the figures of each character.")
@click.option("--against", metavar="OTHER", help="Compare with another model, or with a 1- to 6-gram.")
@click.option("--encoding", metavar="NAME", help="The text's encoding (default: detect it).")
@click.option("--adapt", is_flag=True, help="Learn from each sequence of the text after predicting it.")
@click.option(
    "--mix", is_flag=True, help="Mix the predictions with those of n-grams of the text read so far."
)
@knob_options(AdaptPart)
@renamed("adapt-window", "adapt-seq-length")
@click.option("--save", metavar="NAME", help="Save the adapted model in your library.")
@click.option("--overwrite", is_flag=True, help="Replace an existing model called NAME.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as a line of JSON.")
@click.option("--quiet", is_flag=True, help="Show no progress and no notes.")
def score(
    model: str | None,
    file: str | None,
    split: str | None,
    reset: int | None,
    per_char: bool,
    against: str | None,
    encoding: str | None,
    adapt: bool,
    mix: bool,
    save: str | None,
    overwrite: bool,
    as_json: bool,
    quiet: bool,
    **knobs: Any,
) -> None:
    """Measure how well MODEL predicts FILE: a file, a folder, a corpus name, or `-` for stdin.

    A text of N characters has N - 1 predictions: the first character is only read. The state is zero
    (or the model's learned one) at the start, and is carried along or reset every --reset characters.
    Characters that the model does not know are read but not scored.

    With --adapt a copy of MODEL learns from the text while it reads it (dynamic evaluation): each
    sequence of characters is predicted before the copy learns from it. MODEL itself does not change.

    With --mix each prediction is mixed with those of the n-grams that were read before it, by weights that
    learn from every character: the size of FILE as a good compressor would write it. It takes longer,
    about a second for 10,000 characters.

    --per-char prints a line for each character: the character, its loss in nats and in bits, its rank among
    the predictions (1 is the likeliest), and the entropy of the prediction in nats; with --against also
    OTHER's loss in nats, and by how much it is higher. With --adapt or --mix there is no rank.

    --against compares MODEL with OTHER, a model or `5-gram` (an n-gram model of MODEL's training text): a
    table shows for which types of characters MODEL is better, after Karpathy, Johnson & Fei-Fei (2015).
    """
    from lstmterm.cli.character_model import character_model
    from lstmterm.cli.progress import progress_bar, reading
    from lstmterm.cli.scoring import print_each, print_score
    from lstmterm.infer import mixing
    from lstmterm.infer.model_text import any_text, own_text
    from lstmterm.infer.score import surprisals, total
    from lstmterm.infer.surprise import Measures, measured
    from lstmterm.models import library

    if model is not None and (file is None) == (split is None):
        raise InputError("Give either a text to score, or --split val or test for the model's own text.")
    if split is not None and encoding is not None:
        raise InputError("--encoding needs a FILE; --split reads the model's own text as it was read then.")
    _refuse_disagreeing(adapt, reset, save, overwrite, knobs)
    if mix and reset is not None:
        raise InputError("--reset and --mix cannot be combined: one forgets the text, the other counts it.")
    changing = [name for name, given in (("--adapt", adapt), ("--mix", mix), ("--reset", reset)) if given]
    if against is not None and changing:
        raise InputError(f"--against compares plain scores; leave out {changing[0]}.")
    card, lstm = character_model(model)
    if save is not None:
        library.refuse_taken(save, overwrite)  # before the long work
        storage.refuse_running(save)
    with reading(quiet) as progress:
        if split is not None:
            text = own_text(card, split, progress)
        else:
            text = any_text(card, str(file), encoding, progress)
    for sentence in () if quiet else text.notes:
        note(sentence)
    if against is not None:
        from lstmterm.cli.against import compare_with

        compare_with(card, lstm, text, against, per_char=per_char, as_json=as_json, quiet=quiet)
        return
    adapting = _adapting(card, AdaptPart(**knobs), quiet) if adapt else None
    if mix:
        losses = mixing.surprisals(adapting or lstm, text.ids)
    elif adapting is not None:
        losses = adapting.surprisals(text.ids)
    else:
        losses = surprisals(lstm, text.ids, reset=reset)
    more: dict[str, Any] = {"mixed": True} if mix else {}
    if adapting is not None:
        more["adapted"] = adapting.facts()
    if per_char:
        parts = map(Measures.of_nats, losses) if adapt or mix else measured(lstm, text.ids, reset)
        print_each(parts, text.each, as_json)
    else:
        with progress_bar("scoring", quiet) as scored:
            figures = total(losses, len(text.ids) - 1, scored)
        if not figures.chars:
            raise InputError(
                f"{card.name!r} knows no character of {text.name} after the first, so there is nothing to score; "
                "use a model that was trained on a text with these characters."
            )
        print_score(figures, as_json, **more)
    if adapting is not None and save is not None:
        adapting.save(save, text, overwrite=overwrite)
        if not quiet:
            note(f"Saved the adapted model as {save}.")


def _adapting(card: "ModelCard", part: AdaptPart, quiet: bool) -> "AdaptingLibraryModel":
    """The model of `card`, ready to adapt."""
    from lstmterm.cli.progress import progress_bar, reading
    from lstmterm.infer.adapt import AdaptingLibraryModel
    from lstmterm.infer.model_text import training_text
    from lstmterm.models import model_file

    model = model_file.load(card.path)
    with reading(quiet) as progress:
        training = None if part.rule == "sgd" else training_text(model.card, progress)
    with progress_bar("reading the training text", quiet or training is None) as read:
        adapting = AdaptingLibraryModel(model, part, training, read)
    if not quiet:
        note(adapting.describe())
    return adapting


def _refuse_disagreeing(
    adapt: bool, reset: int | None, save: str | None, overwrite: bool, knobs: dict[str, Any]
) -> None:
    """Raise `InputError` for options that exclude or need each other."""
    if adapt and reset is not None:
        raise InputError("--reset and --adapt cannot be combined: one forgets the text, the other learns it.")
    given = [f"--{knob.option}" for knob in each_knob(AdaptPart) if knobs[knob.name] is not None]
    alone = given + ["--save"] * (save is not None)
    if alone and not adapt:
        raise InputError(f"{alone[0]} needs --adapt.")
    if overwrite and save is None:
        raise InputError("--overwrite needs --save NAME.")
