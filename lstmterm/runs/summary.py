"""The latest figures of a run, as lists of runs show them.

The writer of a run keeps the events that this needs in `summary.json`, with the length of the
journal that they cover. A reader adds the events after them, so that the cost is the same for a
long journal and a short one. Without the file (runs of lstmterm 0.1.0), after damage to it, and where a
resume undid what it says, the whole journal is read; if it is long and nobody writes to the run, the reader
then keeps the file, since what it says of the first lines of a journal stays true.
"""

import contextlib
import dataclasses
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from lstmterm import atomic, paths, plain_data
from lstmterm.errors import RunError
from lstmterm.runs.events import (
    Evaluated,
    Event,
    Failed,
    Finished,
    Resumed,
    Saved,
    Stopped,
    from_record,
    to_record,
)
from lstmterm.runs.folder import Run, Status, began
from lstmterm.runs.journal import JournalReader, first_event, last_event
from lstmterm.runs.progress import Progress, share_done
from lstmterm.runs.storage import known_runs

_LOG_END = 4_000  # characters of a log in which an error is looked for
_LONG = 4_000_000  # bytes of a journal that takes a moment to read

Told = Callable[[int, int], None]  # takes the bytes that are read, and how many there are


@dataclass(frozen=True)
class Summary:
    """The status and the latest figures of a run."""

    id: str
    name: str
    task: str  # the kind of model, in the journal's word: "charlm" or "tagger"; empty before it has a spec
    corpus: str
    status: Status
    step: int  # done
    steps: int  # that it will have; 0 while unknown
    best_step: int | None  # of its lowest validation loss
    val_loss: float | None  # final, of a finished run; the lowest so far, of another
    chars_per_second: float | None  # lately
    changed: float  # when its journal last grew, seconds since the epoch; 0 for never
    reason: str = ""  # why it failed, or what is damaged
    resumable: bool = False  # whether it ended before its end, with a state to resume from
    began: float = 0.0  # when it began, seconds since the epoch; later than the runs before it
    val_loss_reset: float | None = None  # final, of a finished run
    seconds: float | None = None  # of training so far; None for a run that resumed and is not finished
    is_read: bool = True  # whether its figures are known; a long journal is still to be read for them

    @property
    def share(self) -> float:
        """How much of its steps is done, 0 to 1."""
        return share_done(self.step, self.steps, self.status == "finished")


def summarize(run: Run, status: Status | None = None, *, told: Told | None = None) -> Summary:
    """The summary of a run. `status` saves a look at its lock if the caller knows it; `told` is told how far it is."""
    status = status or run.status()
    return _summary(run, status, Progress() if status == "damaged" else latest(run, told))


def glance(run: Run, status: Status | None = None) -> Summary:
    """As `summarize`, but at once: without the figures (`is_read`) where a long journal must be read for them."""
    status = status or run.status()
    progress = Progress() if status == "damaged" else _recorded(run)
    if progress is None and paths.size(run.journal) < _LONG:
        progress = _whole(run)
    if progress is not None:
        return _summary(run, status, progress)
    ends = [event for event in (first_event(run.journal), last_event(run.journal)) if event is not None]
    return dataclasses.replace(_summary(run, status, Progress.of(ends)), is_read=False)


def _summary(run: Run, status: Status, progress: Progress) -> Summary:
    step, loss = progress.best or (None, None)
    reason, reset = "", None
    if isinstance(progress.end, Finished):
        loss, reset = progress.end.val_loss, progress.end.val_loss_reset
    if status == "failed":
        said = progress.end.message if isinstance(progress.end, Failed) else last_line(run)
        reason = said or "It ended without a message."
    if status == "damaged":
        reason = run.damage()
    if progress.started is not None:
        task, corpus, steps = progress.started.task, progress.started.corpus, progress.total
    else:
        task, corpus, steps = _planned(run)
    return Summary(
        id=run.id,
        name=run.name,
        task=task,
        corpus=corpus,
        status=status,
        step=progress.step,
        steps=steps,
        best_step=step,
        val_loss=loss,
        chars_per_second=progress.latest.chars_per_second if progress.latest else None,
        changed=paths.changed(run.journal) or paths.changed(run.log),
        reason=reason,
        resumable=status in ("stopped", "interrupted", "failed") and run.has_state(),
        began=began(run.id, progress.started),
        val_loss_reset=reset,
        seconds=_seconds(progress),
    )


def _seconds(progress: Progress) -> float | None:
    """How long the training has taken, without the time between sessions; None if that is not known."""
    if isinstance(progress.end, Finished):
        return progress.end.seconds
    if progress.resumed is not None or progress.started is None or progress.latest is None:
        return None
    return max(progress.latest.time - progress.started.time, 0.0)


