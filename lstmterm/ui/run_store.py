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
        self.rows: list[Summary] = []
        self.progress: dict[str, Progress] = {}
        self.started: dict[str, str] = {}  # what runs that were started from this screen train

    def take_rows(self, rows: Iterable[Summary]) -> list[Summary]:
        """Replace the rows; returns those that were running and no longer are."""
        before = {row.id for row in self.rows if row.status == "running"}
        self.rows = [*rows]
        known = {row.id for row in self.rows}
        for gone in self.progress.keys() - known:
            del self.progress[gone]
        return [row for row in self.rows if row.id in before and row.status != "running"]

    def take(self, read: JournalRead) -> None:
        """Take new events of a run."""
        if read.first:
            self.progress[read.run] = Progress()
        progress = self.progress.setdefault(read.run, Progress())
        for event in read.events:
            progress.take(event)

    def row(self, run: str | None) -> Summary | None:
        """The row of a run, if it exists."""
        return next((row for row in self.rows if row.id == run), None)

    def task(self, row: Summary) -> str:
        """What a run trains, `charlm` or `tagger`; also of one that is still starting."""
        return row.task or self.started.get(row.id, "charlm")

    @property
    def running(self) -> list[Summary]:
        """The runs that train now."""
        return [row for row in self.rows if row.status == "running"]

    def share(self, row: Summary) -> float:
        """How much of a run is done; from its journal where that is read, which is fresher."""
        progress = self.progress.get(row.id)
        return progress.share if progress is not None and progress.total else row.share
