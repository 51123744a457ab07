"""The runs as the screen knows them: summaries of all, and the progress of those that are followed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from lstmterm.runs.progress import Progress
from lstmterm.ui.following import JournalRead

if TYPE_CHECKING:
    from lstmterm.runs.summary import Summary


class RunStore:
    """Filled by the follower's messages, read by the panels."""

    def __init__(self) -> None:
        self.summaries: list[Summary] = []
        self.progress: dict[str, Progress] = {}
        self.started: dict[str, str] = {}  # what runs that were started from this screen train

    def take_summaries(self, summaries: Iterable[Summary]) -> list[Summary]:
        """Replace the summaries; returns those of runs that were running and no longer are."""
        before = {run.id for run in self.summaries if run.status == "running"}
        self.summaries = [*summaries]
        known = {run.id for run in self.summaries}
        for gone in self.progress.keys() - known:
            del self.progress[gone]
        return [run for run in self.summaries if run.id in before and run.status != "running"]

    def take(self, read: JournalRead) -> None:
        """Take new events of a run."""
        if read.first:
            self.progress[read.run] = Progress()
        progress = self.progress.setdefault(read.run, Progress())
        for event in read.events:
            progress.take(event)

    def summary(self, run: str | None) -> Summary | None:
        """The summary of a run, if it exists."""
        return next((summary for summary in self.summaries if summary.id == run), None)

    def kind(self, run: Summary) -> str:
        """The kind of model that a run trains, `charlm` or `tagger`; also of one that is still starting."""
        return run.task or self.started.get(run.id, "charlm")

    @property
    def running(self) -> list[Summary]:
        """The runs that train now."""
        return [run for run in self.summaries if run.status == "running"]

    def share(self, run: Summary) -> float:
        """How much of a run is done; from its journal where that is read, which is fresher."""
        progress = self.progress.get(run.id)
        return progress.share if progress is not None and progress.total else run.share
