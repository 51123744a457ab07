"""`sweep`: a grid of runs, one after another, and a table of what came of them."""

import json
import subprocess
import time
from collections.abc import Callable
from typing import Any

import click

from lstmterm.amounts import duration, figure, plural
from lstmterm.cli import completion, sweep_process
from lstmterm.cli.notes import command, note
from lstmterm.cli.signals import StopSignals
from lstmterm.cli.table import print_table
from lstmterm.corpora.sources import default_name, source_of
from lstmterm.errors import InputError, RunError
from lstmterm.models import library
from lstmterm.planning.length import Length
from lstmterm.planning.sweep import Cell, Sweep, mean_and_spread, parse_grid
from lstmterm.runs import getting_ready, launching, marks, storage
from lstmterm.runs.events import Finished
from lstmterm.runs.folder import Run
from lstmterm.runs.marks import Marks
from lstmterm.runs.progress import Progress
from lstmterm.runs.summary import Summary, last_line, summarize
from lstmterm.runs.sweeps import SweepProcess

Child = subprocess.Popen[bytes]
Key = tuple[tuple[str, str], ...]  # what a run varies, with the values

_LOOK_EVERY = 0.2  # seconds


@click.command()
@click.argument("text", shell_complete=completion.texts)
@click.option(
    "--set",
    "sets",
    metavar="SETTING=A,B",
    multiple=True,
    help="Values of a setting; one value holds for all runs.",
)
@click.option(
    "--seeds", type=click.IntRange(1, 100), default=1, help="Train each combination with this many seeds."
)
@click.option("--minutes", type=float, help="Time of each run (default: 3).")
@click.option("--epochs", type=float, help="Epochs of each run, instead of minutes.")
@click.option("--steps", type=int, help="Steps of each run, instead of minutes.")
@click.option("--name", help="What the names of the models begin with (default: that of the text).")
@click.option("--tagger", is_flag=True, help="Train taggers; TEXT is tagged data.")
@click.option("--detach", is_flag=True, help="Train in the background, and return when the first run trains.")
@click.option("--json", "as_json", is_flag=True, help="Print each combination as a line of JSON.")
@click.option("--quiet", is_flag=True, help="Print only the table.")
def sweep(
    text: str, sets: tuple[str, ...], seeds: int, minutes: float | None, epochs: float | None, steps: int | None,
    name: str | None, tagger: bool, detach: bool, as_json: bool, quiet: bool,
) -> int:  # fmt: skip
    """Train every combination of settings on TEXT, one run after another, and compare the losses.

    The same command continues where it was stopped or killed, also with more values or seeds. The table has the
    mean over the seeds and their standard deviation. With `--detach` it runs in the background; `lstmterm attach` and
    `lstmterm stop` take the id that is printed. `lstmterm runs --filter sweep:NAME` lists the runs.
    """
    if text == "-":
        raise InputError("A sweep reads its text for each run, so it cannot read stdin; give a file.")
    kind = "tagger" if tagger else "charlm"
    length = Length.of_options(minutes, epochs, steps) or Length("minutes", 3)
    asked = Sweep(kind, text, name or default_name(text), length, parse_grid(kind, sets), seeds)
    storage.refuse_unwritable()
    cells, known = [*asked.cells()], _runs_of(asked)
    if len(cells) == 1 and not quiet:
        note(
            "This is a single run. Vary a setting with --set, as in --set hidden=256,512, or the seed with --seeds 3."
        )
    for cell in cells:
        if _key(cell) not in known:
            library.refuse_taken(str(asked.request(cell).name), overwrite=False)
    process = SweepProcess(asked.group)
    if not all(cell_run is not None and _is_over(cell_run) for cell_run in map(known.get, map(_key, cells))):
        _refuse_missing(text, tagger=tagger)
        if detach:
            words = [
                *(f"--set={each}" for each in sets),
                f"--seeds={seeds}",
                f"--name={asked.name}",
                *length.arguments(),
            ]
            words += ["--tagger"] * tagger + ["--json"] * as_json + ["--quiet"] * quiet
            return sweep_process.detach(process, ["sweep", *words, "--", text])
        import lstmterm.nn  # noqa: F401 - raises `NoTorch` where torch cannot be loaded, before there is a run

        try:
            with process.held():
                code = _train(asked, cells, known, process, silent=as_json or quiet)
        finally:
            if not process.log.exists():  # else the process that started this one reads why it ended
                process.forget()
        if code is not None:
            return code
    _print(asked, cells, known, as_json)
    has_all = known.keys() >= {*map(_key, cells)}
    return 0 if has_all and all(summarize(run).status == "finished" for run in known.values()) else 1


