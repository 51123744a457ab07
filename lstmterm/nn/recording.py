"""What a recorded run adds to its training: notes at its start, requests to stop."""

import time
from collections.abc import Iterable, Iterator

from lstmterm.nn.task import StopCheck
from lstmterm.runs.events import Event, Warned
from lstmterm.runs.folder import Run

STOP_LOOKS_EVERY = 0.2  # seconds between looks for a request to stop


def with_notes(events: Iterator[Event], notes: Iterable[str]) -> Iterator[Event]:
    """The events, and behind the first of them what is to be known of the data."""
    for i, event in enumerate(events):
        yield event
        if i == 0:
            for note in notes:
                yield Warned(step=0, time=time.time(), message=note)


def or_requested(run: Run, should_stop: StopCheck) -> StopCheck:
    """`should_stop`, or a request left in the run's folder, which is looked for now and then."""
    looked = time.monotonic()

    def check() -> str | None:
        nonlocal looked
        if reason := should_stop():
            return reason
        if time.monotonic() - looked > STOP_LOOKS_EVERY:
            looked = time.monotonic()
            if run.stop_requested():
                return "requested"
        return None

    return check
