"""`train` and `train-tagger`; `plan` and `plan-tagger`, which show what they would do."""

import dataclasses
import json
import sys
from typing import Any

import click

from lstmterm.cli import completion, start_time
from lstmterm.cli.background import detach_train
from lstmterm.cli.knobs import request_options, run_options
from lstmterm.cli.notes import confirm, fitted, interrupt_says, note, note_damaged_measurements
from lstmterm.cli.run_end import RunEnd
from lstmterm.cli.table import print_facts
from lstmterm.cli.wrapping import for_stdout
from lstmterm.errors import InputError
from lstmterm.planning import torchrun
from lstmterm.planning.request import TrainRequest
from lstmterm.runs import getting_ready, launching, storage
from lstmterm.spec.base import Kind
from lstmterm.visible import visible


@click.command()
@click.argument("corpus", default="harbour", shell_complete=completion.texts)
@request_options("charlm")
@run_options
@click.option("--run-id", hidden=True)
def train(corpus: str, **options: Any) -> int:
    """Train a character model on CORPUS: a name, a file, a folder, or `-` for stdin.

    Without a length it trains for three minutes. What is not set is planned from the text, the time
    and this machine; `lstmterm plan CORPUS` shows the plan.
    """
    return _train("charlm", corpus, **options)


@click.command()
@click.argument("data", default="harbour-tags")
@request_options("tagger")
@click.option("--yes", is_flag=True, help="Train on data whose columns look wrong without asking.")
@run_options
@click.option("--run-id", hidden=True)
def train_tagger(data: str, **options: Any) -> int:
    """Train a tagger on DATA: a CoNLL-U, CSV or TSV file, a built-in name, a fetched treebank, or a cipher.

    A CSV file has a header `text,tag` and a sentence in each row, its words and tags divided by spaces; or
    `word,tag`, a word in each row, and an empty row after each sentence or a column `sentence` that numbers
    them. A TSV file has a word and its tag in each line. A tag `_` says that a word is not annotated. A fetched
    treebank brings its own parts for validation and test. Ciphers are rot13, caesar:K and vigenere:KEY: the tagger
    learns to decipher. With rot13-dash, caesar-dash:K and vigenere-dash:KEY the letters are A to Z and
    the dash. What is not set is planned from the data and the time.
    """
    torchrun.refuse("A tagger is trained by one process")
    return _train("tagger", data, **options)


@click.command()
@click.argument("corpus", default="harbour", shell_complete=completion.texts)
@request_options("charlm", named=False)
@click.option("--why", "explain", is_flag=True, help="Also print how it is trained, and why.")
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
def plan(corpus: str, explain: bool, as_json: bool, **options: Any) -> None:
    """Show what `train` would do with CORPUS, without doing it: how long it takes, how good and how large the model becomes."""
    request = TrainRequest.from_options("charlm", corpus, overwrite=True, **options)
    from lstmterm.cli.progress import reading
    from lstmterm.nn import session

    note_damaged_measurements()
    with reading(quiet=as_json) as progress:
        found = session.planned(request, start_time.STARTED, progress)
    if as_json:
        click.echo(json.dumps(found.facts, allow_nan=False))
        return
    print_facts((found.outlook.rows | dict(found.rows) if explain else found.outlook.rows).items())
    for warning in found.warnings:
        click.echo(for_stdout(f"Warning: {visible(fitted(warning))}"))
    if explain:
        click.echo(for_stdout(found.outlook.why))
    else:
        note("--why shows how it is trained, and why.")


@click.command()
@click.argument("data", default="harbour-tags")
@request_options("tagger", named=False)
@click.option("--why", "explain", is_flag=True, help="Also print the reasons for the plan.")
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
def plan_tagger(data: str, explain: bool, as_json: bool, **options: Any) -> None:
    """Show what `train-tagger` would do with DATA, without doing it: how long it takes, how good and how large the tagger becomes.

    The expected accuracy is shown beside what counting tags reaches on the validation data.
    """
    request = TrainRequest.from_options("tagger", data, overwrite=True, **options)
    from lstmterm.models import tagger_request
    from lstmterm.planning import tagger_plan
    from lstmterm.planning.length import DEFAULT_LENGTH
    from lstmterm.planning.tagger_outlook import outlook
    from lstmterm.runs.earlier import nearest_tagger
    from lstmterm.runs.summary import summaries
    from lstmterm.tagging import tagged_data

    read = tagger_request.read(request)
    length = request.length or tagger_plan.CIPHER_LENGTHS.get(read.text.cipher, DEFAULT_LENGTH)
    earlier = nearest_tagger(summaries(), read.part, request.start_from, length.seconds)
    found = dataclasses.replace(outlook(length, read.text, request.given), earlier=earlier)
    doubt = tagged_data.doubt(read.data, read.text.level)
    if as_json:
        counted = dataclasses.asdict(read.text.counting) if read.text.counting else None
        facts = {
            **found.rows,
            "why": found.why,
            "counting": counted,
            "earlier": dataclasses.asdict(earlier) if earlier else None,
            "words": read.text.words,
            "doubt": doubt,
        }
        click.echo(json.dumps(facts, allow_nan=False))
        return
    print_facts((found.rows | ({"why": found.why} if explain else {})).items())
    if doubt:
        click.echo(for_stdout(f"Warning: {visible(doubt)}."))
    if not explain:
        note("--why shows the reasons for this plan.")


def _train(
    kind: Kind,
    source: str,
    *,
    detach: bool,
    as_json: bool,
    quiet: bool,
    run_id: str | None,
    nice: int,
    on_end: str | None,
    **options: Any,
) -> int:
    request = TrainRequest.from_options(kind, source, **options)
    if torchrun.is_first():
        storage.refuse_unwritable()
    if detach:
        return detach_train(request, as_json, quiet, nice, on_end)
    note_damaged_measurements()
    with (
        RunEnd(on_end) as end,
        launching.started(run_id) as started,
        interrupt_says(f"lstmterm: {getting_ready.INTERRUPTED}"),
    ):
        with getting_ready.stoppable(started):
            from lstmterm.cli.foreground import Foreground
            from lstmterm.nn import joined_ranks, session

        with joined_ranks.joined() as all_ranks, Foreground(as_json, quiet, nice) as shown:
            if not all_ranks.is_first:
                return shown.follow(all_ranks)
            with getting_ready.stoppable(started):
                prepared = session.prepare(
                    request, start_time.STARTED, shown.reading, confirm=_confirm, ranks=all_ranks
                )
            run = session.begin(prepared, run_id)
            end.watch(run)
            events = session.train_run(run, prepared, shown.should_stop, start_time.STARTED)
            return shown.show(run, events)


def _confirm(doubt: str) -> None:
    """Ask before training on doubtful data. Raises where the user does not agree or cannot be asked."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise InputError(f"{doubt}; name others with --column and --text-column, or train on it with --yes.")
    confirm(f"{doubt}. Train on it?")