def _refuse_missing(text: str, *, tagger: bool) -> None:
    """Raise `InputError` unless a text, or tagged data, of this name is there."""
    from lstmterm.tagging import ciphers
    from lstmterm.tagging.treebank import finding

    if not tagger:
        source_of(text)
    elif not ciphers.is_cipher(text):
        finding.find(text)


def _train(
    asked: Sweep, cells: list[Cell], known: dict[Key, Run], process: SweepProcess, *, silent: bool
) -> int | None:
    """Make the runs of all cells, and put them into `known`; an exit code if it was stopped."""
    signals = StopSignals()
    with signals:
        for i, cell in enumerate(cells):
            run = known.get(_key(cell))
            if run is not None and _is_over(run):
                continue
            run, child = _start(asked, cell, run)
            known[_key(cell)] = run
            if not silent:
                note(f"Run {i + 1} of {len(cells)}: {cell}. Follow it: {command('attach', run.id)}")
            ended = _follow(run, child, lambda: bool(signals.reason) or process.stop_requested())
            if ended is None:
                del known[_key(cell)]
            if not silent:
                note(_in_words(ended))
            if signals.reason or process.stop_requested():
                note(f"Stopped. {sweep_process.CONTINUES}")
                return signals.exit_code
    return None


def _in_words(ended: Summary | None) -> str:
    """How a run of the sweep ended, as `_follow` returns it."""
    if ended is None:
        return getting_ready.NOTHING_KEPT
    loss = "" if ended.val_loss is None else f", val_loss {figure(ended.val_loss, 4)}"
    return f"{ended.status}{loss}"


def _key(cell: Cell) -> Key:
    return tuple(sorted(cell.marks.items()))


def _runs_of(asked: Sweep) -> dict[Key, Run]:
    """The runs that the sweep has made, by what they vary; of several the latest."""
    found = [(run, marks.read(run)) for run in reversed(storage.all_runs())]
    return {tuple(sorted(each.cell.items())): run for run, each in found if each.group == asked.group}


def _is_over(run: Run) -> bool:
    """Whether there is nothing left to train: it finished, or failed in a way that would repeat."""
    return run.status() in ("finished", "damaged") or (run.status() == "failed" and run.journal.exists())


def _start(asked: Sweep, cell: Cell, run: Run | None) -> tuple[Run, Child | None]:
    """Start the run of a cell, or resume it, in a process of its own; None for a run that another process still trains."""
    if run is not None and run.status() == "running":
        return run, None
    if run is not None and run.has_state():
        return run, launching.launch(["resume", run.id, "--quiet"], run.id)
    if run is not None:
        storage.remove(run)  # it was killed before its first save
    request = asked.request(cell)
    run = storage.new_run(str(request.name))
    marks.write(run, Marks(group=asked.group, cell=cell.marks))
    words = [*request.to_arguments(), "--overwrite", "--run-id", run.id, "--quiet"]
    return run, launching.launch(words, run.id)


def _follow(run: Run, child: Child | None, should_stop: Callable[[], bool]) -> Summary | None:
    """Wait until a run ends, and ask it to save and stop if it should.

    None if it was stopped before it trained, and is gone. Raises `RunError` if it could not begin, and `InputError`
    if its process refused the text or the settings.
    """
    while run.status() == "running":
        if should_stop():
            run.request_stop()
        time.sleep(_LOOK_EVERY)
    if not run.folder.exists():
        return None
    ended = summarize(run)
    refused = child is not None and child.wait() == InputError.exit_code
    if refused or not run.journal.exists():
        reason = last_line(run) or f"The run {run.id} ended before it began, and printed nothing."
        if not run.journal.exists():
            storage.remove(run)
        raise InputError(reason) if refused else RunError(reason)
    return ended


