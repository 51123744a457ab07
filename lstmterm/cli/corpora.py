"""`lstmterm corpora`: list, fetch, add, check and remove texts."""

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from lstmterm import paths
from lstmterm.amounts import size
from lstmterm.cli import completion
from lstmterm.cli.knobs import knob_options
from lstmterm.cli.notes import command, fitted, note
from lstmterm.cli.output import console
from lstmterm.cli.table import print_facts, print_table
from lstmterm.corpora import builtin, catalogue, fetching, stored
from lstmterm.corpora.listing import TextEntry, all_texts
from lstmterm.errors import InputError, not_found
from lstmterm.spec.character import TextPart
from lstmterm.visible import shorten, visible

if TYPE_CHECKING:
    from lstmterm.corpora.checkup import Checkup

_READING = ("encoding", "raw_newlines", "nfc", "glob")  # how a text is read


@click.group(invoke_without_command=True, short_help="List, fetch, add and check texts.")
@click.option("--json", "as_json", is_flag=True, help="Print each text as a line of JSON.")
@click.pass_context
def corpora(ctx: click.Context, as_json: bool) -> None:
    """List the texts: built in, fetched, added, and those that can be fetched."""
    if ctx.invoked_subcommand is not None:
        return
    found = all_texts()
    if as_json:
        for text in found:
            click.echo(json.dumps(asdict(text)))
    else:
        _show_list(found)


@corpora.command()
@click.argument("name", shell_complete=completion.fetchable)
@click.option("--from", "copy", metavar="FILE", help="Use a local copy instead of downloading.")
@click.option("--allow-http", is_flag=True, help="Also download from addresses that are not HTTPS.")
@click.option("--quiet", is_flag=True, help="Do not show progress.")
def fetch(name: str, copy: str | None, allow_http: bool, quiet: bool) -> None:
    """Fetch the text NAME of the catalogue and check its hash."""
    from lstmterm.cli.progress import download_bars

    entry = catalogue.entries().get(name)
    if entry is None:
        if name in builtin.NAMES:
            raise InputError(f"{name} is built in and need not be fetched.")
        listed = "`lstmterm corpora` lists them all."
        raise not_found("corpus in the catalogue named", name, catalogue.entries(), listed, most=3)
    text = stored.find(name)
    if text is not None and text.record.origin == "own":
        raise InputError(
            f"{name!r} is the name of a text that you added; remove it first with `lstmterm corpora remove {name}`."
        )
    if text is not None and copy is None and fetching.is_intact(text):
        note(f"{name} is already here and intact.")
        return
    if not entry.verified:
        note(
            f"The catalogue has no hash for {name}; the hash of this download is recorded and checked from now on."
        )
    if copy is not None:
        text = fetching.take(entry, paths.expanded(copy))
    else:
        with download_bars(quiet) as progress:
            text = fetching.fetch(entry, progress, allow_http=allow_http)
    if not entry.verified:
        for file, digest in text.sha256.items():
            note(f"{file}: SHA-256 {digest}.")
    training = command("train-tagger" if text.kind == "treebank" else "train", name)
    note(f"Fetched {name}: {text.size:,} bytes, {entry.licence}. Train on it with `{training}`.")


@corpora.command(short_help="Store a text under a name.")
@click.argument("source", metavar="FILE")
@click.option("--name", help="Name of the text (default: that of the file).")
@click.option("--overwrite", is_flag=True, help="Replace an existing text.")
@knob_options(TextPart, defaults=True, only=_READING)
def add(source: str, name: str | None, overwrite: bool, **options: Any) -> None:
    """Store the text of FILE (a file, a folder, or -) under a name, as UTF-8."""
    from lstmterm.cli.progress import reading
    from lstmterm.corpora import adding
    from lstmterm.corpora.corpus import open_text

    with reading(quiet=False) as progress:
        corpus = open_text(TextPart(source=source, name="", **options), progress)
    for sentence in corpus.notes:
        note(sentence)
    text = adding.add(corpus, name, overwrite=overwrite)
    training = command("train", text.name)
    note(f"Added {text.name}: {len(corpus):,} characters. Train on it with `{training}`.")


@corpora.command(short_help="Describe a text, and what to expect of it.")
@click.argument("source", metavar="FILE", shell_complete=completion.texts)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@knob_options(TextPart, defaults=True, only=(*_READING, "level", "vocab_limit", "val", "test"))
def check(source: str, as_json: bool, **options: Any) -> None:
    """Check the text FILE (a name, a file, a folder, or -): its figures, and what to expect of a model."""
    from lstmterm.cli.progress import reading
    from lstmterm.corpora import checkup
    from lstmterm.corpora.corpus import open_text

    text = TextPart(source=source, name="", **options)
    with reading(quiet=as_json) as progress:
        corpus = open_text(text, progress)
    found = checkup.check(corpus, text.val, text.test)
    if as_json:
        click.echo(json.dumps(asdict(found)))
    else:
        _show_checkup(found)


@corpora.command()
@click.argument("name", shell_complete=completion.stored_texts)
def remove(name: str) -> None:
    """Delete the fetched or added text NAME."""
    if name in builtin.NAMES:
        raise InputError(f"{name} is built in and cannot be removed.")
    stored.remove(name)
    note(f"Removed {name}.")


def _show_list(found: list[TextEntry]) -> None:
    if not sys.stdout.isatty():
        print_table((), [(t.name, t.origin, size(t.bytes), t.language, t.title) for t in found])
        return
    rows = []
    for text in found:
        where = text.origin if text.here else "to fetch" + ("" if text.verified else " *")
        what = text.title if text.kind == "text" else f"{text.title} (for taggers)"
        rows.append((shorten(text.name, 30), where, size(text.bytes), shorten(what, 200)))
    headings = ("name", "where", "size", "what it is")
    print_table(
        headings,
        rows,
        right=("size",),
        folded="what it is",
        dim=[not text.here for text in found],
        least_first=("size", "where"),
    )
    if any(not text.here for text in found):
        click.echo("\n`lstmterm corpora fetch NAME` fetches one. * not verified: the catalogue has no hash.")


def _show_checkup(found: "Checkup") -> None:
    from lstmterm.corpora import checkup

    print_facts((name, value) for name, value in checkup.rows(found) if value)
    for heading, sentence in checkup.sentences(found):
        sentence = fitted(sentence)
        if sys.stdout.isatty():
            from rich.text import Text

            console().print(Text.assemble("\n", (f"{heading}: ", "bold"), visible(sentence)))
        else:
            click.echo(f"{heading}: {visible(sentence)}")
