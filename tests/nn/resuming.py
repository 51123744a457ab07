"""A run that a test resumes."""

from collections.abc import Iterator
from typing import Any

from lstmterm.nn import session
from lstmterm.nn.task import StopCheck
from lstmterm.runs.events import Event
from lstmterm.runs.folder import Run


def resume_run(
    run: Run, should_stop: StopCheck, started: float, *more: Any, **options: Any
) -> Iterator[Event]:
    """The events of `session.resuming` with these arguments."""
    with session.resuming(run, should_stop, started, *more, **options) as events:
        yield from events
