"""`tag` and `evaluate`."""

import json
from pathlib import Path
from typing import Any

import click

from lstmterm.cli import completion
from lstmterm.cli.notes import note
from lstmterm.cli.target import Target, check, overwrite_option

encoding_option = click.option("--encoding", metavar="NAME", help="The text's encoding (default: detect it).")
text_column_option = click.option(
    "--text-column", help="The column with the words or the text: a number, or its name in the first line."
)


@click.command()
@click.argument("model", shell_complete=completion.models)
@click.argument("file", default="-")
@click.option(
    "--input",
    "kind",
    type=click.Choice(["auto", "text", "lines", "words", "conllu", "csv", "columns"]),
    default="auto",
    help="How to read FILE: prose (text), a sentence on each line (lines), the same with words divided by "
    "spaces (words), or a tagged file (default: by its suffix and first lines).",
)
@click.option(
    "--format",
    "output",
    type=click.Choice(["conllu", "csv", "tsv", "json", "text"]),
    help="The output format (default: that of the input; conllu for prose, text for a cipher's model).",
)
@click.option(
    "--column",
    help="The column for the tags (default: the one that the model was trained on, else the file's).",
)
@text_column_option
@click.option("--probabilities", is_flag=True, help="Also write the probability of every tag (tsv and json).")
@encoding_option
def tag(**options: Any) -> None:
    """Tag FILE with MODEL: a text, or a tagged file whose tags are replaced. `-` is standard input.

    FILE can be the name of a corpus, packed (.gz, .zip) or an .epub book, and in any encoding; the output is UTF-8. Everything
    else in a CoNLL-U file is kept as it is. A cipher's model writes the plain text.
    """
    from lstmterm.cli.tagging import tag_file

    tag_file(**options)


@click.command()
@click.argument("model", shell_complete=completion.models)
@click.argument("file")
@click.option(
    "--column", help="The column with the gold tags (default: the one that the model was trained on)."
)
@text_column_option
@click.option(
    "--confusion",
    metavar="CSV",
    type=Target(stdout=False),
    help="Write the confusion matrix to this file.",
)
@overwrite_option
@encoding_option
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def evaluate(
    model: str,
    file: str,
    column: str | None,
    text_column: str | None,
    confusion: Path | None,
    overwrite: bool,
    encoding: str | None,
    as_json: bool,
) -> None:
    """Compare MODEL's tags with the gold tags of FILE: accuracy, precision, recall, F1, confusions.

    A word is known if the training data has it exactly as written. FILE can also be a built-in name, a
    fetched treebank, of which the test part is used, or a cipher, which gives fresh strings.
    """
    from lstmterm import atomic
    from lstmterm.cli.tagger_report import lines
    from lstmterm.infer import evaluate as evaluation
    from lstmterm.infer.tag import Tagger
    from lstmterm.models import library, model_file
    from lstmterm.planning import processors

    check(confusion, overwrite)
    loaded = model_file.load(library.find(model).path)
    tagger = Tagger.from_model(loaded)
    gold = evaluation.gold_data(file, column, tagger, loaded.card, text_column=text_column, encoding=encoding)
    for sentence in (f"{gold.source}: {gold.about}", *gold.notes):
        note(sentence)
    report = evaluation.evaluate(tagger, gold, workers=processors.usable())
    if confusion:
        atomic.write_text(confusion, report.confusion_csv(), shared=True)
    click.echo(json.dumps(report.to_dict(), allow_nan=False) if as_json else "\n".join(lines(report)))
