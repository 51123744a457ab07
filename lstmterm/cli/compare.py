"""`compare`: models side by side."""

import dataclasses
import json
import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from lstmterm import paths
from lstmterm.cli import completion
from lstmterm.cli.knobs import knob_options
from lstmterm.cli.notes import note, note_missing
from lstmterm.cli.table import print_columns, print_table
from lstmterm.errors import InputError
from lstmterm.spec.knobs import knobs
from lstmterm.spec.sampling import DEFAULT, Generation, Sampling

if TYPE_CHECKING:
    from lstmterm.infer.side_by_side import CharacterFigures, Models, SampleSettings
    from lstmterm.infer.taggers_side_by_side import TaggerFigures

_SETTINGS = ("length", "seed", *(knob.name for knob in knobs(Sampling)))


@click.command()
@click.argument("models", metavar="MODEL... [TEXT]", nargs=-1, shell_complete=completion.models)
@click.option("--text", metavar="TEXT", help="The text, if a model has the same name.")
@click.option(
    "--adapt", is_flag=True, help="Also let a copy of each model learn from the text while it is scored."
)
@click.option("--prompt", default="", metavar="TEXT", help="The text that the samples continue.")
@knob_options(Generation, Sampling, defaults=True, only=_SETTINGS)
@click.option("--encoding", metavar="NAME", help="The text's encoding (default: detect it).")
@click.option("--json", "as_json", is_flag=True, help="Print a line of JSON for each model.")
@click.option("--quiet", is_flag=True, help="Show no progress and no notes.")
def compare(
    models: tuple[str, ...],
    text: str | None,
    adapt: bool,
    prompt: str,
    encoding: str | None,
    as_json: bool,
    quiet: bool,
    **settings: Any,
) -> None:
    """Show models side by side: sizes, losses on the same TEXT, speed, and a sample of each from one seed.

    TEXT is a file, a folder, a corpus name, or `-`; without it, the validation text of the first model. The loss
    is measured with the state carried along and with the state reset every 256 characters, in nats per character.
    Characters that any of the models does not know are not scored; models of bytes are scored by character. The
    copied share of a sample is the share of its windows of 16 characters that occur in the model's training text.

    Taggers are compared on tagged data: accuracy, F1 and speed.
    """
    from lstmterm.infer.side_by_side import SampleSettings, chosen

    references, place = _divided(models, text)
    found = chosen(references)
    sampling, generation = Sampling.from_dict(settings), Generation.from_dict(settings)
    if found[0][1].kind == "tagger":
        if adapt or prompt or (sampling, generation) != (DEFAULT, Generation()):
            raise InputError(
                "Taggers write no samples and do not adapt; leave out --adapt, --prompt and the sampling options."
            )
        _compare_taggers(found, place, encoding, as_json, quiet)
        return
    seed = secrets.randbelow(2**32) if generation.seed is None else generation.seed
    sample = SampleSettings(seed, generation.length or 0, prompt, sampling)
    _compare_characters(found, place, encoding, sample, adapt, as_json, quiet)


def _divided(arguments: tuple[str, ...], text: str | None) -> tuple[tuple[str, ...], str | None]:
    """The models and the text: the last argument, if it is not a model's name or file."""
    from lstmterm.models import library

    if text is not None or not arguments:
        return arguments, text
    last = arguments[-1]
    if last.endswith(paths.MODEL_SUFFIX) or any(last == entry.name for entry in library.library()):
        return arguments, None
    if len(arguments) > 2 or last == "-" or paths.is_file_argument(last):
        return arguments[:-1], last
    return arguments, None  # a name that is not there


def _compare_characters(
    models: "Models",
    place: str | None,
    encoding: str | None,
    sample: "SampleSettings",
    adapt: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    from lstmterm.cli.progress import reading, stages_bar
    from lstmterm.cli.samples import valid
    from lstmterm.infer.model_text import prompt_text
    from lstmterm.infer.side_by_side import SharedText, adapted, measured

    with reading(quiet) as progress:
        text = SharedText.of(models, place, encoding, progress)
    if not quiet:
        for sentence in (*text.notes, f"Text: {text.name}. Seed: {sample.seed}."):
            note(sentence)
        for entry, card in models:
            note_missing(card.vocabulary.missing(prompt_text(card, sample.prompt)), entry.name)
    all_figures: list[CharacterFigures] = []
    for entry, _ in models:
        with stages_bar(entry.name, quiet) as doing:
            figures = measured(entry, text, sample, doing)
            if adapt:
                figures = dataclasses.replace(figures, adapted=adapted(entry, text, doing))
        all_figures.append(figures)
        if as_json:
            facts = {**figures.to_dict(), "text": text.name, **dataclasses.asdict(sample)}
            click.echo(json.dumps({**facts, "sample": valid(figures.sample), "prompt": valid(sample.prompt)}))
    if not as_json:
        _print_figures(all_figures)
        if sample.length:
            click.echo()
            print_columns([(figures.name, sample.prompt + figures.sample) for figures in all_figures])


def _compare_taggers(
    models: "Models", place: str | None, encoding: str | None, as_json: bool, quiet: bool
) -> None:
    from lstmterm.cli.progress import stages_bar
    from lstmterm.infer.taggers_side_by_side import data_of, measured_tagger

    data = data_of(models, place)
    all_figures: list[TaggerFigures] = []
    said = set[str]()
    for entry, _ in models:
        with stages_bar(entry.name, quiet) as doing:
            figures, notes = measured_tagger(entry, data, encoding, doing)
        all_figures.append(figures)
        for sentence in () if quiet else (f"{figures.source}: {figures.about}", *notes):
            if sentence not in said:
                note(sentence)
            said.add(sentence)
        if as_json:
            click.echo(json.dumps(figures.to_dict(), allow_nan=False))
    if not as_json:
        _print_figures(all_figures)


def _print_figures(all_figures: "Sequence[CharacterFigures | TaggerFigures]") -> None:
    """Print a row for each model. On a terminal names are cut to what is left of the line."""
    rows = [figures.cells() for figures in all_figures]
    headings = [*dict.fromkeys(heading for row in rows for heading in row)]
    print_table(
        ("model", *headings),
        [
            (figures.name, *(row.get(heading, "–") for heading in headings))
            for figures, row in zip(all_figures, rows, strict=True)
        ],
        right=headings,
        cut="model",
    )
