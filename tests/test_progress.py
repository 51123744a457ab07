"""What a run's events add up to: the resume rule, the time left, the verdicts."""

import math

import pytest

from lstmterm import events
from lstmterm.progress import Progress, ago, count, duration, size
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


def test_figures_as_people_say_them() -> None:
    assert [duration(s) for s in (42, 725, 12_000, 400_000)] == ["0:42", "12:05", "3 h 20 min", "4 days 15 h"]
    assert [count(n) for n in (940, 72_400, 1_120_000, math.nan)] == ["940", "72.4k", "1.12M", "–"]
    assert [size(n) for n in (12, 460_000, 11_200_000)] == ["12 B", "460 kB", "11.2 MB"]
    assert [ago(s) for s in (5, 130, 7300, 200_000)] == ["just now", "2 min ago", "2 h ago", "2 d ago"]
