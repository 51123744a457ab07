"""Recording a run's events, publishing its best model, and following what is recorded."""

import time
from collections.abc import Iterable, Iterator

from lstmterm import atomic, paths
from lstmterm.runs.events import Event, Failed, Saved
from lstmterm.runs.folder import Run
from lstmterm.runs.journal import Journal, JournalReader, lasting
from lstmterm.runs.storage import refuse_running


def record(run: Run, events: Iterable[Event]) -> Iterator[Event]:
    """Pass events on, keep them in the journal, and publish the best model as it improves.

    The caller holds the run. An error on the way is kept as `Failed` before it goes on, unless it
    came before a sitting that was to go on with the run had done anything. Raises
    `InputError` when another run trains a model of this name: the two would replace each other's.
    """
    refuse_running(run.name, besides=run)
    last: Event | None = None
    goes_on = run.journal.exists()
    with Journal(run.journal) as journal:
        try:
            for event in events:
                journal.append(event)
                if isinstance(event, Saved) and event.what == "model":
                    publish(run)
                last = event
                yield event
        except GeneratorExit:
            raise
        except Exception as error:
            if last is not None or not goes_on:
                step = last.step if last else 0
                message = str(error) or type(error).__name__
                journal.append(Failed(step=step, time=time.time(), message=message))
            raise


def publish(run: Run) -> None:
    """Put the run's best model in the library under its name."""
    atomic.write_bytes(paths.models() / f"{run.spec['name']}.safetensors", run.best.read_bytes())


def history(run: Run) -> list[Event]:
    """The events that hold, up to now."""
    return lasting(JournalReader(run.journal).read())


def follow(run: Run, poll: float = 0.1) -> Iterator[Event]:
    """All its events as they were written, those to come too, until no process writes any more."""
    reader = JournalReader(run.journal)
    while True:
        running = run.status() == "running"
        yield from reader.read()
        if not running:
            return
        time.sleep(poll)
