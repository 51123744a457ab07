"""`plan`: what `train` would do."""

import dataclasses
import json
from typing import Any

import click

from lstmterm.cli import completion, start_time
from lstmterm.cli.knobs import request_options
from lstmterm.planning.request import TrainRequest


@click.command()
@click.argument("corpus", default="harbour", shell_complete=completion.texts)
@request_options("charlm", named=False)
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
def plan(corpus: str, as_json: bool, **options: Any) -> None:
    """Show what `train` would do with CORPUS in the time, and why, without doing it."""
    request = TrainRequest.from_options("charlm", corpus, overwrite=True, **options)
    from lstmterm.amounts import duration
    from lstmterm.cli.foreground import foreground
    from lstmterm.nn import session
    from lstmterm.nn.char_recipe import CharRecipe
    from lstmterm.planning import char_plan
    from lstmterm.spec.character import CharSpec
    from lstmterm.visible import visible

    with foreground(as_json=False, quiet=as_json) as shown:
        prepared = session.prepare(request, start_time.STARTED, shown.reading, measured=True)
    spec, recipe = prepared.spec, prepared.recipe
    assert isinstance(spec, CharSpec) and isinstance(recipe, CharRecipe) and prepared.machine  # noqa: PT018
    seconds = (prepared.seconds_per_step or 0.0) * spec.training.steps
    epochs = char_plan.epochs(spec.batches, recipe.facts, spec.training.steps)
    if as_json:
        facts = {
            "why": prepared.why,
            "seconds_of_steps": round(seconds, 1),
            "epochs": round(epochs, 2),
            "spec": spec.to_dict(),
            "machine": dataclasses.asdict(prepared.machine),
        }
        click.echo(json.dumps(facts, allow_nan=False))
        return
    text = f"{visible(spec.text.name)}, {len(recipe.corpus):,} characters, {recipe.facts.vocabulary_size:,} distinct"
    rows = {"text": text, **char_plan.in_words(spec, epochs), "time": f"{duration(seconds)} of steps"}
    for title, value in rows.items():
        click.echo(f"{title:9} {value}")
    click.echo(prepared.why)
