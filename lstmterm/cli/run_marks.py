"""Subcommands of `runs` that mark runs, and the one that compares two."""

import shlex
import sys
from collections.abc import Callable, Sequence

import click

from lstmterm.amounts import plural
from lstmterm.cli import completion
from lstmterm.cli.notes import confirm, note
from lstmterm.errors import InputError, RunError
from lstmterm.runs import marks, storage
from lstmterm.runs.folder import Run
from lstmterm.runs.query import parse
from lstmterm.runs.rows import row_of
from lstmterm.visible import visible

_runs = click.argument(
    "references", metavar="RUN...", nargs=-1, required=True, shell_complete=completion.runs
)


def found(references: Sequence[str]) -> list[Run]:
    """The runs with these ids or names, each once. Raises `InputError` before anything is done to any of them."""
    return [*dict.fromkeys(storage.find(reference) for reference in references)]


@click.command()
@click.argument("tag")
@_runs
def tag(tag: str, references: tuple[str, ...]) -> None:
    """Add TAG to runs; several are separated by commas."""
    for run in found(references):
        after = marks.change(run, add=tag.split(","))
        note(f"{run.id}: {' '.join(after.tags)}")


@click.command()
@click.argument("tag")
@_runs
def untag(tag: str, references: tuple[str, ...]) -> None:
    """Remove TAG from runs; several are separated by commas."""
    for run in found(references):
        after = marks.change(run, remove=tag.split(","))
        note(f"{run.id}: {' '.join(after.tags) or 'no tags'}")


@click.command("note")
@click.argument("run", shell_complete=completion.runs)
@click.argument("text")
def note_command(run: str, text: str) -> None:
    """Replace the note of RUN with TEXT; an empty TEXT removes it."""
    known = storage.find(run)
    after = marks.change(known, note=text)
    note(f"{known.id}: {after.note or 'no note'}")


def selection(function: Callable[..., None]) -> Callable[..., None]:
    """The arguments of a command for several runs: their names, or a query, which is asked about without `--yes`."""
    options = (
        click.argument("references", metavar="[RUN]...", nargs=-1, shell_complete=completion.runs),
        click.option(
            "--filter",
            "query",
            metavar="QUERY",
            help="All runs that match a query of `lstmterm runs`: 'text:harbour val<1.5'.",
        ),
        click.option("--yes", is_flag=True, help="Do not ask first."),
    )
    for add in reversed(options):
        function = add(function)
    return function


def can_ask() -> bool:
    """Whether somebody can answer a question."""
    return sys.stdin.isatty()


def selected(
    references: Sequence[str], query: str | None, does: str, *, yes: bool, running: bool = True
) -> list[Run]:
    """The named runs, or those that match a query once the user agreed. `does` is the question's verb.

    Raises `InputError` where neither or both are given, no run matches, or nobody can be asked; and `RunError`
    where one of them is running, unless `running` ones are meant, too.
    """
    if bool(references) == (query is not None):
        raise click.UsageError("Name runs or give --filter QUERY, but not both.")
    if query is None:
        named = found(references)
        if not running:
            _refuse_running(named)
        return named
    from lstmterm.cli import run_table

    asked = parse(query)
    if not asked.tests:
        raise InputError("The query is empty. Give a condition, such as --filter 'state=failed'.")
    matching = [storage.find(row.summary.id) for row in asked.kept(run_table.known_rows(quiet=True))]
    if not matching:
        raise InputError(f"No run matches {query!r}; `lstmterm runs` lists them.")
    if not running:
        _refuse_running(matching, query)
    if not yes:
        if not can_ask():
            raise InputError(f"{plural(len(matching), 'run')} would match; confirm that with --yes.")
        for run in matching:
            note(run.id)
        confirm(f"{does} {plural(len(matching), 'run')}?")
    return matching


def _refuse_running(runs: Sequence[Run], query: str = "") -> None:
    """Raise `RunError` if one of the runs is running."""
    going = [run.id for run in runs if run.status() == "running"]
    if not going:
        return
    others = f" and {plural(len(going) - 1, 'other run')}" if len(going) > 1 else ""
    verb = "are" if others else "is"
    advice = f"`lstmterm stop {going[0]}` stops it"
    if query:
        advice += f"; --filter {shlex.quote(f'{query} -state:running')} leaves out what is running"
    raise RunError(f"Nothing was done: {going[0]}{others} {verb} running. {advice}.")


@click.command()
@selection
def archive(references: tuple[str, ...], query: str | None, yes: bool) -> None:
    """Hide runs from lists; nothing is deleted. `lstmterm runs --filter archived` lists them."""
    for run in selected(references, query, "Archive", yes=yes):
        marks.change(run, archived=True)
        note(f"Archived {run.id}.")


@click.command()
@selection
def unarchive(references: tuple[str, ...], query: str | None, yes: bool) -> None:
    """Show archived runs in lists again. A query names them with the word `archived`."""
    for run in selected(references, query, "List again", yes=yes):
        marks.change(run, archived=False)
        note(f"{run.id} is listed again.")


@click.command(short_help="Choose the reference run.")
@click.argument("run", required=False, shell_complete=completion.runs)
@click.option("--none", "nothing", is_flag=True, help="Clear the reference run.")
def pin(run: str | None, nothing: bool) -> None:
    """Make RUN the reference that others are compared with; without RUN, print the reference."""
    if nothing or run is not None:
        if nothing and run is not None:
            raise click.UsageError("Give a run or --none, not both.")
        known = None if run is None else storage.find(run)
        marks.pin(known)
        note(f"The reference is {known.id}." if known else "There is no longer a reference run.")
        return
    if not (pinned := marks.reference()):
        raise InputError("There is no reference run; `lstmterm runs pin RUN` makes one.")
    click.echo(visible(pinned))


@click.command()
@click.argument("first", metavar="RUN", shell_complete=completion.runs)
@click.argument("second", metavar="[OTHER]", required=False, shell_complete=completion.runs)
def diff(first: str, second: str | None) -> None:
    """Show how the settings and the results of two runs differ.

    Without OTHER, RUN is compared with the reference run.
    """
    from lstmterm.runs.differences import in_words
    from lstmterm.runs.summary import summarize

    if second is None:
        if not (pinned := marks.reference()):
            raise InputError("Name a second run, or make one the reference with `lstmterm runs pin RUN`.")
        first, second = pinned, first
    rows = [row_of(summarize(storage.find_whole(reference))) for reference in (first, second)]
    click.echo(f"{rows[0].summary.id} -> {rows[1].summary.id}")
    for sentence in in_words(*rows):
        click.echo(visible(sentence))