def summaries(told: Callable[[Run, int, int], None] | None = None) -> list[Summary]:
    """The summaries of all runs, the newest first, without those that are deleted meanwhile.

    `told` is told of a run that takes long: how many bytes of its journal are read, and how many there are.
    """
    found = [summarize(run, told=partial(told, run) if told else None) for run in known_runs()]
    return newest_first(summary for summary in found if (paths.runs() / summary.id).exists())


def newest_first(summaries: Iterable[Summary]) -> list[Summary]:
    """The summaries in the order of lists: the run that began last is the first."""
    return sorted(summaries, key=lambda summary: (summary.began, summary.id), reverse=True)


class SummaryWriter:
    """Keeps the `summary.json` of a run up to date while its one writer adds to the journal."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._progress = latest(run)

    @property
    def step(self) -> int:
        """The last step that the journal tells of."""
        return self._progress.step

    def take(self, event: Event, is_written: bool = True) -> None:
        """Add an event of the journal; the file stays as it is until all events are written there."""
        if isinstance(event, Resumed) and is_written:
            self._progress = _whole(self._run)
        else:
            self._progress.take(event)
        match event:
            case _ if not is_written:
                pass
            case Resumed() | Evaluated() | Saved(what="state") | Stopped() | Finished() | Failed():
                self._write()

    def _write(self) -> None:
        with contextlib.suppress(
            OSError
        ):  # the disk is full; the file as it is stays true, since readers add later events
            events = _write(self._run, self._progress, self._run.journal.stat().st_size)
            self._progress = Progress.of(events)  # the curves need not stay in memory


def _write(run: Run, progress: Progress, covered: int) -> list[Event]:
    """Write the summary of the first `covered` bytes of the journal; the events in it. Raises `OSError`."""
    events = _needed(progress)
    content = {"journal_bytes": covered, "events": [to_record(e) for e in events]}
    atomic.write_text(run.summary, json.dumps(content, indent=1))
    return events


def _needed(progress: Progress) -> list[Event]:
    """A few events that add up to the same summary as all of them."""
    finite = {step for step, _ in progress.validations}
    evaluated = [e for e in progress.evaluated if e.step in finite] or progress.evaluated
    best = [e for e in evaluated if progress.best and e.step == progress.best[0]][:1]
    last = [e for e in evaluated[-1:] if e not in best]
    found = (
        progress.started,
        progress.resumed,
        progress.shortened,
        *best,
        *last,
        progress.latest,
        progress.end,
    )
    return [event for event in found if event is not None]


def latest(run: Run, told: Told | None = None) -> Progress:
    """The progress of a run with some points of its curves: enough for its latest figures."""
    return _recorded(run) or _whole(run, told)


def _recorded(run: Run) -> Progress | None:
    """The progress by the kept events and those after them; None if they are not enough."""
    try:
        kept = plain_data.read(run.summary)
        covered = kept["journal_bytes"]
        events = [event for record in kept["events"] if (event := from_record(record)) is not None]
        if not 0 <= covered <= run.journal.stat().st_size:  # the journal lost its end in a crash
            return None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    later = [*JournalReader(run.journal, covered).outline()]
    if any(isinstance(event, Resumed) for event in later):
        return None
    return Progress.of([*events, *later])


def _whole(run: Run, told: Told | None = None) -> Progress:
    """The progress by the whole journal, which is kept for later readers if it is long."""
    reader, size, progress = JournalReader(run.journal), paths.size(run.journal), Progress()
    for event in reader.outline():
        progress.take(event)
        if told is not None and size > _LONG:
            told(reader.offset, size)
    if size > _LONG:
        with contextlib.suppress(OSError, RunError), run.unchanged():  # its writer keeps it itself
            _write(run, progress, reader.offset)
    return progress


def _planned(run: Run) -> tuple[str, str, int]:
    """The task, the corpus and the steps of a run that has no events, as far as they are known."""
    with contextlib.suppress(KeyError, TypeError, RunError):  # it is only starting, or damaged
        spec = run.spec
        data = spec["text"] if "text" in spec else spec["data"]
        return str(spec["task"]), str(data["name"]), int(spec["training"]["steps"] or 0)
    return "", "", 0


def last_line(run: Run) -> str:
    """The last line of a run's log, which is the sentence of an error."""
    try:
        lines = run.log.read_text("utf-8", "replace")[-_LOG_END:].strip().splitlines()
    except OSError:
        return ""
    return lines[-1].removeprefix("lstmterm: ") if lines else ""