def _print(asked: Sweep, cells: list[Cell], known: dict[Key, Run], as_json: bool) -> None:
    """Print a row for each combination, with the mean of its seeds and their spread."""
    combinations: dict[tuple[str, ...], list[Summary]] = {}
    for cell in cells:
        made = combinations.setdefault(tuple(cell.settings.values()), [])
        if run := known.get(_key(cell)):  # else it was stopped before it trained
            made.append(summarize(run))
    facts = [_facts(asked, values, found) for values, found in combinations.items()]
    tagged = asked.kind == "tagger"
    best = _best(facts, "dev_accuracy" if tagged else "val_loss")
    if as_json:
        for each in facts:
            click.echo(json.dumps(each | {"best": each is best}, allow_nan=False))
        return
    names = [knob.option for knob in asked.varied]
    figures = (
        {
            "accuracy": ("dev_accuracy", _percent),
            "spread": ("dev_accuracy_std", _percent),
            "val_loss": ("val_loss", _loss),
        }
        if tagged
        else {
            "val_loss": ("val_loss", _loss),
            "spread": ("val_loss_std", _loss),
            "reset": ("val_loss_reset", _loss),
        }
    )
    headings = [*names, "runs", *figures, "time", ""]
    rows = [
        (*each["settings"].values(), _states(each), *(shown(each[name]) for name, shown in figures.values()),
         duration(each["seconds"] or 0), "best" if each is best else "")
        for each in facts
    ]  # fmt: skip
    print_table(headings, rows, right=(*figures, "time"))
    if asked.seeds > 1:
        means, of = (
            ("accuracy and val_loss", "of accuracy") if tagged else ("val_loss and reset", "of val_loss")
        )
        note(f"{means} are means of {plural(asked.seeds, 'seed')}; spread is the standard deviation {of}.")
    note(f"List the runs: {sweep_process.listing(asked.group)}")


def _facts(asked: Sweep, values: tuple[str, ...], found: list[Summary]) -> dict[str, Any]:
    """A combination as an object: losses in nats, times in seconds, means over its finished runs."""
    done = [summary for summary in found if summary.status == "finished"]
    tagged = {}
    if asked.kind == "tagger":
        accuracy, accuracy_spread = mean_and_spread([_accuracy(summary.id) for summary in done])
        tagged = {"dev_accuracy": accuracy, "dev_accuracy_std": accuracy_spread}
    val, spread = mean_and_spread([summary.val_loss for summary in done])
    reset, reset_spread = mean_and_spread([summary.val_loss_reset for summary in done])
    return {
        "group": asked.group,
        "settings": dict(zip([knob.option for knob in asked.varied], values, strict=True)),
        "val_loss": val,
        "val_loss_std": spread,
        "val_loss_reset": reset,
        "val_loss_reset_std": reset_spread,
        "seconds": mean_and_spread([summary.seconds for summary in done])[0],
        "runs": [summary.id for summary in found],
        "finished": len(done),
        **tagged,
    }


def _accuracy(run_id: str) -> float | None:
    """The accuracy of a finished tagger on its validation sentences."""
    end = Progress.of(storage.run_of(run_id).events()).end
    return end.metrics.get("dev_accuracy") if isinstance(end, Finished) else None


def _best(facts: list[dict[str, Any]], figure: str) -> dict[str, Any] | None:
    """The combination with the lowest loss, or with the highest accuracy; None where nothing is finished."""
    known = [each for each in facts if each[figure] is not None]
    choose = max if figure == "dev_accuracy" else min
    return choose(known, key=lambda each: each[figure], default=None)


def _states(facts: dict[str, Any]) -> str:
    made, done = len(facts["runs"]), facts["finished"]
    return str(made) if done == made else f"{done} of {made}"


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:.2%}"


def _loss(value: float | None) -> str:
    return "" if value is None else figure(value, 4)
