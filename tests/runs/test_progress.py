"""What a run's events add up to: the resume rule, the time left, the verdicts."""

import math

import pytest

from lstmterm.runs import events
from lstmterm.runs.progress import Progress
from tests.ui.journals import NOW, learning


def told(found: list[events.Event]) -> Progress:
    progress = Progress()
    for event in found:
        progress.take(event)
    return progress


def test_what_a_run_knows_in_the_middle() -> None:
    progress = told(learning())
    assert progress.step == 4116
    assert progress.share == pytest.approx(0.42)
    assert progress.best is not None
    assert progress.best[0] == 3840
    assert len(progress.samples) == 8
    assert progress.verdict().startswith("Still improving")
    assert "trigram" in progress.verdict()


def test_the_time_left_is_the_rest_at_the_present_pace() -> None:
    progress = told(learning())
    left = progress.seconds_left(progress.times[-1])
    assert left == pytest.approx((9800 - 4116) / 46, rel=0.05)
    assert told(learning(done=1, ending="finished")).seconds_left(NOW) is None


def test_after_resumed_what_came_later_is_forgotten() -> None:
    found = learning()
    progress = told([*found, events.Resumed(step=2000, time=NOW, steps=9800)])
    assert progress.step <= 2000
    assert all(s.step <= 2000 for s in progress.samples)
    assert all(step <= 2000 for step, _ in progress.validations)
    assert len(progress.steps) == len(progress.losses) == len(progress.smooth) == len(progress.times)


def test_overfitting_is_told_with_the_step_of_the_best() -> None:
    progress = told(learning(done=0.9, overfits=True))
    assert progress.overfitting_since() == 3360
    assert progress.verdict() == "Overfitting since step 3,360; the best is kept."
    assert told(learning(done=0.9)).overfitting_since() is None


def evaluations(*losses: float) -> list[events.Event]:
    """A run whose validation losses are these, one every hundred steps."""
    began = learning(done=0)
    return began + [
        events.Evaluated(step=100 * (i + 1), time=NOW, val_loss=loss, train_loss=loss - 0.1 * i, best=False)
        for i, loss in enumerate(losses)
    ]


@pytest.mark.parametrize(
    ("losses", "said"),
    [
        ((2.0, 1.9), "Still improving; the best so far is saved. It beats the trigram baseline."),
        ((2.0, 1.9, 1.901), "About level with the best, of step 200; that is kept."),
        ((2.0, 1.9, 1.95), "No better since step 200; the best is kept."),
        ((2.0, 1.9, 1.95, 1.93), "No better since step 200; the best is kept."),
        ((2.0, 1.9, 1.901, 1.902, 1.901, 1.903), "No better since step 200; the best is kept."),
        ((2.0, 1.9, 1.95, 1.96, 1.97), "Overfitting since step 200; the best is kept."),
        ((2.0, 1.9, 1.95, 1.89), "Still improving; the best so far is saved. It beats the trigram baseline."),
        ((1.5, 1.4999, 1.4998, 1.4997, 1.4996), "Levelling off; more of the same would change little. The best is kept."),
    ],
)  # fmt: skip
def test_the_verdict_compares_the_latest_with_the_best(losses: tuple[float, ...], said: str) -> None:
    assert told(evaluations(*losses)).verdict() == said


@pytest.mark.parametrize(
    ("ending", "said"),
    [("finished", "Finished at 1."), ("stopped", "Stopped at step"), ("failed", "The loss left the finite")],
)
def test_endings_are_told(ending: str, said: str) -> None:
    assert told(learning(done=0.5, ending=ending)).verdict().startswith(said)


def test_a_run_without_validation_text_has_a_verdict() -> None:
    found = [e for e in learning(done=0.1) if not isinstance(e, events.Evaluated)]
    found.append(events.Evaluated(step=900, time=NOW, val_loss=None, train_loss=1.0, best=True))
    assert "no validation text" in told(found).verdict()


def test_a_loss_that_is_not_a_number_is_survived() -> None:
    found = learning(done=0.1)
    bad = events.Step(
        step=2000,
        time=NOW,
        steps=1,
        loss=math.nan,
        epoch=1,
        chars_per_second=1,
        learning_rate=1,
        gradient_norm=math.nan,
    )
    assert math.isfinite(told([*found, bad]).train_loss)
