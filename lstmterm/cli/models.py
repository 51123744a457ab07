"""`models`, `show`, `rename`, `export`, `import` and `remove`: the model library."""

import click

from lstmterm.cli import completion
from lstmterm.cli.notes import note

_OVERWRITE = click.option("--overwrite", is_flag=True, help="Replace an existing file or model.")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print each model as a line of JSON.")
def models(as_json: bool) -> None:
    """List the models: your own and those that ship with lstmterm."""
    from lstmterm.cli.model_table import facts_line, print_models
    from lstmterm.models import library

    entries = library.library()
    if as_json:
        for entry in entries:
            click.echo(facts_line(entry))
    elif entries:
        print_models(entries)
    else:
        note("No models yet; `lstmterm train` trains one.")


@click.command()
@click.argument("model", shell_complete=completion.models)
@click.option("--json", "as_json", is_flag=True, help="Print the metadata as JSON.")
def show(model: str, as_json: bool) -> None:
    """Show all that is known of MODEL: a name, or a file."""
    import json

    from lstmterm.cli.table import print_facts
    from lstmterm.models import library, model_file
    from lstmterm.models.card import card_rows

    entry = library.find(model)
    card = model_file.describe(entry.path)
    if as_json:
        click.echo(json.dumps(card.metadata))
    else:
        print_facts(card_rows(entry, card))


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
    from pathlib import Path

    from lstmterm.models import library

    target = library.export(model, Path(file).expanduser(), overwrite=overwrite)
    note(f"Exported {model} to {target}.")


@click.command("import")
@click.argument("file")
@click.option("--name", help="New name (default: the model's name).")
@_OVERWRITE
def import_command(file: str, name: str | None, overwrite: bool) -> None:
    """Check the model in FILE and add it to your library."""
    from pathlib import Path

    from lstmterm.models import library

    target = library.import_file(Path(file).expanduser(), name, overwrite=overwrite)
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
