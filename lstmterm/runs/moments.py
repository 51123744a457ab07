"""What happened in a run at single steps, as a chart marks it: the best loss, restarts, rollbacks, warnings."""

import math
from dataclasses import dataclass

from lstmterm.runs.progress import Progress

MEANINGS = {
    "!": "message",
    "↻": "resumed",
    "↶": "rolled back",
    "×": "not finite",
    "◆": "best",
}  # of the marks


@dataclass(frozen=True)
class Moment:
    """Something that happened after a step; the mark is one character."""

    step: int
    mark: str
    text: str


def moments_of(progress: Progress) -> list[Moment]:
    """The moments of a run, those last that matter most where several have one place."""
    rollbacks = {warned.step for warned in progress.warnings if "Returning to step" in warned.message}
    found = [Moment(at.step, "!", at.message) for at in progress.warnings if at.step not in rollbacks]
    found += [
        Moment(at.step, "↻", f"Resumed at step {at.step:,}.")
        for at in progress.restarts
        if at.step not in rollbacks
    ]
    found += [Moment(at.step, "↶", at.message) for at in progress.warnings if at.step in rollbacks]
    found += _not_finite(progress)
    if progress.best is not None:
        found.append(Moment(progress.best[0], "◆", "The best validation loss."))
    return found


def _not_finite(progress: Progress) -> list[Moment]:
    """Where the loss stops being finite."""
    if math.isfinite(sum(progress.losses)):
        return []
    was, found = True, []
    for step, loss in zip(progress.steps, progress.losses, strict=True):
        now = math.isfinite(loss)
        if was and not now:
            found.append(Moment(step, "×", f"The loss was not finite at step {step:,}."))
        was = now
    return found
