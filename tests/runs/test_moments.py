"""What happened in a run, as a chart marks it."""

import math

from lstmterm.runs import events
from lstmterm.runs.events import Step
from lstmterm.runs.moments import moments_of
from lstmterm.runs.progress import Progress
from tests.ui.journals import NOW, learning


def test_restarts_rollbacks_warnings_and_losses_that_are_not_finite_are_told_apart() -> None:
    found = learning()
    last = found[-1].step
    bad = Step(step=last + 1, time=NOW, steps=1, loss=math.nan, epoch=1, chars_per_second=1, learning_rate=1, gradient_norm=1)  # fmt: skip
    more = [
        events.Resumed(step=last, time=NOW, steps=9800),
        bad,
        events.Warned(step=last + 1, time=NOW, message="The disk is nearly full."),
    ]
    progress = Progress.of([*found, *more])
    assert sorted((m.step, m.mark) for m in moments_of(progress) if m.mark != "◆") == sorted(
        [(last, "↻"), (last + 1, "!"), (last + 1, "×")]
    )
    back = "The loss was not finite at step 9. Returning to step 2,000 with 0.5 of the learning rate."
    progress = Progress.of([*found, *more, events.Resumed(step=2000, time=NOW, steps=9800), events.Warned(step=2000, time=NOW, message=back)])  # fmt: skip
    assert [(m.step, m.mark) for m in moments_of(progress)] == [(2000, "↶"), (progress.best[0], "◆")]  # type: ignore[index]
