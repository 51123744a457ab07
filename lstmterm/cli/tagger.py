"""`train-tagger`, `tag` and `evaluate`."""

from typing import TYPE_CHECKING, Any

import click

from lstmterm import cli
from lstmterm.cli import completion
from lstmterm.cli.knobs import given, knob_options, run_options
from lstmterm.planning import torchrun
from lstmterm.spec.tagger import DataPart, TaggerBatchPart, TaggerModelPart
from lstmterm.spec.training import TrainingPart

if TYPE_CHECKING:
    from lstmterm.tagging.tagged_data import TaggerData

_PARTS = (DataPart, TaggerModelPart, TaggerBatchPart, TrainingPart)
_MANY_TAGS = 500  # distinct ones; more of them look like a wrong column


@click.command()
@click.argument("data", default="harbour-tags")
@click.option("--name", help="The model's name (default: the data's).")
@click.option("--overwrite", is_flag=True, help="Replace a model of that name.")
@click.option(
    "--minutes",
    type=click.FloatRange(0, 10_000_000, min_open=True),
    help="Time for everything, from start to last save (default: 3; a cipher takes seconds).",
)
@click.option(
    "--epochs",
    type=click.FloatRange(0, min_open=True),
    help="Passes over the data, instead of minutes.",
)
@knob_options(*_PARTS)
@click.option("--yes", is_flag=True, help=f"Train with more than {_MANY_TAGS} distinct tags without asking.")
@run_options
@click.pass_obj
def train_tagger(
    arguments: list[str],
    data: str,
    name: str | None,
    overwrite: bool,
    minutes: float | None,
    epochs: float | None,
    yes: bool,
    detach: bool,
    as_json: bool,
    quiet: bool,
    run_id: str | None,
    nice: int,
    **values: Any,
) -> int:
    """Train a tagger on DATA: a CoNLL-U, CSV or TSV file, a built-in name, or a cipher.

    A CSV file has a header `text,tag` and a sentence a row, its words and tags divided by spaces; a
    TSV file has a word and its tag a line. Ciphers are rot13, caesar:K and vigenere:KEY: the tagger
    learns to decipher. What is not set is planned from the data and the time.
    """
    torchrun.refuse("A tagger is trained by one process")
    knobs = given(values)
    if sum(length is not None for length in (minutes, epochs, knobs.get("steps"))) > 1:
        raise click.UsageError(
            "--minutes, --epochs and --steps each say how long to train; give one of them."
        )
    if detach:
        from lstmterm.cli.background import detach_train

        return detach_train(arguments, data.replace(":", "-"), name)

    from lstmterm.runs import launching

    with launching.started(run_id):
        from lstmterm.cli.sitting import sit
        from lstmterm.nn import tagger_session as session

        request = session.TaggerRequest(data, name, minutes, epochs, knobs, overwrite)
        with sit(as_json, quiet, nice) as sitting:
            prepared = session.prepare(request, cli.STARTED, lambda data: None if yes else _agree(data))
            run = session.begin(prepared, run_id)
            events = session.train_run(run, prepared, sitting.should_stop, cli.STARTED)
            return sitting.show(run, events, next_command="tag")


def _agree(data: "TaggerData") -> None:
    """Ask before training on more tags than any tag set has."""
    import sys

    from lstmterm.errors import InputError
    from lstmterm.visible import shorten

    kinds = len(data.tag_counts())
    if kinds <= _MANY_TAGS:
        return
    what = f"The column {shorten(data.column, 40)} has {kinds:,} distinct tags, so it may be the wrong one"
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise InputError(f"{what}; name another with --column, or train on it with --yes.")
    click.confirm(f"{what}. Train on it?", abort=True, err=True)


@click.command()
@click.argument("model", shell_complete=completion.models)
@click.argument("file", default="-")
@click.option(
    "--input",
    "kind",
    type=click.Choice(["auto", "text", "lines", "words", "conllu", "csv", "columns"]),
    default="auto",
    help="How to read FILE: any text, one sentence a line, the same with its words divided by spaces, "
    "or a tagged file (default: by its suffix and first lines).",
)
@click.option(
    "--format",
    "layout",
    type=click.Choice(["conllu", "csv", "tsv", "json", "text"]),
    help="How to write (default: as it was read; plain text becomes CoNLL-U, deciphered text is text).",
)
@click.option(
    "--column",
    help="The column for the tags (default: the one that the model learned from, else the file's).",
)
@click.option("--probabilities", is_flag=True, help="Write every tag's probability too (TSV and JSON).")
def tag(
    model: str, file: str, kind: str, layout: str | None, column: str | None, probabilities: bool
) -> None:
    """Tag FILE with MODEL: a text, or a tagged file whose tags are replaced; `-` is stdin.

    A CoNLL-U file keeps everything else in it byte for byte. Of a cipher's model you get the plain
    text back.
    """
    from lstmterm.planning.processors import limit_blas

    limit_blas(1)  # batches are spread over the processors instead
    from lstmterm.cli.tagging import tag_file

    tag_file(model, file, kind, layout, column, probabilities)


@click.command()
@click.argument("model", shell_complete=completion.models)
@click.argument("file")
@click.option("--column", help="The column with the tags to compare with.")
@click.option(
    "--confusion", metavar="CSV", type=click.Path(dir_okay=False), help="Write the full confusion table."
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def evaluate(model: str, file: str, column: str | None, confusion: str | None, as_json: bool) -> None:
    """Hold MODEL's tags against those of FILE: accuracy, precision, recall, F1, confusion.

    Words are known when the training data had them as they are written. FILE can also be a built-in
    name or a cipher, whose strings are fresh.
    """
    from lstmterm.planning.processors import limit_blas

    limit_blas(1)  # batches are spread over the processors instead
    from lstmterm.cli.tagger_report import report_on

    report_on(model, file, column, confusion, as_json)
