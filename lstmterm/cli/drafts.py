"""`lstmterm drafts`: list, show, search, export, rename and remove drafts."""

import dataclasses
import json
import sys
import time
from pathlib import Path

import click

from lstmterm import atomic
from lstmterm.amounts import ago
from lstmterm.cli import completion
from lstmterm.cli.notes import note
from lstmterm.cli.table import print_table
from lstmterm.cli.target import STDOUT, Target, check, overwrite_option
from lstmterm.drafts import export as forms
from lstmterm.drafts import file, store
from lstmterm.errors import InputError
from lstmterm.visible import shorten, visible_lines

_SHOWN = 40  # characters of a beginning


@click.group(invoke_without_command=True, short_help="List, show, search and export drafts.")
@click.option("--json", "as_json", is_flag=True, help="Print each draft as a line of JSON.")
@click.pass_context
def drafts(ctx: click.Context, as_json: bool) -> None:
    """List drafts: texts written in the Generate tab or with `lstmterm generate MODEL --draft NAME`."""
    if ctx.invoked_subcommand is not None:
        return
    found = [store.summary(name) for name in store.names()]
    if as_json:
        for draft in found:
            click.echo(json.dumps(dataclasses.asdict(draft)))
        return
    if not found:
        note("There are no drafts yet; `lstmterm generate MODEL --draft NAME` starts one.")
        return
    print_table(
        ("draft", "characters", "stretches", "branches", "changed", "text"),
        [
            (
                d.name,
                f"{d.characters:,}",
                f"{d.stretches:,}",
                f"{d.branches:,}",
                ago(time.time() - d.changed),
                f"damaged: {d.damaged}" if d.damaged else shorten(d.beginning, _SHOWN),
            )
            for d in found
        ],
        right=("characters", "stretches", "branches"),
        folded="text",
        dim=[bool(d.damaged) for d in found],
    )


@drafts.command()
@click.argument("name", shell_complete=completion.drafts)
@click.option(
    "--before", type=int, metavar="N", help="Print only what the model read before it wrote stretch N."
)
def show(name: str, before: int | None) -> None:
    """Print the text of the draft NAME."""
    tree = file.read(store.find(name))
    if before is None:
        _print(tree.text())
        return
    last = len(tree.stretches) - 1
    if not 0 < before <= last:
        known = f"its stretches are 1 to {last}" if last else "it is empty"
        raise InputError(f"The draft {name!r} has no stretch {before}; {known}.")
    text = forms.context(tree, before)
    mark = "\ufeff" if text.startswith("\ufeff") else ""  # who reads UTF-8 takes one for a mark of it
    _print(mark + text, as_it_is=True)


@drafts.command()
@click.argument("name", shell_complete=completion.drafts)
@click.argument("path", metavar="[FILE]", required=False, type=Target())
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "markdown", "json")),
    help="Format of the file (default: by its suffix, else text).",
)
@overwrite_option
def export(name: str, path: Path | None, form: forms.Form | None, overwrite: bool) -> None:
    """Write the draft NAME to FILE, or print it.

    Text and Markdown have the current text, and Markdown also the command that writes each stretch again.
    JSON has all branches.
    """
    check(path, overwrite)
    tree = file.read(store.find(name))
    path = None if path == STDOUT else path
    content = forms.exported(name, tree, form or forms.form_of(path))
    if path is None:
        _print(content)
        return
    atomic.write_bytes(path, forms.encoded(content), shared=True)
    note(f"Wrote {path}.")


@drafts.command()
@click.argument("text")
@click.option("--json", "as_json", is_flag=True, help="Print each stretch as a line of JSON.")
def search(text: str, as_json: bool) -> None:
    """Find TEXT in all drafts, ignoring case."""
    hits = list(store.search(text))
    if as_json:
        for hit in hits:
            click.echo(json.dumps(dataclasses.asdict(hit)))
    elif not hits:
        note("No draft contains this text.")
    else:
        print_table(
            ("draft", "stretch", "text"),
            [(h.name, str(h.stretch), h.around) for h in hits],
            right=("stretch",),
        )


@drafts.command()
@click.argument("name", shell_complete=completion.drafts)
@click.argument("new")
def rename(name: str, new: str) -> None:
    """Give the draft NAME another name."""
    store.rename(name, new)
    note(f"{name} is now {new}.")


@drafts.command()
@click.argument("names", metavar="NAME...", nargs=-1, required=True, shell_complete=completion.drafts)
def remove(names: tuple[str, ...]) -> None:
    """Delete drafts with all their branches."""
    for name in names:
        store.remove(name)
        note(f"Removed {name}.")


def _print(text: str, *, as_it_is: bool = False) -> None:
    """A text on stdout: control characters made visible on a terminal, raw in a pipe."""
    if sys.stdout.isatty():
        click.echo(visible_lines(text), nl=not as_it_is)
    else:
        sys.stdout.buffer.write(forms.encoded(text))
        sys.stdout.buffer.flush()
