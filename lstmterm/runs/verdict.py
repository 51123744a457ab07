"""What the figures of a run mean, in a sentence or two."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from lstmterm.amounts import NATS_PER_BIT, figure
from lstmterm.runs.comparison import compared, weakest
from lstmterm.runs.events import Failed, Finished, Stopped
from lstmterm.runs.progress import Progress

if TYPE_CHECKING:
    from lstmterm.runs.folder import Status

_LEVEL = 1.002  # times the best loss: up to that, a loss is about as good
_PATIENCE = 4  # evaluations after the best one from which on about as good counts as no better
_NEWS_SECONDS = 30.0  # how long a warning is shown


def verdict(progress: Progress, status: Status, resume: str, reason: str = "") -> str:
    """What the state of a run and its figures mean; a recent warning comes first.

    `resume` is the key or the command that resumes it, empty if it cannot be resumed; `reason` is why it
    failed before its first event, or what is damaged.
    """
    match progress.end:
        case _ if status == "damaged":
            return f"This run is damaged: {reason}. It can only be removed."
        case _ if status == "interrupted":
            return f"Interrupted at step {progress.step:,}; {_next(resume)}"
        case Failed() as end:
            return _with_resume(end.message, progress, resume) if resume else end.message
        case Stopped() as end:
            return f"Stopped at step {end.step:,}; {_next(resume)}"
        case Finished() as end:
            return _final(progress, end)
    if status == "failed":
        return reason
    warning = progress.warnings[-1] if progress.warnings else None
    if warning and progress.latest and progress.latest.time - warning.time < _NEWS_SECONDS:
        return f"{warning.message} {_so_far(progress)}"
    return _so_far(progress)


def _with_resume(message: str, progress: Progress, resume: str) -> str:
    """What a run failed of, with what resumes it in place of the command that does."""
    command = f"`lstmterm resume {progress.started.run}`" if progress.started else ""
    if command and command in message:
        return message.replace(command, resume)
    return f"{message} {resume} resumes it from its last save."


def _next(resume: str) -> str:
    """What to do with a run that ended before its end."""
    return f"resume it with {resume}." if resume else "nothing was saved yet, so start it again."


def _so_far(progress: Progress) -> str:
    """What the losses of a run in progress mean."""
    if not progress.steps and not progress.evaluated:
        return "Starting: it reads the text, then measures for some seconds how fast this machine trains."
    if not progress.evaluated:
        return "Training has started; there is no validation loss yet."
    since = progress.overfitting_since()
    if since is not None:
        return f"Overfitting since step {since:,}; the best model is saved."
    if progress.best is None:
        if all(e.val_loss is None for e in progress.evaluated):
            return "There is no validation text; the latest weights are saved."
        return "The validation loss is not a number; training returns to its last good state."
    step, lowest = progress.best
    later = [loss for at, loss in progress.validations if at > step]
    if later and len(later) < _PATIENCE and min(later) <= lowest * _LEVEL:
        return f"About as good as the best, at step {step:,}, which is saved."
    if later:
        return f"No improvement since step {step:,}; the best model is saved."
    recent = [loss for _, loss in progress.validations[-5:]]
    if len(recent) == 5 and recent[0] - min(recent) < 0.002 * recent[0]:
        return "Levelling off; more training would change little. The best model is saved."
    return f"Still improving; the best so far is saved. {beaten(progress, lowest)}".rstrip()


def beaten(progress: Progress, loss: float | None) -> str:
    """How `loss` compares with the baselines, in a sentence; empty if it beats none."""
    counted = progress.started.counted if progress.started else 0
    found = "" if loss is None else compared(loss, progress.baselines, counted)
    return f"It {found}." if found else ""


def not_learned(progress: Progress) -> str:
    """That a finished run has learned nothing, and what may help; empty if it has, or if nobody can tell."""
    found = weakest(progress.baselines)
    end = progress.end
    if not isinstance(end, Finished) or end.val_loss is None or not found:
        return ""
    name, worst = found
    if end.val_loss <= worst:
        return ""
    return (
        f"It has not learned: {figure(end.val_loss)} nats per {progress.unit} are more than the {worst:.3f} of the {name} "
        "baseline; train for longer, or with a lower learning rate (--lr)."
    )


def _final(progress: Progress, end: Finished) -> str:
    if end.val_loss is None or not math.isfinite(end.val_loss):
        return f"Finished: saved as {end.model}."
    if failure := not_learned(progress):
        return f"Finished, saved as {end.model}. {failure}"
    bits = end.val_loss / NATS_PER_BIT
    result = (
        f"Finished at {figure(end.val_loss)} nats ({figure(bits, 2)} bits) per {progress.unit}; saved as {end.model}. "
        f"{beaten(progress, end.val_loss)}"
    ).rstrip()
    since = progress.overfitting_since()
    if since is None:
        return result
    return f"{result} It overfitted after step {since:,}; the model of that step is saved."
