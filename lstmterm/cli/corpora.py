"""`lstmterm corpora`: list, fetch, add, check and remove texts."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lstmterm.cli import completion
from lstmterm.cli.table import console, print_facts, print_table
from lstmterm.visible import shorten, visible

if TYPE_CHECKING:
    from lstmterm.corpora.checkup import Checkup
    from lstmterm.corpora.listing import Listed

_READING = (
    click.option("--encoding", metavar="NAME", help="The text's encoding; without it, it is found out."),
    click.option("--raw-newlines", is_flag=True, help="Keep CRLF and CR instead of making them LF."),
    click.option("--nfc", is_flag=True, help="Normalise to composed characters (Unicode NFC)."),
    click.option(
        "--glob", metavar="PATTERN", help="Which files of a folder or a zip file, such as '**/*.py'."
    ),
)


def reading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say how a text is read."""
    for option in reversed(_READING):
        command = option(command)
    return command


@click.group(invoke_without_command=True, short_help="List, fetch, add and check texts.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@click.pass_context
def corpora(ctx: click.Context, as_json: bool) -> None:
    """List the texts: built in, fetched, your own, and those that can be fetched."""
    if ctx.invoked_subcommand is not None:
        return
    from lstmterm.corpora.listing import listing

    found = listing()
    if as_json:
        for text in found:
            click.echo(json.dumps(asdict(text)))
    else:
        _show_list(found)


@corpora.command()
@click.argument("name", shell_complete=completion.fetchable)
@click.option("--from", "copy", metavar="FILE", help="Take a copy at hand instead of downloading.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
def fetch(name: str, copy: str | None, quiet: bool) -> None:
    """Fetch the text NAME of the catalogue, and check that it is the right one."""
    from lstmterm.corpora import catalogue, fetching, stored
    from lstmterm.errors import InputError

    entry = catalogue.entries().get(name)
    if entry is None:
        raise InputError(_no_entry(name, catalogue.entries()))
    own = stored.find(name)
    if own is not None and own.record.origin == "own":
        raise InputError(
            f"A corpus of your own is called {name!r}; `lstmterm corpora remove {name}` makes room for the catalogue's."
        )
    if own is not None and copy is None and fetching.is_intact(own):
        _say(f"{name} is here already, as it should be.")
        return
    if not entry.verified:
        _say(
            f"The catalogue does not know all of the bytes of {name}; what comes is recorded as the right one "
            "and checked against that from now on."
        )
    if copy is not None:
        own = fetching.take(entry, Path(copy).expanduser())
    else:
        with _progress(quiet) as progress:
            own = fetching.fetch(entry, progress)
    if not entry.verified:
        for file, digest in own.sha256.items():
            _say(f"{file} has the SHA-256 {digest}.")
    how = f"`lstmterm train{'-tagger' if own.kind == 'treebank' else ''} {name}` trains on it"
    _say(f"{name} is here: {own.size:,} bytes, {entry.licence}; {how}.")


@corpora.command()
@click.argument("source", metavar="FILE")
@click.option("--name", help="What to call it; without it, the file's own name.")
@click.option("--overwrite", is_flag=True, help="Replace a text of that name.")
@reading_options
def add(source: str, name: str | None, overwrite: bool, **reading: Any) -> None:
    """Keep the text of FILE (a file, a folder, or -) under a name, as UTF-8."""
    from lstmterm.cli.progress import reading as reading_progress
    from lstmterm.corpora.adding import add as keep
    from lstmterm.corpora.corpus import open_corpus

    with reading_progress(quiet=False) as progress:
        corpus = open_corpus(source, **reading, progress=progress)
    for note in corpus.notes:
        _say(note)
    own = keep(corpus, name, overwrite=overwrite)
    _say(
        f"{own.name} is kept: {len(corpus):,} characters; `lstmterm train {shlex.quote(own.name)}` trains on it."
    )


@corpora.command()
@click.argument("source", metavar="FILE", shell_complete=completion.texts)
@click.option("--level", type=click.Choice(["char", "byte"]), default="char", help="Characters, or bytes.")
@click.option("--vocab-limit", type=int, metavar="N", help="Keep the N most frequent characters.")
@click.option("--val", default=0.05, show_default=True, help="Share for validation.")
@click.option("--test", default=0.05, show_default=True, help="Share for the test.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@reading_options
def check(
    source: str,
    level: Any,
    vocab_limit: int | None,
    val: float,
    test: float,
    as_json: bool,
    **reading: Any,
) -> None:
    """Say what is in FILE (a name, a file, a folder, or -) and what to expect of it."""
    from lstmterm.cli.progress import reading as reading_progress
    from lstmterm.corpora.checkup import check as look_through
    from lstmterm.corpora.corpus import open_corpus

    with reading_progress(quiet=as_json) as progress:
        corpus = open_corpus(source, level=level, vocab_limit=vocab_limit, **reading, progress=progress)
    found = look_through(corpus, val, test)
    if as_json:
        click.echo(json.dumps(asdict(found)))
    else:
        _show_checkup(found)


@corpora.command()
@click.argument("name", shell_complete=completion.kept_texts)
def remove(name: str) -> None:
    """Delete the fetched or own text NAME."""
    from lstmterm.corpora import builtin, stored
    from lstmterm.errors import InputError

    if name in builtin.NAMES:
        raise InputError(f"{name} is built in and cannot be removed.")
    stored.remove(name)
    _say(f"{name} is removed.")


def _no_entry(name: str, entries: dict[str, Any]) -> str:
    import difflib

    from lstmterm.corpora import builtin

    if name in builtin.NAMES:
        return f"{name} is built in; there is nothing to fetch."
    near = difflib.get_close_matches(name, entries, n=3, cutoff=0.5)
    hint = f"near it are {', '.join(near)}" if near else "`lstmterm corpora` lists what it has"
    return f"The catalogue has no corpus called {name!r}; {hint}."


def _say(sentence: str) -> None:
    """A message for the person."""
    click.echo(visible(sentence), err=True)


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[str, int, int | None], None] | None]:
    """A bar on stderr for each file that is downloaded, if that is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
    from rich.text import Text

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
    )
    tasks: dict[str, Any] = {}
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:

        def show(what: str, done: int, total: int | None) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(Text(shorten(what, 30)).plain, total=total)
            bar.update(tasks[what], completed=done, total=total)

        yield show


def _show_list(found: list[Listed]) -> None:
    if not sys.stdout.isatty():
        print_table((), [(t.name, t.origin, _size(t), t.language, t.title) for t in found])
        return
    rows = []
    for text in found:
        where = text.origin if text.here else "can be fetched" + ("" if text.verified else " *")
        what = text.title if text.kind == "text" else f"{text.title} (for taggers)"
        rows.append((shorten(text.name, 30), where, _size(text), shorten(what, 200)))
    headings = ("name", "where", "size", "what it is")
    print_table(headings, rows, right=("size",), folded="what it is", dim=[not text.here for text in found])
    if any(not text.here for text in found):
        click.echo("\n`lstmterm corpora fetch NAME` fetches one. * not verified: its hash is recorded then.")


def _size(text: Listed) -> str:
    from lstmterm.amounts import size

    return "" if text.bytes is None else size(text.bytes)


def _show_checkup(found: Checkup) -> None:
    from lstmterm.corpora import checkup

    print_facts((name, value) for name, value in checkup.rows(found) if value)
    for heading, sentence in checkup.sentences(found):
        if sys.stdout.isatty():
            from rich.text import Text

            console().print(Text.assemble("\n", (f"{heading}: ", "bold"), visible(sentence)))
        else:
            click.echo(f"{heading}: {visible(sentence)}")
