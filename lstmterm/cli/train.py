"""`train` and `plan`."""

import dataclasses
from typing import TYPE_CHECKING, Any

import click

from lstmterm import cli, paths
from lstmterm.cli import completion
from lstmterm.cli.knobs import Length, given, knob_options, renamed_options, run_options
from lstmterm.planning import processors, torchrun
from lstmterm.spec.character import CharBatchPart, CharModelPart, TextPart
from lstmterm.spec.training import TrainingPart

if TYPE_CHECKING:
    from lstmterm.nn.session import TrainRequest

_PARTS = (TextPart, CharModelPart, CharBatchPart, TrainingPart)


def _request(
    corpus: str,
    name: str | None,
    minutes: float | None,
    epochs: float | None,
    start: str | None,
    overwrite: bool,
    values: dict[str, Any],
) -> "TrainRequest":
    from lstmterm.nn.session import TrainRequest

    knobs = given(values)
    if name is not None:
        paths.plain_name(name, "model's name")
    if sum(length is not None for length in (minutes, epochs, knobs.get("steps"))) > 1:
        raise click.UsageError(
            "--minutes, --epochs and --steps each say how long to train; give one of them."
        )
    return TrainRequest(corpus, name, minutes, epochs, knobs, start, overwrite)


def _length_options(function: Any) -> Any:
    for option in (
        click.option(
            "--from",
            "start",
            metavar="MODEL",
            shell_complete=completion.models,
            help="Start from a model's weights, matched by character.",
        ),
        click.option(
            "--epochs",
            type=Length(),
            help="Passes over the text, instead of minutes.",
        ),
        click.option(
            "--minutes",
            type=Length(10_000_000),
            help="Time for everything, from start to last save (default: 3).",
        ),
    ):
        function = option(function)
    return function


@click.command()
@click.argument("corpus", default="harbour", shell_complete=completion.texts)
@click.option("--name", help="The model's name (default: the corpus').")
@click.option("--overwrite", is_flag=True, help="Replace a model of that name.")
@_length_options
@knob_options(*_PARTS)
@renamed_options
@run_options
@click.pass_obj
def train(
    words: list[str],
    corpus: str,
    name: str | None,
    overwrite: bool,
    minutes: float | None,
    epochs: float | None,
    start: str | None,
    detach: bool,
    as_json: bool,
    quiet: bool,
    run_id: str | None,
    nice: int,
    **values: Any,
) -> int:
    """Train a character model on CORPUS: a name, a file, a folder, or `-` for stdin.

    Without a length it trains for three minutes. What is not set is planned from the text, the time
    and this machine; `lstmterm plan CORPUS` says how.
    """
    if detach:
        torchrun.refuse("--detach starts one process of its own")
        from lstmterm.cli.background import detach_train

        return detach_train(words, corpus, name)
    processors.limit_blas()
    from lstmterm.runs import launching

    with launching.started(run_id):
        request = _request(corpus, name, minutes, epochs, start, overwrite, values)
        return _train(request, as_json, quiet, run_id, nice)


def _train(request: "TrainRequest", as_json: bool, quiet: bool, run_id: str | None, nice: int) -> int:
    from lstmterm.cli.sitting import sit
    from lstmterm.nn import ranks, session

    with ranks.joined() as all_ranks, sit(as_json, quiet, nice) as sitting:
        if not all_ranks.is_first:
            return sitting.follow(all_ranks)
        prepared = session.prepare(request, cli.STARTED, sitting.reading, ranks=all_ranks)
        run = session.begin(prepared, run_id)
        events = session.train_run(run, prepared, sitting.should_stop, cli.STARTED, all_ranks)
        return sitting.show(run, events)


@click.command()
@click.argument("corpus", default="harbour", shell_complete=completion.texts)
@_length_options
@knob_options(*_PARTS)
@renamed_options
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
def plan(
    corpus: str, minutes: float | None, epochs: float | None, start: str | None, as_json: bool, **values: Any
) -> None:
    """Say what `train` would do with CORPUS in the time, and why, without doing it."""
    processors.limit_blas()
    from lstmterm.amounts import duration
    from lstmterm.cli.reporting import as_json as line
    from lstmterm.cli.sitting import sit
    from lstmterm.nn import session
    from lstmterm.visible import visible

    request = _request(corpus, None, minutes, epochs, start, True, values)
    with sit(as_json=False, quiet=as_json) as sitting:
        prepared = session.prepare(request, cli.STARTED, sitting.reading, measured=True)
    spec = prepared.spec
    seconds = (prepared.seconds_per_step or 0.0) * spec.training.steps
    if as_json:
        facts = {
            "why": prepared.why,
            "seconds_of_steps": round(seconds, 1),
            "epochs": round(prepared.epochs, 2),
            "spec": spec.to_dict(),
            "machine": dataclasses.asdict(prepared.machine),
        }
        click.echo(line(facts))
        return
    model, cut, training = spec.model, spec.batches, spec.training
    rows = {
        "text": f"{visible(spec.text.name)}, {len(prepared.corpus):,} characters, "
        f"{len(prepared.corpus.vocabulary)} distinct",
        "model": f"{model.layers}x{model.hidden}, embedding {model.embedding or 'one-hot'}, "
        f"dropout {model.dropout:g}, noise {model.token_dropout:g}",
        "batches": f"{cut.batch_size} streams x {cut.seq_length} characters",
        "training": f"{training.steps:,} steps ({prepared.epochs:.1f} epochs), {training.optimizer}, "
        f"learning rate {training.learning_rate:g}, {training.schedule}",
        "machine": f"{training.device}, {training.threads} threads, {training.precision}",
        "time": f"{duration(seconds)} of steps",
    }
    for title, value in rows.items():
        click.echo(f"{title:9} {value}")
    click.echo(prepared.why)
