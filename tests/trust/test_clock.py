"""The clock is set back and forth while runs train: rates, times left and the order of runs stay as they are."""

import dataclasses
import os
import random
import time
from datetime import datetime, timedelta, timezone

import pytest

from lstmterm.nn import train
from lstmterm.nn.task import Session
from lstmterm.runs import recording, storage
from lstmterm.runs.events import Step
from lstmterm.runs.folder import Run
from lstmterm.runs.progress import Progress
from lstmterm.runs.summary import summaries
from tests.recorded import FINISHED, STARTED, a_run
from tests.small import small_task

PROMISE = "The clock may jump by a day: rates, times left and the order of runs stay true"
LONG = 20
DAY = 86_400.0


def check(rounds: int) -> str:
    """Record a run for each of `rounds` jumps of the clock, after as many runs of 0.1.0 in random zones."""
    draw, shift, real = random.Random(1), 0.0, time.time
    most_left, steps = 0.0, 0
    runs = [old_run(real() - (rounds - i) * 617, draw) for i in range(rounds)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time", lambda: real() + shift)
        for _ in range(rounds):
            task, progress = small_task(steps=40, evaluate_every=4), Progress()
            run = storage.create(
                storage.new_run("tides").id, dataclasses.replace(task.spec, name="tides").to_json()
            )
            runs.append(run)
            assert storage.find("tides") == run, "the name finds an older run before this one trains"
            begun, jump_at = time.monotonic(), draw.randint(0, 38)
            events = train.train(task, task.spec.training, Session(run.folder))
            for event in recording.record(run, events):
                if event.step == jump_at:
                    shift += draw.choice((-DAY, DAY))
                    jump_at = -1
                assert not progress.times or event.time >= progress.times[-1], "time ran backwards"
                progress.take(event)
                if isinstance(event, Step):
                    steps += 1
                    took = time.monotonic() - begun
                    assert 0 < event.chars_per_second < 1e9
                    left = progress.seconds_left(time.time())
                    assert left is None or left <= 60 * took + 60, f"{left:.0f} s left after {took:.0f} s"
                    most_left = max(most_left, left or 0.0)
            assert progress.times[-1] - progress.times[0] < time.monotonic() - begun + 1
            for file in run.folder.iterdir():
                os.utime(file, (real() + 30 * DAY, real() + 30 * DAY))
            assert run.status() == "finished", "a run that nobody trains counts as running"
            assert storage.find("tides") == run, "the name finds an older run"
    assert storage.all_runs() == runs[::-1]
    assert [row.id for row in summaries()] == [run.id for run in runs[::-1]]
    return (
        f"{rounds} jumps of a day: {steps} rates and times left true (at most {most_left:.1f} s left), "
        f"{len(runs)} runs in the order in which they began, {rounds} of them with ids in random zones"
    )


def old_run(began: float, draw: random.Random) -> Run:
    """A run as 0.1.0 left it: the time in its id is that of its zone, and its journal says when it began."""
    local = datetime.fromtimestamp(began, timezone(timedelta(hours=draw.randint(-12, 14))))
    run_id = f"{local:%Y%m%d-%H%M%S}-tides"
    return a_run(run_id, dataclasses.replace(STARTED, time=began + 1, run=run_id), FINISHED)


def test_clock() -> None:
    assert "in the order" in check(4)
