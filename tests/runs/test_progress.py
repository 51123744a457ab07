"""What a run's events add up to: figures, undoing after a resume, the time left."""

import dataclasses
import math

import pytest

from lstmterm.runs import events
from lstmterm.runs.progress import MOST_EVALUATIONS, MOST_POINTS, MOST_SAMPLES, Progress
from tests.ui.journals import NOW, learning


def test_figures_in_the_middle_of_a_run() -> None:
    progress = Progress.of(learning())
    assert progress.step == 4116
    assert progress.share == pytest.approx(0.42)
    assert progress.best is not None
    assert progress.best[0] == 3840
    assert len(progress.samples) == 8


def test_the_time_left_is_estimated_from_the_present_pace() -> None:
    progress = Progress.of(learning())
    left = progress.seconds_left(progress.times[-1])
    assert left == pytest.approx((9800 - 4116) / 46, rel=0.05)
    assert Progress.of(learning(done=1, ending="finished")).seconds_left(NOW) is None


def stepped(step: int) -> events.Step:
    """A training loss that stands for ten steps."""
    return events.Step(
        step=step, time=float(step), steps=10, loss=2 - step / 100, epoch=0.1,
        chars_per_second=1e5, learning_rate=1e-3, gradient_norm=0.5,
    )  # fmt: skip


def test_a_resume_undoes_later_steps() -> None:
    found = learning()
    progress = Progress.of([*found, events.Resumed(step=2000, time=NOW, steps=9800)])
    assert progress.step == 2000
    assert all(s.step <= 2000 for s in progress.samples)
    assert all(step <= 2000 for step, _ in progress.validations)
    assert len(progress.steps) == len(progress.losses) == len(progress.smooth) == len(progress.times)
    assert len(progress.steps) == len(progress.rates) == len(progress.norms)


def test_after_a_resume_the_curves_are_those_of_a_run_that_never_stopped() -> None:
    resumed = events.Resumed(step=20, time=0, steps=60)
    stopped = events.Stopped(step=40, time=0, reason="SIGINT")
    straight = [learning(done=0)[0], *map(stepped, range(10, 61, 10))]
    broken = [*straight[:5], stopped, resumed, *straight[3:]]
    assert Progress.of(broken).smooth == Progress.of(straight).smooth
    assert Progress.of(broken).steps == Progress.of(straight).steps
    assert Progress.of(broken).end is None


def test_a_second_resume_undoes_what_the_first_left() -> None:
    first, second = (events.Resumed(step=n, time=0, steps=50) for n in (20, 10))
    progress = Progress.of([stepped(10), stepped(20), first, stepped(30), second, stepped(20)])
    assert [*progress.steps] == [10, 20]
    assert progress.resumed == second


def test_overfitting_is_dated_from_the_best_step() -> None:
    progress = Progress.of(learning(done=0.9, overfits=True))
    assert progress.overfitting_since() == 3360
    assert Progress.of(learning(done=0.9)).overfitting_since() is None


def test_a_loss_that_is_not_a_number_is_skipped() -> None:
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
    assert math.isfinite(Progress.of([*found, bad]).train_loss)


def test_there_is_no_time_left_to_tell_where_no_time_has_passed() -> None:
    readings = [dataclasses.replace(stepped(k), time=NOW) for k in (10, 20, 30)]
    progress = Progress.of([dataclasses.replace(learning(done=0)[0], time=NOW), *readings])
    assert progress.seconds_left(NOW) is None


def test_the_time_left_knows_that_the_models_of_a_run_take_different_times() -> None:
    first = learning(done=0)[0]
    assert isinstance(first, events.Started)
    began = dataclasses.replace(first, time=0, steps=200, costs=(1.0, 3.0))
    readings = [
        dataclasses.replace(stepped(k), time=min(k, 100) + 3 * max(k - 100, 0)) for k in range(1, 151)
    ]
    for made, left in ((50, 50 + 300), (100, 300), (110, 270), (150, 150)):
        progress = Progress.of([began, *readings[:made]])
        assert progress.seconds_left(progress.times[-1]) == pytest.approx(left)


def test_the_time_between_two_models_is_not_that_of_steps() -> None:
    first = learning(done=0)[0]
    assert isinstance(first, events.Started)
    began = dataclasses.replace(first, time=0, steps=200, costs=(1.0, 3.0))
    progress = Progress.of([began])
    for k in range(1, 104):
        progress.take(dataclasses.replace(stepped(k), time=min(k, 100) + (3 * (k - 100) + 30) * (k > 100)))
        if k == 101:
            assert progress.seconds_left(progress.times[-1]) is None
        if k > 101:
            assert progress.seconds_left(progress.times[-1]) == pytest.approx(3 * (200 - k))


def test_evaluations_take_their_share_of_the_time_left_at_any_moment() -> None:
    first = learning(done=0)[0]
    assert isinstance(first, events.Started)
    progress, now, estimates = Progress.of([dataclasses.replace(first, time=0, steps=1000)]), 0.0, []
    for step in range(1, 1001):
        now += 1
        progress.take(dataclasses.replace(stepped(step), time=now))
        if step >= 150:
            estimates.append((progress.seconds_left(now) or 0.0) / ((1000 - step) * 1.1 or 1.0))
        if step % 50 == 0:
            now += 5
            progress.take(dataclasses.replace(evaluated(step, 1.5), time=now))
    assert 0.9 < min(estimates[:-100]) < max(estimates[:-100]) < 1.1


def evaluated(step: int, val_loss: float) -> events.Evaluated:
    return events.Evaluated(step=step, time=0, val_loss=val_loss, train_loss=1, best=False)


def test_a_long_run_stays_small_and_a_whole_one_has_every_point() -> None:
    long: list[events.Event] = [learning(done=0)[0], *map(stepped, range(1, 100_001))]
    progress, whole = Progress.of(long), Progress.of(long, whole=True)
    assert len(progress.steps) <= MOST_POINTS
    assert len(whole.steps) == 100_000
    assert (progress.step, progress.train_loss) == (whole.step, whole.train_loss)
    assert (min(progress.losses), max(progress.losses)) == (min(whole.losses), max(whole.losses))
    left = progress.seconds_left(100_001.0)
    progress.take(events.Resumed(step=90_000, time=0, steps=200_000))
    for series in (progress.losses, progress.smooth, progress.rates, progress.norms, progress.times):
        assert len(series) == len(progress.steps)
    assert left == whole.seconds_left(100_001.0)
    assert progress.seconds_left(100_001.0) is None
    progress = Progress.of([*long[:3], events.Resumed(step=2, time=0, steps=200_000), *long[3:]])
    assert progress.seconds_left(100_001.0) == pytest.approx(100_000 - 1)


def test_many_evaluations_and_samples_are_thinned_without_losing_the_best_and_the_newest() -> None:
    sample = next(e for e in learning() if isinstance(e, events.Sampled))
    progress = Progress()
    for step in range(1, 5001):
        progress.take(evaluated(step, 0.5 if step == 1234 else 1 + step / 5000))
        progress.take(dataclasses.replace(sample, step=step))
    assert progress.best == (1234, 0.5)
    assert progress.overfitting_since() is None
    assert len(progress.evaluated) <= MOST_EVALUATIONS
    assert [e.step for e in progress.evaluated[-3:]] == [4998, 4999, 5000]
    assert len(progress.samples) <= MOST_SAMPLES
    assert (progress.samples[0].step, progress.samples[-1].step) == (1, 5000)
