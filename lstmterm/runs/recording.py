"""Recording a run: its journal, its summary, its best model in the library; and following a journal."""

import time
from collections.abc import Iterable, Iterator

from lstmterm import atomic, paths
from lstmterm.errors import RunError, too_large
from lstmterm.runs.events import Event, Failed, Finished, Saved, Warned
from lstmterm.runs.folder import Run
from lstmterm.runs.journal import Journal, JournalReader
from lstmterm.runs.summary import SummaryWriter


def record(run: Run, events: Iterable[Event]) -> Iterator[Event]:
    """Pass events on, write each to the journal first, and publish the best model as it improves.

    The caller holds the run (`storage.writing`). An error on the way is recorded as `Failed` and raised
    again; one that comes before the first event of a resumed run is only raised. A full disk is no error
    until the end: files are written when there is room again. Raises `RunError` if the journal or the final
    model cannot be written then.
    """
    last: Event | None = None
    resumed = run.journal.exists()
    with Journal(run.journal) as journal:
        summary, library = SummaryWriter(run), _Library(run)

        def write(event: Event) -> None:
            journal.append(event)
            summary.take(event)

        try:
            for event in events:
                if isinstance(event, Finished) and library.error:
                    raise library.error
                write(event)
                last = event
                warning = library.take(event) if isinstance(event, Saved) else None
                yield event
                if warning:
                    write(warning)
                    yield warning
            journal.write()
        except GeneratorExit:
            raise
        except Exception as error:
            known = too_large(error) or (error if isinstance(error, atomic.WriteError) else None)
            failure = _how_to_continue(run, known) if known else error
            if last is not None or not resumed:
                step, message = last.step if last else 0, str(failure) or type(failure).__name__
                write(Failed(step=step, time=time.time(), message=message))
            raise failure from failure.__cause__


def _how_to_continue(run: Run, error: Exception) -> RunError:
    """The error, with what to do when there is room again, on the disk or in memory."""
    after = (
        f"continue with `lstmterm resume {run.id}`"
        if run.has_state()
        else "start the run again; nothing was saved yet"
    )
    return RunError(f"{error} Then {after}.")


class _Library:
    """Publishes a run's best model when it was saved, and again at later saves where that failed."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._due = False
        self.error: atomic.WriteError | None = None  # why the last model is not published

    def take(self, saved: Saved) -> Warned | None:
        """Publish the model if there is a new one; returns a warning if that fails for the first time."""
        self._due = self._due or saved.what == "model"
        if not self._due:
            return None
        before, self.error = self.error, None
        try:
            atomic.copy(self._run.best, paths.model(self._run.spec["name"]))
        except atomic.WriteError as error:
            self.error = error
        self._due = self.error is not None
        if self.error is None or before is not None:
            return None
        message = f"{self.error} Training continues, and publishing the model is tried again."
        return Warned(step=saved.step, time=time.time(), message=message)


def follow(run: Run, poll: float = 0.1) -> Iterator[Event]:
    """All events from the first on, and new ones as they are written, until the run ends."""
    reader = JournalReader(run.journal)
    while True:
        running = run.status() == "running"
        yield from reader.read()
        if not running:
            return
        time.sleep(poll)
