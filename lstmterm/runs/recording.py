"""Recording a run: its journal, its summary, its best model in the library; and following a journal."""

import contextlib
import time
from collections.abc import Iterable, Iterator

from lstmterm import atomic, paths
from lstmterm.errors import RunError, too_large
from lstmterm.runs.events import Event, Failed, Saved
from lstmterm.runs.folder import Run
from lstmterm.runs.journal import Journal, JournalReader
from lstmterm.runs.summary import SummaryWriter


def record(run: Run, events: Iterable[Event]) -> Iterator[Event]:
    """Pass events on, write each to the journal first, and publish the best model as it improves.

    The caller holds the run (`storage.writing`). An error on the way is recorded as `Failed` and raised
    again; one that comes before the first event of a resumed run is only raised.
    """
    last: Event | None = None
    resumed = run.journal.exists()
    with Journal(run.journal) as journal:
        summary = SummaryWriter(run)

        def write(event: Event) -> None:
            journal.append(event)
            summary.take(event)

        try:
            for event in events:
                write(event)
                if isinstance(event, Saved) and event.what == "model":
                    atomic.write_bytes(paths.model(run.spec["name"]), run.best.read_bytes())
                last = event
                yield event
        except GeneratorExit:
            raise
        except Exception as error:
            known = too_large(error) or (error if isinstance(error, atomic.WriteError) else None)
            failure = _how_to_continue(run, known) if known else error
            if last is not None or not resumed:
                step, message = last.step if last else 0, str(failure) or type(failure).__name__
                with contextlib.suppress(atomic.WriteError):  # a full disk has no space for this either
                    write(Failed(step=step, time=time.time(), message=message))
            raise failure from failure.__cause__


def _how_to_continue(run: Run, error: Exception) -> RunError:
    """The error, with what to do when there is room again, on the disk or in memory."""
    saved = (run.folder / "state.safetensors").exists()
    after = (
        f"continue with `lstmterm resume {run.id}`" if saved else "start the run again; nothing was saved yet"
    )
    return RunError(f"{error} Then {after}.")


def follow(run: Run, poll: float = 0.1) -> Iterator[Event]:
    """All events from the first on, and new ones as they are written, until the run ends."""
    reader = JournalReader(run.journal)
    while True:
        running = run.status() == "running"
        yield from reader.read()
        if not running:
            return
        time.sleep(poll)
