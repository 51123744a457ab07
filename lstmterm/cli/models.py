"""`models`, `show`, `rename`, `export`, `import` and `remove`: the model library."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from lstmterm import paths
from lstmterm.amounts import NATS_PER_BIT, figure, size
from lstmterm.cli import completion
from lstmterm.cli.notes import note
from lstmterm.cli.table import print_facts, print_table
from lstmterm.errors import InputError
from lstmterm.visible import shorten

if TYPE_CHECKING:
    from lstmterm.models.library import ModelEntry
    from lstmterm.models.model_file import ModelCard

_COLUMNS = ("name", "kind", "size", "val_loss", "bits", "corpus", "date", "bytes", "place")
_LEAST_FIRST = (
    "place",
    "bytes",
    "date",
    "bits",
    "corpus",
    "size",
)  # columns that a narrow terminal leaves out
_OVERWRITE = click.option("--overwrite", is_flag=True, help="Replace an existing file or model.")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print each model as a line of JSON.")
def models(as_json: bool) -> None:
    """List the models: your own and those that ship with lstmterm."""
    from lstmterm.models import library

    found = list(library.cards())
    if as_json:
        for entry, card in found:
            facts = {"problem": str(card)} if isinstance(card, InputError) else _facts(card)
            click.echo(
                json.dumps({"name": entry.name, "place": entry.place, "path": str(entry.path)} | facts)
            )
    elif found:
        print_table(
            _COLUMNS,
            [_row(*row) for row in found],
            right=("val_loss", "bits", "bytes"),
            least_first=_LEAST_FIRST,
            widest=dict.fromkeys(_COLUMNS, 40) | {"kind": 60},
        )
        for _, problem in found:
            if isinstance(problem, InputError):
                click.echo(shorten(str(problem), 400), err=True)
    else:
        note("No models yet; `lstmterm train` trains one.")


def _row(entry: "ModelEntry", card: "ModelCard | InputError") -> list[str]:
    from lstmterm.models.library import brief

    if isinstance(card, InputError):
        return [entry.name, brief(card), *[""] * (len(_COLUMNS) - 2)]
    loss = card.metrics.get("val_loss")
    return [
        entry.name if card.complete else f"{entry.name} (unfinished)",
        card.kind,
        card.shape,
        "" if loss is None else figure(loss, 4),
        "" if loss is None or card.kind != "charlm" else figure(loss / NATS_PER_BIT),
        str(card.corpus.get("name", "")),
        str(card.metadata.get("created", ""))[:10],
        size(card.bytes),
        "yours" if entry.place == "own" else entry.place,
    ]


def _facts(card: "ModelCard") -> dict[str, Any]:
    """What a line of JSON says of a model."""
    return {
        "kind": card.kind,
        "complete": card.complete,
        **card.sizes,
        "metrics": card.metrics,
        "corpus": card.corpus.get("name"),
        "created": card.metadata.get("created"),
        "bytes": card.bytes,
    }


@click.command()
@click.argument("model", shell_complete=completion.models)
@click.option("--json", "as_json", is_flag=True, help="Print the metadata as JSON.")
def show(model: str, as_json: bool) -> None:
    """Show all that is known of MODEL: a name, or a file."""
    from lstmterm.models import library, model_file
    from lstmterm.models.card_rows import card_rows

    entry = library.find(model)
    card = model_file.read(entry.path).card  # all of it, so that the verdict is that of other commands
    if as_json:
        click.echo(json.dumps(card.metadata))
    else:
        print_facts(card_rows(entry, card, _baselines(card)))


def _baselines(card: "ModelCard") -> Mapping[str, float] | None:
    """All baselines of a model whose header has only some, as in older versions, if its text is here."""
    from lstmterm.corpora import baselines
    from lstmterm.corpora.splits import Split
    from lstmterm.infer.model_text import training_corpus

    if card.kind != "charlm" or baselines.NAMES[-1] in card.part("baselines"):
        return None
    found, parts = training_corpus(card, folders=False), card.split
    if found is None or not {"train", "val", "test"} <= parts.keys():
        return None
    split = Split(tuple(parts["train"]), tuple(parts["val"]), tuple(parts["test"]))
    return baselines.of_all(found[0], split).losses


@click.command()
@click.argument("model", shell_complete=completion.own_models)
@click.argument("name")
@_OVERWRITE
def rename(model: str, name: str, overwrite: bool) -> None:
    """Rename your MODEL to NAME."""
    from lstmterm.models import library

    library.rename(model, name, overwrite=overwrite)
    note(f"Renamed {model} to {name}.")


@click.command()
@click.argument("model", shell_complete=completion.models)
@click.argument("file")
@_OVERWRITE
def export(model: str, file: str, overwrite: bool) -> None:
    """Copy MODEL to FILE, or into a folder."""
    from lstmterm.models import library

    target = library.export(model, paths.expanded(file), overwrite=overwrite)
    note(f"Exported {model} to {target}.")


@click.command("import")
@click.argument("file")
@click.option("--name", help="New name (default: the model's name).")
@_OVERWRITE
def import_command(file: str, name: str | None, overwrite: bool) -> None:
    """Check the model in FILE and add it to your library."""
    from lstmterm.models import library

    target = library.import_file(paths.expanded(file), name, overwrite=overwrite)
    note(f"Imported {target.stem}.")


@click.command()
@click.argument("names", metavar="MODEL...", nargs=-1, required=True, shell_complete=completion.own_models)
def remove(names: tuple[str, ...]) -> None:
    """Delete your own models."""
    from lstmterm.models import library

    for name in names:
        library.own(name, "removed")  # all must exist before the first is deleted
    for name in names:
        library.remove(name)
        note(f"Removed {name}.")
