"""Recording a run: its journal, its summary, its best model in the library; and following a journal."""

import time
from collections.abc import Iterable, Iterator

from lstmterm import atomic, paths
from lstmterm.errors import RunError, too_large
from lstmterm.runs.events import Event, Failed, Finished, Resumed, Saved, Warned
from lstmterm.runs.folder import STATE, Run
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
            summary.take(event, is_written=not journal.is_behind)

        try:
            for event in events:
                if isinstance(event, Finished) and library.error:
                    raise library.error
                gap = _gap(run, summary.step, event)
                write(event)
                last = event
                warnings = gap, library.take(event), _dropped(journal, event)
                yield event
                for warning in warnings:
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


def _gap(run: Run, recorded: int, event: Event) -> Warned | None:
    """A warning where a run resumes after steps that its journal lacks, of which `recorded` is the last that it has.

    The journal of a run whose disk was full, or of a machine that lost its power, may end before the last save.
    """
    is_one_model = (run.folder / STATE).exists()  # steps of several are counted on from where each was to end
    if not isinstance(event, Resumed) or event.step <= recorded or not is_one_model:
        return None
    message = (
        f"The journal lacks the steps {recorded + 1:,} to {event.step:,}, which could not be written to it before the "
        "run was ended; the model has learned from them, and only their losses are missing in its curve."
    )
    return Warned(step=event.step, time=time.time(), message=message)


def _dropped(journal: Journal, event: Event) -> Warned | None:
    """A warning where lines that waited for room on the disk became too many, once there is room."""
    if not (lost := journal.taken_losses()):
        return None
    message = f"The disk was full for so long that {lost:,} events are missing in the journal and the curve."
    return Warned(step=event.step, time=time.time(), message=message)


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

    def take(self, saved: Event) -> Warned | None:
        """Publish the model at a save if there is a new one; returns a warning if that fails for the first time."""
        if not isinstance(saved, Saved):
            return None
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
