"""`plan`: what `train` would do."""

import json
from typing import Any

import click

from lstmterm.cli import completion, start_time
from lstmterm.cli.knobs import request_options
from lstmterm.planning.request import TrainRequest
from lstmterm.visible import visible


@click.command()
@click.argument("corpus", default="harbour", shell_complete=completion.texts)
@request_options("charlm", named=False)
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
def plan(corpus: str, as_json: bool, **options: Any) -> None:
    """Show what `train` would do with CORPUS in the time, and why, without doing it."""
    request = TrainRequest.from_options("charlm", corpus, overwrite=True, **options)
    from lstmterm.cli.progress import reading
    from lstmterm.nn import session

    with reading(quiet=as_json) as progress:
        facts, rows = session.planned(request, start_time.STARTED, progress)
    if as_json:
        click.echo(json.dumps(facts, allow_nan=False))
        return
    for title, value in rows.items():
        click.echo(f"{title:9} {visible(value)}")
    click.echo(facts["why"])
