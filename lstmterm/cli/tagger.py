"""`tag` and `evaluate`."""

import click

from lstmterm.cli import completion


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
    from lstmterm.cli.tagger_report import report_on

    report_on(model, file, column, confusion, as_json)
