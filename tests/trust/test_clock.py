"""The clock is set back and forth while runs train: rates, times left and the order of runs stay as they are."""

import random
import tempfile
import time
from pathlib import Path

import pytest

from lstmterm.nn import train
from lstmterm.nn.task import Session
from lstmterm.runs import storage
from lstmterm.runs.events import Step
from lstmterm.runs.progress import Progress
from tests.small import small_task

PROMISE = "The clock may jump by a day: rates, times left and the order of runs stay true"
LONG = 20
DAY = 86_400.0


def check(rounds: int) -> str:
    """Train and begin a run for each of `rounds` jumps of the clock."""
    draw, shift, real = random.Random(1), 0.0, time.time
    most_left, steps = 0.0, 0
    runs: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time", lambda: real() + shift)
        for _ in range(rounds):
            task, progress = small_task(steps=40, evaluate_every=4), Progress()
            begun, jump_at = time.monotonic(), draw.randint(2, 38)
            with tempfile.TemporaryDirectory() as folder:
                for event in train.train(task, task.spec.training, Session(Path(folder))):
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
            run = storage.new_run("tides")
            runs.append(run.id)
            assert storage.find("tides") == run, "the name finds an older run"
            assert run.status() == "failed", "a run that nobody trains counts as running"
    assert [run.id for run in storage.all_runs()][:rounds] == runs[::-1]
    return (
        f"{rounds} jumps of a day: {steps} rates and times left true (at most {most_left:.1f} s left), "
        f"{rounds} runs in the order in which they began"
    )


def test_clock() -> None:
    assert "in the order" in check(4)
