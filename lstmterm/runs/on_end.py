"""The user's command for the end of a run: `--on-end`, or `on_end` in the settings.

It is started as a list of words, never through a shell, and reads what happened in its environment.
"""

import math
import os
import shlex
import shutil
import subprocess

from lstmterm import paths
from lstmterm.amounts import figure, plural
from lstmterm.errors import InputError
from lstmterm.runs import marks
from lstmterm.runs.events import NOT_FINITE, Finished
from lstmterm.runs.folder import Run
from lstmterm.runs.summary import Summary, latest, summarize

_PREFIX = "LSTMTERM_"


def words(command: str) -> list[str]:
    """The words of a command, divided as a shell would. Raises `InputError` if its program does not exist."""
    try:
        found = shlex.split(command)
    except ValueError as error:
        raise InputError(f"The command for the end of a run, {command!r}, has an error: {error}.") from None
    if not found:
        return []
    program = os.path.expanduser(found[0])
    if shutil.which(program) is None:
        raise InputError(
            f"The command for the end of a run starts with {found[0]!r}, which is not a program that can be run; "
            "it is not read by a shell, so write `sh -c '...'` for one."
        )
    return [program, *found[1:]]


def sentence(summary: Summary) -> str:
    """How a run ended, in a few words: after how many steps, and with which loss or why."""
    loss = "" if summary.val_loss is None else f", validation loss {figure(summary.val_loss)}"
    why = f": {summary.reason}" if summary.reason else loss
    return f"{_state(summary)} after {plural(summary.step, 'step')}{why}"


def _state(summary: Summary) -> str:
    """Its status, or "diverged" where its loss was not finite in the end."""
    is_diverged = summary.status == "failed" and summary.reason.startswith(NOT_FINITE)
    return "diverged" if is_diverged else summary.status


def environment(run: Run) -> dict[str, str]:
    """The facts of a run that ended, by the names of environment variables; what is not known is empty."""
    summary, end = summarize(run, run.outcome()), latest(run).end
    done = end if isinstance(end, Finished) else None
    model = paths.model(summary.name)
    facts = {
        "RUN": summary.id,
        "NAME": summary.name,
        "STATE": _state(summary),
        "REASON": summary.reason,
        "KIND": {"charlm": "character"}.get(summary.task, summary.task),
        "TEXT": summary.corpus,
        "STEP": str(summary.step),
        "STEPS": str(summary.steps),
        "VAL_LOSS": _number(summary.val_loss),
        "VAL_LOSS_RESET": _number(summary.val_loss_reset),
        "TEST_LOSS": _number(done.test_loss if done else None),
        "MINUTES": "" if summary.seconds is None else f"{summary.seconds / 60:.2f}",
        "CHARS_PER_SECOND": _number(summary.chars_per_second),
        "MODEL": str(model) if model.exists() else "",
        "FOLDER": str(run.folder),
        "GROUP": marks.read(run).group,
    }
    metrics = (
        {name.upper(): _number(value) for name, value in done.metrics.items() if name.isidentifier()}
        if done
        else {}
    )
    return {_PREFIX + name: value.replace("\0", "") for name, value in (metrics | facts).items()}


def start(command: list[str], run: Run, output: int | None = None) -> subprocess.Popen[bytes]:
    """Start a command for a run that ended, with its output to a descriptor. Raises `OSError` if it cannot be."""
    environ = {**os.environ, **environment(run)}
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, env=environ)


def _number(value: float | None) -> str:
    return "" if value is None or not math.isfinite(value) else f"{value:.6g}"
